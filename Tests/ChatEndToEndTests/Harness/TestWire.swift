// Both ends are driven by the thread of the test, in one loop: what happens at one end and what at
// the other is then never a matter of which thread runs first.

import ChatPosix
import ChatWire
import Foundation
import TestSupport

/// One end of a connection: it sends, reads and ends as it is told, and looks at all that comes.
final class WireEnd {
  /// How the other end stopped sending.
  enum Ending: Equatable {
    case finished, broken
  }

  private var socket: StreamSocket?
  fileprivate let outgoing: TestBytes
  fileprivate let incoming: TestBytes
  private var cuts: SeededGenerator
  private var sendCount = 0
  private var isFinishing = false
  private var isFinished = false

  /// Bytes that the connection has taken.
  private(set) var sentCount = 0
  /// Bytes that have come.
  private(set) var receivedCount = 0
  /// All of them were what the other end has sent.
  private(set) var isIntact = true
  /// How the other end stopped sending, if it has.
  private(set) var ending: Ending?
  /// The connection takes no more.
  private(set) var hasFailedToWrite = false
  /// What comes is read.
  var isReading = true

  fileprivate init(
    _ socket: consuming StreamSocket, sends outgoing: TestBytes, expects incoming: TestBytes,
    seed: UInt64
  ) {
    self.socket = consume socket
    self.outgoing = outgoing
    self.incoming = incoming
    cuts = SeededGenerator(seed: seed)
  }

  /// What the kernel holds for whoever is at the other end and does not read it; IPv4 only.
  func unreadByteCount() throws -> Int {
    switch socket {
    case .some(let socket):
      try SocketTable.unreadByteCount(
        from: socket.localAddress().port, to: socket.peerAddress().port)
    case .none: 0
    }
  }

  /// After so many bytes, what it sends begins again.
  var period: Int { outgoing.period }

  /// Sends so many bytes more.
  func send(_ count: Int) { sendCount += count }

  /// Sends nothing of what has not gone yet.
  func sendNoMore() { sendCount = sentCount }

  /// Sends no more, when all that was to be sent has gone.
  func finish() { isFinishing = true }

  /// Breaks the connection.
  func reset() {
    socket?.resetOnClose()
    socket = nil
  }

  /// Closes the connection in both directions.
  func close() { socket = nil }

  /// Everything that was to be sent has gone.
  var isAllSent: Bool { sentCount == sendCount && (isFinished || !isFinishing) }

  fileprivate var entry: Poll.Entry {
    var interest: WakeablePoll.Interest = []
    if isReading, ending == nil { interest.insert(.readable) }
    if !isAllSent, !hasFailedToWrite { interest.insert(.writable) }
    return Poll.Entry(interest.isEmpty ? -1 : socket?.rawValue ?? -1, interest)
  }

  fileprivate func act(into buffer: inout [UInt8]) {
    if isReading, ending == nil { read(into: &buffer) }
    if !isAllSent, !hasFailedToWrite { write() }
  }

  private func read(into buffer: inout [UInt8]) {
    switch socket?.read(into: &buffer) {
    case .bytes(let count):
      isIntact = isIntact && incoming.matches(buffer, count: count, at: receivedCount)
      receivedCount += count
    case .endOfStream: ending = hasFailedToWrite ? .broken : .finished
    case .failed: ending = .broken
    case .wouldBlock, nil: break
    }
  }

  private func write() {
    // Every size that a segment, a frame or a buffer may have, small ones seldom enough to be done.
    let longest = [3, 100, 1_460, 10_000, 70_000, 300_000][Int(cuts.next() % 6)]
    let count = min(sendCount - sentCount, 1 + Int(cuts.next() % UInt64(longest)))
    if count > 0, let transfer = socket.writeSome(of: outgoing, from: sentCount, atMost: count) {
      switch transfer {
      case .bytes(let written): sentCount += written
      case .failed, .endOfStream: hasFailedToWrite = true
      case .wouldBlock: break
      }
    }
    if isFinishing, !isFinished, sentCount == sendCount {
      isFinished = true
      socket?.shutDownWriting()
    }
  }
}

extension StreamSocket? {
  fileprivate borrowing func writeSome(
    of bytes: TestBytes, from offset: Int, atMost count: Int
  ) -> StreamSocket.Transfer? {
    switch self {
    case .some(let socket): bytes.write(to: socket, from: offset, atMost: count)
    case .none: nil
    }
  }
}

/// A connection with both of its ends.
struct TestWire {
  let client: WireEnd
  let server: WireEnd

