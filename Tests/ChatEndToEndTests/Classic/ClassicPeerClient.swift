import ChatPosix
import ChatWire
import Foundation
import TestSupport

/// A client as the original one, scripted.
///
/// Its receiving thread takes what `recv(1024)` gives. The original looks at the first frame of
/// each result only; what it would have missed by that is counted, and used all the same: on a
/// loaded machine two frames may lie in one result however long the server waits between them.
///
/// `@unchecked Sendable`: the socket is used by one thread for each direction.
final class ClassicPeerClient: @unchecked Sendable {
  /// What has come.
  struct Arrivals {
    var frames: [ClassicPeerFrame] = []
    /// Frames that the original would not have seen: behind another in one result, or over 1,024
    /// bytes.
    var missedCount = 0
    var isEnded = false
  }

  private let socket: StreamSocket
  private let arrivals = Locked(Arrivals())
  private var usedCount = 0
  private(set) var fragmentSize = 3
  private(set) var acknowledgement: JSONObject?
  let localAddress: String

  init(port: UInt16) throws {
    socket = try StreamSocket.connect(
      host: "127.0.0.1", port: port, timeoutNanoseconds: Int64(patience * 1e9))
    localAddress = socket.localAddress().description
  }

  /// Closes the connection.
  func end() {
    socket.shutDown()
  }

  // MARK: the handshake

