import ChatProgram
import ChatWire

/// One client's half of a protocol, without its socket.
protocol Line {
  /// What is told once to the server, or to everybody, when somebody joins: how many clients in all
  /// hear of it if so many join one after the other.
  static func joinNoticeCount(clientCount: Int) -> Int

  /// The server has let this client in.
  var isOpen: Bool { get }
  /// When `drain` has to be called although nothing has come.
  var deadline: Instant { get }
  /// Frames that were sent again; without faults there should be none.
  var retransmissionCount: Int { get }

  /// Takes bytes from the server.
  mutating func receive(_ bytes: RawSpan)
  /// The server sends nothing more.
  mutating func endOfStream()
  /// Has a text to send.
  mutating func say(_ text: [UInt8]) throws
  /// Appends all that is to be sent, and counts what was delivered.
  mutating func drain(
    at now: Instant, into output: inout [UInt8], _ tally: inout Tally
  ) throws
}

/// A client of chat-server: the real thing.
struct NativeLine: Line {
  private var session: Session
  private let number: Int
  private(set) var isOpen = false
  private(set) var deadline = Instant.zero

  init(number: Int, mode: ARQMode, windowSize: Int, checksum: CRC32, at now: Instant) {
    var configuration = ClientConfiguration()
    configuration.mode = mode
    configuration.windowSize = windowSize
    configuration.nickname = Self.nickname(number)
    configuration.name = "chat-bench-fanout"
    // Thousands that join at once are slow, and that is not what is measured.
    configuration.tuning.clientHandshakeLimit = .seconds(120)
    session = Session(
      client: configuration,
      initialSequence: SequenceNumber(UInt16(truncatingIfNeeded: 40_503 &* number)),
      checksum: checksum, at: now)
    self.number = number
  }

  /// Of the same length for all, so that frames are too.
  private static func nickname(_ number: Int) -> String {
    let digits = String(number)
    return "m" + String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
  }

  /// Each hears of everybody who comes later.
  static func joinNoticeCount(clientCount: Int) -> Int { clientCount * (clientCount - 1) / 2 }

  var retransmissionCount: Int { session.status.framesRetransmitted }

  mutating func receive(_ bytes: RawSpan) { session.receive(bytes) }

  mutating func endOfStream() { session.endOfStream() }

  mutating func say(_ text: [UInt8]) throws { try session.send(.data, text) }

  mutating func drain(
    at now: Instant, into output: inout [UInt8], _ tally: inout Tally
  ) throws {
    while true {
      switch session.nextOutput(at: now, into: &output) {
      case .established: isOpen = true
      case .deliver(.data, let message):
        let text = message.span.bytes
        guard text.byteCount >= Text.byteCount else { throw Failure("a broadcast is too short") }
        tally.deliver(
          Text.number(in: text, at: text.byteCount - Text.byteCount), to: number, at: now)
      case .deliver(.notice, let message):
        switch NoticeCode(rawValue: message.first ?? 0) {
        case .joined: tally.joinNoticeCount += 1
        case .refused:
          let reason = String(decoding: message.dropFirst(), as: UTF8.self)
          throw Failure("the server has refused something: \(reason)")
        default: break
        }
      case .transmit, .deliver: break
      case .wait(let moment):
        deadline = moment
        return
      case .ended(let outcome):
        throw Failure("client \(number) has been ended (\(outcome.ending)): \(outcome.text)")
      case .request, .oversized, .peerFinished:
        throw Failure("client \(number): the server does what no server should")
      }
    }
  }
}

/// A client of chat-bench-relay: records with nothing in them but a length.
struct RawLine: Line {
  /// A frame of the native dialect has a header of 11 bytes, and in a broadcast a time, a nickname
  /// and its length before the text; one with an acknowledgement has 15 bytes.
  static let recordSize = 11 + 8 + 1 + 6 + Text.byteCount
  private static let headerSize = 4
  private static let acknowledgement: [UInt8] =
    [0x80, 0, 0, 11] + [UInt8](repeating: 0, count: 11)

  private let number: Int
  private let acknowledges: Bool
  private var received: [UInt8] = []
  private var unsent: [UInt8] = []
  private(set) var isOpen = false

  init(number: Int, acknowledges: Bool) {
    self.number = number
    self.acknowledges = acknowledges
  }

  static func joinNoticeCount(clientCount: Int) -> Int { 0 }

  var deadline: Instant { .distantFuture }
  var retransmissionCount: Int { 0 }

  mutating func receive(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { received += $0 }
  }

  mutating func endOfStream() { isOpen = false }

  mutating func say(_ text: [UInt8]) {
    unsent += [0, 0, 0, UInt8(Self.recordSize - Self.headerSize)]
    unsent += text
    unsent += [UInt8](repeating: 0, count: Self.recordSize - Self.headerSize - text.count)
  }

  mutating func drain(
    at now: Instant, into output: inout [UInt8], _ tally: inout Tally
  ) throws {
    let (count, isGreeted) = takeRecords(at: now, into: &output, &tally)
    if isGreeted { isOpen = true }
    if count == received.count {
      received.removeAll(keepingCapacity: true)
    } else {
      received.removeFirst(count)
    }
    output += unsent
    unsent.removeAll(keepingCapacity: true)
  }

  /// Takes the records that are whole: their size, and whether the empty one is among them.
  private func takeRecords(
    at now: Instant, into output: inout [UInt8], _ tally: inout Tally
  ) -> (byteCount: Int, isGreeted: Bool) {
    var position = 0
    let bytes = received.span.bytes
    var isGreeted = false
    while bytes.byteCount - position >= Self.headerSize {
      let length = Int(bytes.unsafeLoad(fromByteOffset: position + 3, as: UInt8.self))
      if bytes.byteCount - position < Self.headerSize + length { break }
      if length == 0 {
        isGreeted = true
      } else {
        tally.deliver(Text.number(in: bytes, at: position + Self.headerSize), to: number, at: now)
        if acknowledges { output += Self.acknowledgement }
      }
      position += Self.headerSize + length
    }
    return (position, isGreeted)
  }
}
