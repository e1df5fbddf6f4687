import ChatWire

/// A classic frame as a test reads it.
struct ClassicSample: Hashable, CustomStringConvertible {
  var type: ClassicType
  var sequence: UInt16 = 0
  var text: String
  var isLast = false

  /// The frame's bytes.
  var bytes: [UInt8] {
    var output: [UInt8] = []
    encodeClassicFrame(
      type, sequence: sequence, payload: Array(text.utf8), isLast: isLast, into: &output)
    return output
  }

  var description: String {
    "\(type.name) \(sequence)\(isLast ? " last" : "") \(text)"
  }

  /// The one frame that some bytes are.
  init?(_ bytes: [UInt8]) {
    guard let header = FrameHeader(.classic, in: bytes.span.bytes, at: 0),
      bytes.count == 12 + Int(header.length),
      classicChecksum(of: Array(bytes[12...]).span.bytes) == header.checksum
    else { return nil }
    type = ClassicType(rawValue: header.typeCode)
    sequence = header.sequence
    text = String(decoding: bytes[12...], as: UTF8.self)
    isLast = header.flags != 0
  }

  init(_ type: ClassicType, _ text: String = "", sequence: UInt16 = 0, isLast: Bool = false) {
    self.type = type
    self.text = text
    self.sequence = sequence
    self.isLast = isLast
  }

