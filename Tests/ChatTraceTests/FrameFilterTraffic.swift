import ChatWire
import TestSupport

/// A frame with what its payload says, which is known because it was made from that.
struct KnownFrame {
  var direction: Direction
  var dialect = Dialect.native
  var header: FrameHeader
  var bytes: [UInt8]
  var isGood = true

  var text: String?
  var nickname: String?
  var reason: String?
  var code: UInt64?
  var nextExpected: UInt64?
  var advertisedWindow: UInt64?
  /// `options.window` or `options.window_size`.
  var optionWindow: UInt64?

  var payload: ArraySlice<UInt8> { bytes[dialect.headerSize...] }

  init(
    _ direction: Direction, _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [],
    flags: UInt8? = nil
  ) {
    self.direction = direction
    bytes = native(type, sequence, payload, flags: flags ?? (type.isSequenced ? 1 : 0))
    header = Self.header(.native, of: bytes)
  }

  init(
    classic direction: Direction, _ type: ClassicType, _ sequence: UInt16, _ payload: [UInt8] = [],
    isLast: Bool = true
  ) {
    self.direction = direction
    dialect = .classic
    bytes = []
    encodeClassicFrame(type, sequence: sequence, payload: payload, isLast: isLast, into: &bytes)
    header = Self.header(.classic, of: bytes)
  }

  private static func header(_ dialect: Dialect, of bytes: [UInt8]) -> FrameHeader {
    FrameHeader(dialect, in: bytes.span.bytes, at: 0)
      ?? FrameHeader(length: 0, typeCode: 0, sequence: 0, checksum: 0, flags: 0)
  }

  /// The same frame, said to have a wrong checksum: what it says cannot be relied on, but what
  /// native control frames say is shown all the same.
  var damaged: KnownFrame {
    var frame = self
    frame.isGood = false
    frame.text = nil
    frame.nickname = nil
    let type = FrameType(rawValue: header.typeCode)
    if dialect == .classic || type.isSequenced {
      frame.code = nil
      frame.reason = nil
      frame.optionWindow = nil
    }
    return frame
  }

  /// A later copy.
  var copy: KnownFrame {
    guard dialect == .native else { return self }
    var frame = self
    frame.header.flags |= FrameHeader.retransmissionFlag
    frame.bytes[10] |= FrameHeader.retransmissionFlag
    return frame
  }
}

/// Frames of any type in both directions of a session, some of them damaged or sent again.
struct KnownTraffic {
  private(set) var frames: [KnownFrame] = []
  private var random: SeededGenerator
  /// The next sequence number, native: of each direction.
  private var next: [Direction: UInt16] = [.clientToServer: 100, .serverToClient: 60_000]
  /// The last sequenced frame of each direction ended a message.
  private var isBetween: [Direction: Bool] = [.clientToServer: true, .serverToClient: true]

  static let names = ["bob", "Ana", "eve", "ä"]
  static let texts = ["hello", "Hello, bob", "meet at 9", "ä", "no", "full of hello"]

  init(_ dialect: Dialect, count: Int, seed: UInt64) {
    random = SeededGenerator(seed: seed)
    if dialect == .native { frames = [syn(), synAck()] }
    while frames.count < count {
      var frame = dialect == .native ? native() : classic()
      let dice = Int.random(in: 0..<10, using: &random)
      if dice == 0 {
        frames.append(frame.damaged)
      } else if dice == 1, dialect == .native {
        frames.append(frame)
        frame = frame.copy
      }
      frames.append(frame)
    }
  }

  private mutating func one<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  // MARK: native