  /// SYN, SYN-ACK, HANDSHAKE_ACK, and a little patience, as people who type have.
  func shakeHands(mode: String = "gbn", fragment: Int = 3, window: Int = 4) throws {
    let syn =
      #"{"protocol": "\#(mode)", "max_fragment_size": \#(fragment), "#
      + #""window_size": \#(window)}"#
    try send(ClassicPeerFrame(ClassicPeerType.syn, syn))
    let bytes = try ClassicPeerSocket.receive(socket, 1_024)
    // Type and sequence are not looked at.
    guard let answer = ClassicPeerFrame(bytes) else { throw TestFailure("no SYN-ACK: \(bytes)") }
    let json = try JSONObject(answer.text)
    guard json.string("status") == "ok" else { throw TestFailure("refused: \(answer.text)") }
    acknowledgement = json
    fragmentSize = json.integer("max_fragment_size") ?? fragment
    let session = json.string("session_id") ?? ""
    try send(
      ClassicPeerFrame(
        ClassicPeerType.handshakeAck,
        #"{"session_id": "\#(session)", "message": "Connection established"}"#))
    // The thread keeps this object, and ends with the connection.
    try ChatPosix.Thread.detach("classic client") { self.receiveAll() }
  }

  private func receiveAll() {
    while let bytes = try? ClassicPeerSocket.receive(socket, 1_024), !bytes.isEmpty {
      var rest = bytes
      var number = 0
      while !rest.isEmpty {
        // The rest of a frame that was cut by the size of the buffer.
        while ClassicPeerFrame(rest) == nil, rest.count < 1 << 20 {
          guard let more = try? ClassicPeerSocket.receive(socket, 1_024), !more.isEmpty else {
            break
          }
          rest += more
        }
        guard let frame = ClassicPeerFrame(rest) else { break }
        let size = ClassicPeerFrame.headerSize + frame.payload.count
        rest.removeFirst(size)
        let isMissed = number > 0 || size > 1_024
        arrivals.change { arrivals in
          arrivals.frames.append(frame)
          if isMissed { arrivals.missedCount += 1 }
        }
        number += 1
      }
    }
    arrivals.change { $0.isEnded = true }
  }

  // MARK: what it says

  func send(_ frame: ClassicPeerFrame) throws { try ClassicPeerSocket.send(socket, frame) }

  /// Sends a frame whose checksum fails.
  func sendDamaged(_ frame: ClassicPeerFrame) throws {
    var bytes = frame.bytes
    bytes[bytes.count - 1] ^= 1
    try ClassicPeerSocket.send(socket, bytes)
  }

  /// Stop-and-wait over pieces of so many code points; a NACK asks for the piece again.
  func say(_ text: String) throws {
    let scalars = Array(text.unicodeScalars)
    var sequence: UInt16 = 0
    for start in stride(from: 0, to: scalars.count, by: fragmentSize) {
      let end = min(start + fragmentSize, scalars.count)
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[start..<end])
      let frame = ClassicPeerFrame(
        ClassicPeerType.data, sequence: sequence, isLast: end == scalars.count, String(piece))
      var answer: ClassicPeerFrame
      repeat {
        try send(frame)
        answer = try waitForAnswer("an answer to fragment \(sequence)") {
          [ClassicPeerType.ack, ClassicPeerType.nack].contains($0.type)
            && $0.sequence == sequence && !$0.text.hasPrefix("NICK OK")
        }
      } while answer.type == ClassicPeerType.nack
      sequence += 1
    }
  }

  /// Asks for a nickname, and returns the one given.
  func setNickname(_ nickname: String) throws -> String {
    try send(ClassicPeerFrame(ClassicPeerType.setNick, nickname))
    let answer = try waitForAnswer("NICK OK") {
      $0.type == ClassicPeerType.ack && $0.text.hasPrefix("NICK OK: ")
    }
    return String(answer.text.dropFirst("NICK OK: ".count))
  }

  /// Who is here.
  func list() throws -> [String] {
    try send(ClassicPeerFrame(ClassicPeerType.listRequest, "{}"))
    let answer = try waitForAnswer("the list") { $0.type == ClassicPeerType.listResponse }
    guard
      let names = try? JSONSerialization.jsonObject(with: Data(answer.payload)) as? [String]
    else { throw TestFailure("this is no list: \(answer.text)") }
    return names
  }

  /// Says goodbye, and waits for the server to close.
  func disconnect() throws {
    try send(ClassicPeerFrame(ClassicPeerType.disconnect, "Disconnect"))
    _ = try waitForAnswer("Disconnect ACK") { $0.text == "Disconnect ACK" }
    try waitForEnd()
  }

  // MARK: what it hears

  /// What others have said, as the original shows it: `[NAME] TEXT`.
  var broadcasts: [String] {
    arrivals.withLock { $0.frames.filter { $0.type == ClassicPeerType.data }.map(\.text) }
  }

  var missedCount: Int { arrivals.withLock { $0.missedCount } }
  var frames: [ClassicPeerFrame] { arrivals.withLock { $0.frames } }

  /// Waits until its broadcasts are as wished.
  func wait(for what: String, where isSo: ([String]) -> Bool) throws {
    let deadline = Clock.monotonicNanoseconds() + Int64(patience * 1e9)
    let found: Void? = arrivals.wait(untilNanoseconds: deadline) { arrivals in
      isSo(arrivals.frames.filter { $0.type == ClassicPeerType.data }.map(\.text)) ? () : nil
    }
    if found == nil { throw TestFailure("\(what); there is \(broadcasts.suffix(10))") }
  }

  /// Waits for a broadcast.
  func wait(for broadcast: String) throws {
    try wait(for: "the broadcast \(broadcast)") { $0.contains(broadcast) }
  }

  /// Waits for the end of the connection.
  func waitForEnd() throws {
    let deadline = Clock.monotonicNanoseconds() + Int64(patience * 1e9)
    guard arrivals.wait(untilNanoseconds: deadline, for: { $0.isEnded ? true : nil }) != nil else {
      throw TestFailure("the server does not close the connection")
    }
  }

  /// Waits for a frame.
  func waitForFrame(_ what: String, where isIt: (ClassicPeerFrame) -> Bool) throws {
    _ = try waitForAnswer(what, where: isIt)
  }

  /// The next frame that fits, each taken once.
  private func waitForAnswer(
    _ what: String, where isIt: (ClassicPeerFrame) -> Bool
  ) throws -> ClassicPeerFrame {
    let deadline = Clock.monotonicNanoseconds() + Int64(patience * 1e9)
    let start = usedCount
    let found = arrivals.wait(untilNanoseconds: deadline) { arrivals -> Int? in
      arrivals.frames[start...].firstIndex(where: isIt) ?? (arrivals.isEnded ? -1 : nil)
    }
    guard let found, found >= 0 else { throw TestFailure("\(what) did not come") }
    usedCount = found + 1
    return arrivals.withLock { $0.frames[found] }
  }
}
