import ChatPosix
import ChatWire
import Foundation
import TestSupport

/// A server as the original one, scripted: it reads as that does, faults included.
///
/// It serves one client after the other, and notes what it gets.
final class ClassicPeerServer: Sendable {
  /// What it does out of the ordinary.
  struct Script {
    /// So many transmissions are answered with NACK before one is taken.
    var nackCount = 0
    /// Never answers DATA.
    var isSilent = false
    /// Closes the connection when DATA comes.
    var closesOnData = false
    /// Sends a broadcast before the SYN-ACK.
    var broadcastsFirst: String?
    /// Who is here besides the client.
    var names: [String] = []
  }

  /// What it has got.
  struct Notes {
    /// The first bytes of a connection, as they came.
    var opening: [UInt8] = []
    var syn: String?
    var handshakeAck: String?
    /// Every frame after the handshake.
    var frames: [ClassicPeerFrame] = []
    /// Whole messages.
    var messages: [String] = []
    var nickname = ""
    var connectionCount = 0
    /// The connection was given up for something that the original does not take.
    var fault: String?
    var hasEnded = false
  }

  let port: UInt16
  private let listener: StreamListener
  private let script: Script
  private let notes = Locked(Notes())
  private let wakeUp: WakeUp
  private let thread = Locked<ChatPosix.Thread?>(nil)
  /// The client's connection, for what the server says by itself.
  private let toSend = Locked<[ClassicPeerFrame]>([])

  private init(_ script: Script) throws {
    self.script = script
    listener = try StreamListener(host: "127.0.0.1", port: 0)
    port = listener.address().port
    wakeUp = try WakeUp()
  }

  /// Runs a server while `body` runs.
  static func run(
    _ script: Script = Script(), _ body: (ClassicPeerServer) throws -> Void
  ) throws {
    let server = try ClassicPeerServer(script)
    let thread = try ChatPosix.Thread.start("classic server") { server.serve() }
    defer {
      server.notes.change { $0.hasEnded = true }
      server.wakeUp.signal()
      thread.join()
    }
    try body(server)
  }

  /// What it has got so far.
  var noted: Notes { notes.withLock { $0 } }

  /// Waits until it has got something.
  func wait(for what: String, where isSo: (Notes) -> Bool) throws {
    let deadline = Clock.monotonicNanoseconds() + Int64(patience * 1e9)
    let found: Void? = notes.wait(untilNanoseconds: deadline) { isSo($0) ? () : nil }
    if found == nil { throw TestFailure("the original server waits for \(what): \(noted)") }
  }

  /// Says something as another client would.
  func broadcast(_ text: String) {
    toSend.withLock { $0.append(ClassicPeerFrame(ClassicPeerType.data, isLast: true, text)) }
    wakeUp.signal()
  }

  // MARK: its thread

  private var isOver: Bool { notes.withLock { $0.hasEnded } }

  /// Waits until something can be read, sending what is to be sent; false when the test is over.
  private func wait(_ descriptor: Int32, client: Int32? = nil) -> Bool {
    var entries = [
      Poll.Entry(descriptor, .readable), Poll.Entry(wakeUp.pollDescriptor, .readable),
    ]
    Poll.wait(for: &entries, nanoseconds: 50_000_000)
    wakeUp.clear()
    return !entries[0].result.isEmpty
  }

  private func serve() {
    while !isOver {
      guard wait(listener.pollDescriptor), case .connection(let socket, _) = listener.accept()
      else { continue }
      notes.change { $0.connectionCount += 1 }
      do {
        try serve(socket)
      } catch {
        notes.change { $0.fault = "\(error)" }
      }
      socket.shutDown()
    }
  }

  /// `recv` of at most so many bytes.
  private func receive(_ socket: borrowing StreamSocket, _ count: Int) throws -> [UInt8] {
    while !wait(socket.rawValue) {
      if isOver { throw TestFailure("the test is over") }
      for frame in toSend.withLock({ list in
        defer { list = [] }
        return list
      }) {
        try ClassicPeerSocket.send(socket, frame)
      }
    }
    return try ClassicPeerSocket.receive(socket, count)
  }