  private mutating func native() -> KnownFrame {
    let direction: Direction = Bool.random(using: &random) ? .clientToServer : .serverToClient
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return KnownFrame(direction, .ping, 0, Array(0..<8))
    case 1: return error(direction)
    case 2...3:
      let statement = AcknowledgementPayload(
        nextExpected: SequenceNumber(UInt16.random(in: 98...110, using: &random)),
        window: UInt16.random(in: 0...4, using: &random))
      var payload: [UInt8] = []
      statement.encode(into: &payload)
      var frame = KnownFrame(direction, one([.ack, .nack]), 101, payload)
      frame.nextExpected = UInt64(statement.nextExpected.rawValue)
      frame.advertisedWindow = UInt64(statement.window)
      return frame
    case 4...5 where isBetween[direction] == true: return message(direction)
    default: return data(direction)
    }
  }

  private mutating func syn() -> KnownFrame {
    let window = UInt8.random(in: 1...99, using: &random)
    let nickname = one(Self.names)
    var frame = KnownFrame(
      .clientToServer, .syn, 99,
      EngineSessionTests.syn(mode: 1, window: window)
        + SimulatedSession.options([(8, Array(nickname.utf8))]))
    frame.optionWindow = UInt64(window)
    frame.nickname = nickname
    return frame
  }

  private func synAck() -> KnownFrame {
    var frame = KnownFrame(
      .serverToClient, .synAck, 59_999, EngineSessionTests.synAck(mode: 1, acknowledges: 99))
    frame.optionWindow = 4
    frame.nickname = "ana"
    return frame
  }

  private mutating func error(_ direction: Direction) -> KnownFrame {
    let coded = CodedText(code: UInt8.random(in: 1...6, using: &random), text: one(Self.texts))
    var payload: [UInt8] = []
    coded.encode(into: &payload)
    var frame = KnownFrame(direction, .error, 0, payload)
    frame.code = UInt64(coded.code)
    frame.reason = coded.text
    return frame
  }

  private mutating func sequence(_ direction: Direction) -> UInt16 {
    let sequence = next[direction] ?? 0
    next[direction] = sequence &+ 1
    return sequence
  }

  /// A fragment, or a whole text.
  private mutating func data(_ direction: Direction) -> KnownFrame {
    let text = one(Self.texts)
    let nickname = one(Self.names)
    let isLast = Int.random(in: 0..<3, using: &random) > 0
    let isWhole = isLast && isBetween[direction] == true
    isBetween[direction] = isLast
    var payload = Array(text.utf8)
    if direction == .serverToClient {
      payload = []
      _ = Broadcast(sentAtMilliseconds: 5, nickname: nickname, text: text).encode(into: &payload)
    }
    var frame = KnownFrame(
      direction, .data, sequence(direction), payload, flags: isLast ? 1 : 0)
    guard isWhole else { return frame }
    frame.text = text
    if direction == .serverToClient { frame.nickname = nickname }
    return frame
  }

  /// Another message than a text, in one frame.
  private mutating func message(_ direction: Direction) -> KnownFrame {
    let name = one(Self.names)
    let sequence = sequence(direction)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      var frame = KnownFrame(direction, .nick, sequence, Array(name.utf8))
      frame.nickname = name
      return frame
    case 1:
      var frame = KnownFrame(direction, .fin, sequence, Array(name.utf8))
      frame.reason = name
      return frame
    case 2:
      let coded = Notice.joined(nickname: name).payload
      var payload: [UInt8] = []
      coded.encode(into: &payload)
      var frame = KnownFrame(direction, .notice, sequence, payload)
      frame.code = UInt64(coded.code)
      frame.reason = name
      frame.nickname = name
      return frame
    default: return KnownFrame(direction, .who, sequence)
    }
  }

  // MARK: classic

  private mutating func classic() -> KnownFrame {
    let (name, text) = (one(Self.names), one(Self.texts))
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      let window = Int.random(in: 1...99, using: &random)
      var frame = KnownFrame(
        classic: .clientToServer, .syn, 0,
        Array("{\"protocol\": \"gbn\", \"window_size\": \(window)}".utf8))
      frame.optionWindow = UInt64(window)
      return frame
    case 1:
      var frame = KnownFrame(classic: .clientToServer, .setNick, 0, Array(name.utf8))
      frame.nickname = name
      return frame
    case 2:
      var payload: [UInt8] = []
      ClassicAcknowledgement.encodeNickname(name, into: &payload)
      var frame = KnownFrame(classic: .serverToClient, .ack, 0, payload)
      frame.nickname = name
      return frame
    case 3:
      var payload: [UInt8] = []
      ClassicAcknowledgement.encodeFragment(sequence: 0, into: &payload)
      return KnownFrame(classic: .serverToClient, .ack, 0, payload)
    case 4: return KnownFrame(classic: .clientToServer, .listRequest, 0)
    case 5...6:
      var frame = KnownFrame(
        classic: .serverToClient, .data, 0, Array("[\(name)] \(text)".utf8))
      frame.nickname = name
      frame.text = text
      return frame
    default:
      let sequence = UInt16.random(in: 0...1, using: &random)
      let isLast = Bool.random(using: &random)
      var frame = KnownFrame(
        classic: .clientToServer, .data, sequence, Array(text.utf8), isLast: isLast)
      if sequence == 0, isLast { frame.text = text }
      return frame
    }
  }
}
