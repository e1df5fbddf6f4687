internal import ChatWire

// The keys of a frame.

extension WrittenRecord {
  /// Takes a value of a frame; false if the key is not one that frames alone have.
  mutating func readFrame(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "frame":
      event.frame = try cursor.number(key, line)
      present.insert(.frame)
    case "leg":
      event.leg = TraceEvent.Leg(rawValue: try named(key, .leg, line)) ?? .wire
    case "dialect":
      event.dialect = try named(key, .dialect, line) == 0 ? .native : .classic
      present.insert(.dialect)
    // The number says it, and the number of a type without a name too.
    case "type": _ = try cursor.text(key, line)
    case "type_code":
      event.typeCode = try cursor.number(key, line)
      present.insert(.typeCode)
    case "sequence":
      event.sequence = try cursor.number(key, line)
      present.insert(.sequence)
    case "length":
      event.length = try cursor.number(key, line)
      present.insert(.length)
    case "flags": event.flags = try cursor.number(key, line)
    case "last": event.last = try cursor.boolean(key, line)
    case "retransmission": event.retransmission = try cursor.boolean(key, line)
    case "checksum":
      event.checksum =
        TraceEvent.ChecksumVerdict(rawValue: try named(key, .checksum, line)) ?? .good
    case "offset": event.offset = try cursor.number(key, line)
    case "disposition":
      event.disposition =
        TraceEvent.Disposition(rawValue: try named(key, .disposition, line)) ?? .seen
    default: return try readMeaning(key, line)
    }
    return true
  }

  /// Takes what the analysis has found out about a frame, or what its payload says.
  private mutating func readMeaning(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "message": event.message = try cursor.number(key, line) as UInt64
    case "fragment": event.fragment = try cursor.number(key, line) as UInt64
    case "fragments": event.fragments = try cursor.number(key, line) as UInt64
    case "attempt": event.attempt = try cursor.number(key, line) as UInt64
    case "text": event.text = try cursor.text(key, line)
    case "sender": event.sender = try sender(line)
    case "receiver": event.receiver = try receiver(line)
    case "next_expected": event.nextExpected = try cursor.number(key, line) as UInt16
    case "advertised_window": event.advertisedWindow = try cursor.number(key, line) as UInt16
    case "code": event.code = try cursor.number(key, line) as UInt8
    case "reason": event.reason = try cursor.text(key, line)
    case "nickname": event.nickname = try cursor.text(key, line)
    case "options": try readOptions(line)
    default: return false
    }
    return true
  }

  private mutating func sender(_ line: RawSpan) throws(LineFault) -> SenderWindow {
    var window = SenderWindow(base: 0, next: 0, inFlight: 0, window: nil)
    try cursor.open("{", #""sender""#, line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "base": window.base = try cursor.number(key, line)
      case "next": window.next = try cursor.number(key, line)
      case "in_flight": window.inFlight = try cursor.number(key, line)
      case "window": window.window = try cursor.number(key, line) as UInt32
      default: try cursor.skipValue(line)
      }
    }
    return window
  }

  private mutating func receiver(_ line: RawSpan) throws(LineFault) -> ReceiverWindow {
    var window = ReceiverWindow(nextExpected: 0, window: 0, buffered: 0)
    try cursor.open("{", #""receiver""#, line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "next_expected": window.nextExpected = try cursor.number(key, line)
      case "window": window.window = try cursor.number(key, line)
      case "buffered": window.buffered = try cursor.number(key, line)
      default: try cursor.skipValue(line)
      }
    }
    return window
  }

  // MARK: options

  private mutating func readOptions(_ line: RawSpan) throws(LineFault) {
    event.options.removeAll()
    try cursor.open("{", #""options""#, line)
    var isFirst = true
    while let name = try cursor.key(line, isFirst: &isFirst) {
      event.options.append(Option(name, try optionValue(line)))
    }
  }

  private mutating func optionValue(_ line: RawSpan) throws(LineFault) -> Option.Value {
    switch cursor.peek(line) {
    case UInt8(ascii: "\""): return .text(try cursor.text("options", line))
    case UInt8(ascii: "t"), UInt8(ascii: "f"):
      return .boolean(try cursor.boolean("options", line))
    case .some(UInt8(ascii: "-")), .some(0x30...0x39):
      let text = try writtenValue(line)
      // Only what is written the same way again is a number.
      if let number = Int64(text), String(number) == text, number.magnitude < 1 << 53 {
        return .number(number)
      }
      guard JSONCheck.isPlainNumber(text) else {
        throw .wrong("a number in \"options\" is none, or has too many digits")
      }
      return .decimal(text)
    default: return .json(try writtenValue(line))
    }
  }

  /// Makes bytes of the native options that are no texts: written, they look like some.
  mutating func restoreBytes() {
    guard event.kind == .frame, event.dialect == .native else { return }
    for index in event.options.indices {
      let name = event.options[index].name
      guard name == HandshakeOptionKind.session.label || name.hasPrefix("option_"),
        case .text(let digits) = event.options[index].value, let bytes = hexBytes(digits)
      else { continue }
      event.options[index].value = .bytes(bytes)
    }
  }

  /// A value as it is written.
  private mutating func writtenValue(_ line: RawSpan) throws(LineFault) -> String {
    let range = try cursor.skipValue(line)
    let text = unsafe line.extracting(range).withUnsafeBytes {
      unsafe String(validating: $0, as: UTF8.self)
    }
    guard let text else { throw .wrong("a value in \"options\" is not UTF-8") }
    return text
  }
}
