import ChatWire

// What a packet of a recording says to a program: an object of JSON in a comment of its own. It is
// all that reading needs beside the bytes and the time.

/// The comment `chat-inspect: {...}` of a packet, for programs.
struct RecordingMark: Sendable, Equatable {
  /// What happened, if it is more than bytes that arrive or go out.
  enum Event: String, Sendable {
    /// The connection is open on both sides.
    case open
    /// Somebody has decided about a frame that was held.
    case decision
    /// The sender of the direction sends no more.
    case halfClose = "half_close"
    /// The connection has been closed, or reset.
    case close, reset
  }

  var connection: Int
  var direction: Direction?
  /// Of the frame, or of the run of other bytes, within the connection; the same on both legs.
  var number: UInt64?
  /// Which packet of how many it lies in, from 1.
  var part = 1
  var parts = 1
  var event: Event?
  /// The number of the frame in the trace that a decision is about.
  var frame: UInt64?
  var client: String?
  var server: String?
  var disposition: TraceEvent.Disposition?
  var acts: [TappedAct] = []

  init(_ connection: Int, _ direction: Direction? = nil, number: UInt64? = nil) {
    self.connection = connection
    self.direction = direction
    self.number = number
  }

  static let prefix: StaticString = "chat-inspect: "
  /// The longest comment for people.
  static let humanByteCountMax = 4 << 10
  /// Acts that are longer go on in another comment: an option has at most 65535 bytes.
  private static let commentByteCountMax = 60_000
  /// The longest address that is kept, and what is kept of a rule that does not fit in a comment.
  private static let textByteCountMax = 2 << 10

  /// The number that copies of a packet share on both legs: connection, number and part.
  var packetIdentifier: UInt64 {
    UInt64(truncatingIfNeeded: connection) << 42 | (number ?? 0) << 10 & 0x3FF_FFFF_FC00
      | UInt64(truncatingIfNeeded: part - 1) & 0x3FF
  }

  // MARK: writing

  /// Appends it as options of a block.
  func append(to block: inout [UInt8]) {
    var start = block.beginOption(PcapngCode.comment)
    block.append(Self.prefix)
    block.append("{\"connection\":")
    block.append(decimal: UInt64(clamping: connection))
    switch direction {
    case .clientToServer: block.append(",\"direction\":\"c2s\"")
    case .serverToClient: block.append(",\"direction\":\"s2c\"")
    case nil: break
    }
    if let number {
      block.append(",\"number\":")
      block.append(decimal: number)
    }
    if !isPlain { appendRest(to: &block, &start) }
    block.append("}")
    block.endOption(from: start)
  }

  private var isPlain: Bool {
    acts.isEmpty && parts == 1 && event == nil && client == nil && disposition == nil
  }

  private func appendRest(to block: inout [UInt8], _ start: inout Int) {
    if parts > 1 {
      block.append(",\"part\":")
      block.append(decimal: UInt64(clamping: part))
      block.append(",\"parts\":")
      block.append(decimal: UInt64(clamping: parts))
    }
    if let event { block.append(",\"event\":", json: event.rawValue) }
    if let frame {
      block.append(",\"frame\":")
      block.append(decimal: frame)
    }
    if let client { block.append(",\"client\":", json: Self.shortened(client)) }
    if let server { block.append(",\"server\":", json: Self.shortened(server)) }
    if let disposition, disposition != .forwarded {
      block.append(",\"disposition\":", json: disposition.name)
    }
    appendActs(to: &block, &start)
  }

  private func appendActs(to block: inout [UInt8], _ start: inout Int) {
    guard !acts.isEmpty else { return }
    block.append(",\"acts\":[")
    var isFirst = true
    for act in acts {
      var object = Self.object(act.rule, act.action.description)
      if object.count > Self.commentByteCountMax {
        object = Self.object(Self.shortened(act.rule), Self.shortened(act.action.description))
      }
      if block.count - start + object.count > Self.commentByteCountMax {
        block.append("]}")
        block.endOption(from: start)
        start = block.beginOption(PcapngCode.comment)
        block.append(Self.prefix)
        block.append("{\"acts\":[")
        isFirst = true
      }
      if !isFirst { block.append(",") }
      block += object
      isFirst = false
    }
    block.append("]")
  }

  private static func object(_ rule: String, _ action: String) -> [UInt8] {
    var object: [UInt8] = []
    object.append("{\"rule\":", json: rule)
    object.append(",\"action\":", json: action)
    object.append("}")
    return object
  }

  /// What is escaped is six times as long.
  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > textByteCountMax else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: textByteCountMax)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return String(text[..<end])
  }

  // MARK: reading

  /// Reads the comments of a packet; nil if none is one of these, or it says nothing that can be.
  init?(comments: [Range<Int>], in bytes: RawSpan) {
    var mark: RecordingMark?
    for comment in comments {
      guard let value = Self.object(comment, in: bytes) else { continue }
      if mark == nil {
        mark = RecordingMark(value)
      } else if case .array(let acts) = value["acts"] {
        mark?.add(acts)
      }
    }
    guard let mark else { return nil }
    self = mark
  }

  /// The object of a comment; nil if it is for people.
  static func object(_ comment: Range<Int>, in bytes: RawSpan) -> JSONValue? {
    let prefixCount = prefix.utf8CodeUnitCount
    guard comment.count > prefixCount else { return nil }
    for index in 0..<prefixCount {
      guard unsafe bytes.uint8(at: comment.lowerBound + index) == prefix.utf8Start[index] else {
        return nil
      }
    }
    let text = bytes.extracting(comment.lowerBound + prefixCount..<comment.upperBound)
    return try? JSONValue(decoding: text, byteCountMax: 1 << 16)
  }

  private init?(_ value: JSONValue) {
    guard let connection = Self.number(value["connection"]).flatMap({ Int(exactly: $0) }) else {
      return nil
    }
    self.init(connection)
    switch value["direction"]?.stringValue {
    case "c2s"?: direction = .clientToServer
    case "s2c"?: direction = .serverToClient
    default: break
    }
    number = Self.number(value["number"])
    part = Self.number(value["part"]).flatMap { Int(exactly: $0) } ?? 1
    parts = Self.number(value["parts"]).flatMap { Int(exactly: $0) } ?? 1
    guard part >= 1, part <= parts else { return nil }
    event = value["event"]?.stringValue.flatMap(Event.init(rawValue:))
    frame = Self.number(value["frame"])
    client = value["client"]?.stringValue
    server = value["server"]?.stringValue
    disposition = value["disposition"]?.stringValue.flatMap(TraceEvent.Disposition.init(name:))
    if case .array(let acts) = value["acts"] { add(acts) }
  }

  private mutating func add(_ values: [JSONValue]) {
    for value in values {
      guard let rule = value["rule"]?.stringValue, let action = value["action"]?.stringValue else {
        continue
      }
      acts.append(TappedAct(rule: rule, action: action))
    }
  }

  /// A number that is whole and not negative.
  static func number(_ value: JSONValue?) -> UInt64? {
    guard case .number(let number) = value else { return nil }
    return number.isInteger ? UInt64(number.text) : nil
  }
}

extension TraceEvent.Disposition {
  /// The name in NDJSON.
  fileprivate var name: String { Enumeration.disposition.names[Int(rawValue)] }

  fileprivate init?(name: String) {
    guard let index = Enumeration.disposition.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: UInt8(truncatingIfNeeded: index))
  }
}
