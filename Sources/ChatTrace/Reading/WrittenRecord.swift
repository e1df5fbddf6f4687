internal import ChatWire

/// A line of a written trace as a record.
struct WrittenRecord {
  /// The record, unless it is the summary.
  var event = TraceEvent()
  /// The summary, if the record's kind says so.
  var summary = TraceSummary()
  /// Which of the keys that a record cannot do without were there.
  var present = Present()
  var cursor = JSONCursor()

  /// Keys that a record cannot do without.
  struct Present: OptionSet {
    let rawValue: UInt8
    static let stream = Present(rawValue: 1)
    static let direction = Present(rawValue: 2)
    static let frame = Present(rawValue: 4)
    static let dialect = Present(rawValue: 8)
    static let typeCode = Present(rawValue: 16)
    static let sequence = Present(rawValue: 32)
    static let length = Present(rawValue: 64)

    /// The keys by their bits.
    static let names = [
      "stream", "direction", "frame", "dialect", "type_code", "sequence", "length",
    ]

    /// What a record of a kind cannot do without.
    static func needed(for kind: TraceEvent.Kind) -> Present {
      switch kind {
      case .frame: [.stream, .direction, .frame, .dialect, .typeCode, .sequence, .length]
      case .gap, .junk: [.stream, .direction, .length]
      case .fault: [.stream, .direction]
      case .tcp, .session: .stream
      case .summary: []
      }
    }
  }

  /// Reads a line; false if there is nothing in it that this version knows.
  ///
  /// What is known of a frame's payload goes into `payload`, which is empty.
  mutating func read(_ line: RawSpan, payload: inout [UInt8]) throws(LineFault) -> Bool {
    guard Self.hasContent(line) else { return false }
    guard let kind = try Self.kind(of: line) else {
      try skipLine(line)
      return false
    }
    event.kind = kind
    try cursor.open("{", "it", line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      let isKnown =
        switch kind {
        case .frame where key == "payload_hex":
          try readHex(key, line, into: &payload)
        case .frame: try readFrame(key, line)
        case .tcp: try readTCP(key, line)
        case .gap, .junk: try readHole(key, line)
        case .fault: try readFault(key, line)
        case .session: try readSession(key, line)
        case .summary: try readSummary(key, line)
        }
      if !isKnown { try readCommon(key, line) }
    }
    try cursor.end(line)
    try check(kind)
    restoreBytes()
    return true
  }

  private static func hasContent(_ line: RawSpan) -> Bool {
    for index in 0..<line.byteCount {
      let byte = line.uint8(at: index)
      if byte != 0x20, byte != 0x09, byte != 0x0D { return true }
    }
    return false
  }

  /// A line of a kind that is not known must be JSON all the same.
  private mutating func skipLine(_ line: RawSpan) throws(LineFault) {
    try cursor.open("{", "it", line)
    var isFirst = true
    while try cursor.key(line, isFirst: &isFirst) != nil { try cursor.skipValue(line) }
    try cursor.end(line)
  }

  /// What kind of record it is, nil if it is not known: they usually stand in front.
  private static func kind(of line: RawSpan) throws(LineFault) -> TraceEvent.Kind? {
    var cursor = JSONCursor()
    try cursor.open("{", "it", line)
    var isFirst = true
    var hasVersion = false
    var name: String?
    while !hasVersion || name == nil, let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "schema_version":
        let version: UInt64 = try cursor.number(key, line)
        guard version == 1 else {
          throw .wrong("\"schema_version\" is \(version), and this program reads version 1")
        }
        hasVersion = true
      case "kind": name = try cursor.text(key, line)
      default: try cursor.skipValue(line)
      }
    }
    guard hasVersion else { throw .wrong("it is no record of a trace: no \"schema_version\"") }
    guard let name else { throw .wrong("it is no record of a trace: no \"kind\"") }
    return Enumeration.kind.names.firstIndex(of: name).flatMap {
      TraceEvent.Kind(rawValue: UInt8($0))
    }
  }

  private func check(_ kind: TraceEvent.Kind) throws(LineFault) {
    let missing = Present.needed(for: kind).subtracting(present)
    guard !missing.isEmpty else { return }
    let name = Present.names[missing.rawValue.trailingZeroBitCount]
    throw .wrong("a record of this kind must have \"\(name)\"")
  }

  // MARK: keys of all records

  /// Takes a value that records of several kinds have, or passes it over.
  private mutating func readCommon(_ key: String, _ line: RawSpan) throws(LineFault) {
    switch key {
    case "time": event.time = try time(key, line)
    case "stream":
      event.stream = try streamNumber(key, line)
      present.insert(.stream)
    case "direction":
      event.direction =
        try named(key, .direction, line) == 0 ? .clientToServer : .serverToClient
      present.insert(.direction)
    case "notes": try readNotes(line)
    default: try cursor.skipValue(line)
    }
  }
}