  static let syn = ClassicSample(
    .syn, #"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#)
  static let handshakeAck = ClassicSample(
    .handshakeAck, #"{"session_id": "deadbeef", "message": "Connection established"}"#)
  static let disconnect = ClassicSample(.disconnect, "Disconnect")
  static let listRequest = ClassicSample(.listRequest, "{}")

  static func data(_ text: String, _ sequence: UInt16 = 0, last: Bool = true) -> ClassicSample {
    ClassicSample(.data, text, sequence: sequence, isLast: last)
  }

  static func ack(_ sequence: UInt16) -> ClassicSample {
    ClassicSample(.ack, "ACK for seq \(sequence)", sequence: sequence)
  }

  static func nack(_ sequence: UInt16) -> ClassicSample {
    ClassicSample(.nack, "NACK for seq \(sequence)", sequence: sequence)
  }

  static func channel(
    loss: Double = 0, corruption: Double = 0, delay: Double = 0, seconds: Double = 0
  ) -> ClassicSample {
    var config = ClassicChannelConfig()
    config.lossProbability = loss
    config.corruptionProbability = corruption
    config.delayProbability = delay
    config.delaySeconds = seconds
    var payload: [UInt8] = []
    config.encode(into: &payload)
    return ClassicSample(.channelConfig, String(decoding: payload, as: UTF8.self))
  }
}

extension [UInt8] {
  /// A frame of which the payload is damaged, or if there is none the checksum.
  var damaged: [UInt8] {
    var result = self
    result[count - 1 >= 12 ? count - 1 : 10] ^= 0x55
    return result
  }
}

/// A server session without a connection: what it writes and says, with the time.
final class ClassicServerBench {
  var session: ClassicServerSession
  var now = Instant.zero
  /// Frames written since they were taken last.
  private var written: [ClassicSample] = []
  /// When they were written.
  private(set) var times: [Instant] = []
  /// What was said, without `transmit` and `wait`.
  private var said: [ClassicServerOutput] = []
  /// When the session wants to be asked again.
  private(set) var deadline = Instant.zero
  /// Answers questions as soon as they are asked.
  var answers = true
  /// The nickname given, if not the one that was wanted.
  var nickname: String?
  var names = ["ana", "bob"]

  init(_ configuration: ClassicServerConfiguration = ClassicServerConfiguration(), seed: UInt64 = 1)
  {
    session = ClassicServerSession(configuration, seed: seed, at: .zero)
  }

  /// A session in the room.
  static func established(
    _ configuration: ClassicServerConfiguration = ClassicServerConfiguration(), seed: UInt64 = 1
  ) -> ClassicServerBench {
    let bench = ClassicServerBench(configuration, seed: seed)
    bench.receive(.syn, .handshakeAck)
    _ = bench.takeWritten()
    _ = bench.takeSaid()
    return bench
  }

  func receive(_ samples: ClassicSample...) {
    for sample in samples { receive(bytes: sample.bytes) }
  }

  func receive(bytes: [UInt8]) {
    session.receive(bytes.span.bytes)
    settle()
  }

  /// Takes outputs until the session waits; nothing but its pace passes.
  func settle() {
    while drain(), deadline <= now.advanced(by: .milliseconds(2)) { now = max(now, deadline) }
  }

  /// Takes outputs and lets time pass.
  func pass(_ duration: Duration) {
    let end = now.advanced(by: duration)
    while drain(), deadline <= end { now = max(now, deadline) }
    now = end
    _ = drain()
  }

  /// Takes outputs until `wait` or `ended`; false for the latter.
  func drain() -> Bool {
    while true {
      var buffer: [UInt8] = []
      let output = session.nextOutput(at: now, into: &buffer)
      switch output {
      case .transmit:
        written.append(ClassicSample(buffer) ?? ClassicSample(ClassicType(rawValue: 0), "?"))
        times.append(now)
        continue
      case .wait(let moment):
        deadline = moment
        return true
      case .ended:
        if said.last != output { said.append(output) }
        return false
      default: said.append(output)
      }
      guard answers else { continue }
      switch output {
      case .opening: session.accept(sessionID: "20ccd443")
      case .nicknameWanted(let wanted): session.giveNickname(nickname ?? wanted)
      case .namesWanted: session.list(names)
      default: break
      }
    }
  }

  func takeWritten() -> [ClassicSample] {
    defer { (written, times) = ([], []) }
    return written
  }

  func takeSaid() -> [ClassicServerOutput] {
    defer { said = [] }
    return said
  }

  /// The texts among what was said.
  func takeTexts() -> [String] {
    takeSaid().compactMap {
      guard case .text(let bytes) = $0 else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

/// A client session without a connection.
final class ClassicClientBench {
  var session: ClassicClientSession
  var now = Instant.zero
  private var written: [ClassicSample] = []
  private(set) var times: [Instant] = []
  private var said: [ClassicClientOutput] = []
  private(set) var deadline = Instant.zero

  init(_ configuration: ClassicClientConfiguration = ClassicClientConfiguration()) {
    session = ClassicClientSession(configuration)
    _ = drain()
  }

  static let synAck = ClassicSample(
    .ack,
    #"{"status": "ok", "protocol": "gbn", "max_fragment_size": 3, "window_size": 4, "#
      + #""session_id": "20ccd443", "message": "SYN-ACK: Parameters accepted"}"#)
  static let names = ClassicSample(.listResponse, #"["ana", "bob"]"#)

  /// A session in the room.
  static func established(
    _ configuration: ClassicClientConfiguration = ClassicClientConfiguration()
  ) -> ClassicClientBench {
    let bench = ClassicClientBench(configuration)
    bench.receive(synAck)
    bench.pass(.milliseconds(10))
    bench.receive(names)
    _ = bench.takeWritten()
    _ = bench.takeSaid()
    return bench
  }

  func receive(_ samples: ClassicSample...) {
    for sample in samples { receive(bytes: sample.bytes) }
  }

  func receive(bytes: [UInt8]) {
    session.receive(bytes.span.bytes)
    _ = drain()
  }

  /// Takes outputs and lets time pass.
  func pass(_ duration: Duration) {
    let end = now.advanced(by: duration)
    while drain(), deadline <= end { now = max(now, deadline) }
    now = end
    _ = drain()
  }

  /// Takes outputs until `wait` or `ended`; false for the latter.
  func drain() -> Bool {
    while true {
      var buffer: [UInt8] = []
      let output = session.nextOutput(at: now, into: &buffer)
      switch output {
      case .transmit:
        written.append(ClassicSample(buffer) ?? ClassicSample(ClassicType(rawValue: 0), "?"))
        times.append(now)
      case .wait(let moment):
        deadline = moment
        return true
      case .ended:
        if said.last != output { said.append(output) }
        return false
      default: said.append(output)
      }
    }
  }

  func takeWritten() -> [ClassicSample] {
    defer { (written, times) = ([], []) }
    return written
  }

  func takeSaid() -> [ClassicClientOutput] {
    defer { said = [] }
    return said
  }
}