  /// Lets both ends of connections do what they were told until something is so.
  static func run(
    _ wires: [TestWire], until what: String, seconds: Double = patience, _ isSo: () throws -> Bool
  ) throws {
    let deadline = Clock.monotonicNanoseconds() + Int64(seconds * 1e9)
    let ends = wires.flatMap { [$0.client, $0.server] }
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while try !isSo() {
      guard Clock.monotonicNanoseconds() < deadline else {
        let states = ends.prefix(4).map { "\($0.sentCount) sent, \($0.receivedCount) received" }
        throw TestFailure("\(what): not within \(Int(seconds)) s; \(states)")
      }
      var entries = ends.map(\.entry)
      Poll.wait(for: &entries, nanoseconds: 20_000_000)
      for (end, entry) in zip(ends, entries) where !entry.result.isEmpty { end.act(into: &buffer) }
    }
  }

  /// Lets both ends do what they were told until one of them cannot send, for as long as anybody
  /// looks.
  func run(untilStalled end: WireEnd) throws {
    var sentCount = -1
    var looks = 0
    try run(until: "nothing can be sent any more") {
      looks = end.sentCount == sentCount ? looks + 1 : 0
      sentCount = end.sentCount
      return looks >= 10
    }
  }

  /// Lets the client send until it is not read any more, and no longer: all that it has sent is
  /// where it was sent to.
  func runUntilHeldUp() throws {
    var looks = 0
    while looks < 5 {
      if looks == 0 { client.send(50_000) }
      try run(until: "the connection takes what is sent") { client.isAllSent }
      looks = try client.unreadByteCount() > 0 ? looks + 1 : 0
      if looks > 0 { usleep(20_000) }
    }
  }

  /// Lets both ends do what they were told until something is so.
  func run(until what: String, _ isSo: () throws -> Bool) throws {
    try Self.run([self], until: what, isSo)
  }
}

/// Connects to a port, and waits to be sent away by a reset.
func expectReset(by port: UInt16) throws {
  let socket: StreamSocket
  do throws(SocketError) {
    socket = try StreamSocket.connect(
      host: "127.0.0.1", port: port, timeoutNanoseconds: Int64(patience * 1e9))
  } catch {
    // It came before the connection was looked at.
    guard case .system = error else { throw TestFailure("no connection: \(error.message)") }
    return
  }
  var buffer = [UInt8](repeating: 0, count: 100)
  var entries = [Poll.Entry(socket.rawValue, .readable)]
  Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
  guard case .failed = socket.read(into: &buffer) else {
    throw TestFailure("the connection is not broken")
  }
}

/// The place of a server: what connects here becomes the other end of a wire.
final class TestUpstream {
  private let listener: StreamListener
  /// Where it listens.
  let port: UInt16

  init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
    listener = try StreamListener(host: host, port: port)
    self.port = listener.address().port
    _ = ProcessLimits.raiseOpenFiles()
  }

  /// Connects to a port that leads here, directly or not.
  ///
  /// - Parameter bufferSize: What the kernel may hold at each end, in each direction.
  func connect(
    host: String = "127.0.0.1", through port: UInt16, client: TestBytes, server: TestBytes,
    bufferSize: Int32? = nil
  ) throws -> TestWire {
    try answer(
      call(host: host, through: port, client: client, server: server, bufferSize: bufferSize),
      bufferSize: bufferSize)
  }

  /// Connects to a port that leads here, perhaps later.
  func call(
    host: String = "127.0.0.1", through port: UInt16, client: TestBytes, server: TestBytes,
    bufferSize: Int32? = nil
  ) throws -> WireEnd {
    let socket = try StreamSocket.connect(
      host: host, port: port, timeoutNanoseconds: Int64(patience * 1e9))
    socket.setBufferSizes(send: bufferSize, receive: bufferSize)
    return WireEnd(socket, sends: client, expects: server, seed: 1)
  }

  /// Waits for the other end of the connection that has called first.
  func answer(_ client: WireEnd, bufferSize: Int32? = nil) throws -> TestWire {
    var entries = [Poll.Entry(listener.pollDescriptor, .readable)]
    Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
    guard case .connection(let socket, _) = listener.accept() else {
      throw TestFailure("nobody connects")
    }
    socket.setBufferSizes(send: bufferSize, receive: bufferSize)
    return TestWire(
      client: client,
      server: WireEnd(socket, sends: client.incoming, expects: client.outgoing, seed: 2))
  }

  /// Somebody has connected and was not accepted yet.
  var hasArrived: Bool {
    var entries = [Poll.Entry(listener.pollDescriptor, .readable)]
    Poll.wait(for: &entries, nanoseconds: 0)
    return !entries[0].result.isEmpty
  }
}