  private func serve(_ socket: borrowing StreamSocket) throws {
    // "Each of the two frames must arrive whole in one recv(1024)", and the rest is thrown away.
    let opening = try receive(socket, 1_024)
    notes.change { $0.opening = opening }
    guard let syn = ClassicPeerFrame(opening), syn.type == ClassicPeerType.syn else {
      throw TestFailure("no SYN in the first recv: \(opening)")
    }
    notes.change { $0.syn = syn.text }
    if let text = script.broadcastsFirst {
      try ClassicPeerSocket.send(
        socket, ClassicPeerFrame(ClassicPeerType.data, isLast: true, text))
    }
    let asked = try JSONObject(syn.text)
    let answer =
      #"{"status": "ok", "protocol": "\#(asked.string("protocol") ?? "gbn")", "#
      + #""max_fragment_size": \#(min(asked.integer("max_fragment_size") ?? 3, 3)), "#
      + #""window_size": \#(asked.integer("window_size") ?? 4), "session_id": "20ccd443", "#
      + #""message": "SYN-ACK: Parameters accepted"}"#
    try ClassicPeerSocket.send(socket, ClassicPeerFrame(ClassicPeerType.ack, answer))
    guard let completion = ClassicPeerFrame(try receive(socket, 1_024)),
      completion.type == ClassicPeerType.handshakeAck
    else { throw TestFailure("no HANDSHAKE_ACK in the second recv") }
    notes.change { $0.handshakeAck = completion.text }
    try serveFrames(socket)
  }

  private func serveFrames(_ socket: borrowing StreamSocket) throws {
    var nackCount = script.nackCount
    var pieces: [UInt8] = []
    while let frame = try nextFrame(socket) {
      notes.change { $0.frames.append(frame) }
      switch frame.type {
      case ClassicPeerType.data:
        if script.closesOnData { return }
        if script.isSilent { continue }
        if nackCount > 0 {
          nackCount -= 1
          try answer(socket, ClassicPeerType.nack, frame.sequence, "NACK")
          continue
        }
        pieces += frame.payload
        try answer(socket, ClassicPeerType.ack, frame.sequence, "ACK")
        guard frame.isLast else { continue }
        let text = String(decoding: pieces, as: UTF8.self)
        notes.change { $0.messages.append(text) }
        pieces = []
      case ClassicPeerType.setNick:
        notes.change { $0.nickname = frame.text }
        try ClassicPeerSocket.send(
          socket, ClassicPeerFrame(ClassicPeerType.ack, "NICK OK: \(frame.text)"))
      case ClassicPeerType.listRequest:
        let own = noted.nickname.isEmpty ? "127.0.0.1:40000" : noted.nickname
        let names = (script.names + [own]).map { "\"\($0)\"" }.joined(separator: ", ")
        try ClassicPeerSocket.send(
          socket, ClassicPeerFrame(ClassicPeerType.listResponse, "[\(names)]"))
      case ClassicPeerType.disconnect:
        try ClassicPeerSocket.send(
          socket, ClassicPeerFrame(ClassicPeerType.ack, "Disconnect ACK"))
        return
      default: break
      }
    }
  }

  private func answer(
    _ socket: borrowing StreamSocket, _ type: UInt8, _ sequence: UInt16, _ word: String
  ) throws {
    try ClassicPeerSocket.send(
      socket,
      ClassicPeerFrame(type, sequence: sequence, "\(word) for seq \(sequence)"))
  }

  /// `recv(12)`, then `recv(length)`, each once; nil at the end of the stream.
  private func nextFrame(_ socket: borrowing StreamSocket) throws -> ClassicPeerFrame? {
    let header = try receive(socket, ClassicPeerFrame.headerSize)
    if header.isEmpty { return nil }
    guard header.count == ClassicPeerFrame.headerSize else {
      throw TestFailure("a header in two pieces")
    }
    let length = header[..<4].reduce(0) { $0 << 8 | Int($1) }
    let payload = length == 0 ? [] : try receive(socket, length)
    guard payload.count == length else { throw TestFailure("a payload in two pieces") }
    guard let frame = ClassicPeerFrame(header + payload) else {
      throw TestFailure("a bad checksum")
    }
    return frame
  }
}
