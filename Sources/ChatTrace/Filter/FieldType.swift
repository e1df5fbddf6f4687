/// What kind of values a field has; decides what it can be compared with.
public enum FieldType: Sendable, Hashable {
  /// Numbers from 0 up.
  case unsigned
  /// True or false.
  case boolean
  /// Text.
  case text
  /// Bytes.
  case bytes
  /// Moments: seconds since 1970 UTC, exact to the nanosecond.
  case time
  /// One of a few names.
  case enumeration(Enumeration)
  /// Whatever the wire carried: options and JSON values.
  case any

  /// The word in the list of fields.
  public var name: String {
    switch self {
    case .unsigned: "number"
    case .boolean: "boolean"
    case .text: "text"
    case .bytes: "bytes"
    case .time: "time"
    case .enumeration: "name"
    case .any: "any"
    }
  }

  /// How a sentence says it.
  var phrase: String {
    switch self {
    case .unsigned: "a number"
    case .boolean: "true or false"
    case .text: "text"
    case .bytes: "bytes"
    case .time: "a time in seconds"
    case .enumeration(let enumeration): "one of " + enumeration.names.joined(separator: ", ")
    case .any: "any value"
    }
  }

  /// True for types whose values are text.
  var isText: Bool {
    switch self {
    case .text, .enumeration: true
    case .unsigned, .boolean, .bytes, .time, .any: false
    }
  }
}

/// A closed list of names that a field can have; a name's position is its key.
public enum Enumeration: UInt8, Sendable, Hashable, CaseIterable {
  case kind, leg, direction, dialect, type, checksum, disposition, tcpEvent, state, mode, end
  case severity, verdict

  /// The names, by key.
  public var names: [String] {
    switch self {
    case .kind: Self.kindNames
    case .leg: Self.legNames
    case .direction: Self.directionNames
    case .dialect: Self.dialectNames
    case .type: Self.typeNames
    case .checksum: Self.checksumNames
    case .disposition: Self.dispositionNames
    case .tcpEvent: Self.tcpEventNames
    case .state: Self.stateNames
    case .mode: Self.modeNames
    case .end: Self.endNames
    case .severity: Self.severityNames
    case .verdict: Self.verdictNames
    }
  }

  // By raw value of TraceEvent.Kind, Leg and so on; the tests hold the two together.
  private static let kindNames = ["frame", "tcp", "gap", "junk", "fault", "session", "summary"]
  private static let legNames = ["wire", "client", "server"]
  private static let directionNames = ["c2s", "s2c"]
  private static let dialectNames = ["native", "classic"]
  /// The names of both dialects; see `FrameTypeKey`.
  private static let typeNames = [
    "SYN", "ACK", "HANDSHAKE_ACK", "DATA", "NACK", "FIN", "NICK", "WHO", "ROSTER", "SYN_ACK",
    "PING", "PONG", "NOTICE", "ERROR", "DISCONNECT", "SET_NICK", "LIST_REQUEST", "LIST_RESPONSE",
    "CHANNEL_CONFIG", "UNKNOWN",
  ]
  private static let checksumNames = ["good", "bad", "unverified"]
  private static let dispositionNames = [
    "seen", "forwarded", "dropped", "corrupted", "delayed", "duplicated", "reordered",
  ]
  private static let tcpEventNames = ["open", "close", "reset"]
  private static let stateNames = ["opening", "established", "closing", "closed"]
  /// The raw values of Mode begin at 1.
  private static let modeNames = ["gbn", "sr"]
  private static let endNames = [
    "clean", "unconfirmed", "abrupt", "reset", "error", "refused", "open",
  ]
  private static let severityNames = ["chat", "note", "warn", "error"]
  private static let verdictNames = ["complete", "inconclusive", "damaged"]

  /// True if one name can be less than another.
  var isOrdered: Bool { self == .severity }

  /// The key of a name, in any case, aliases included.
  func key(named name: String) -> UInt64? {
    let lowered = name.lowercased()
    if self == .direction {
      // Toxiproxy's words.
      if lowered == "upstream" { return 0 }
      if lowered == "downstream" { return 1 }
    }
    return names.firstIndex { $0.lowercased() == lowered }.map(UInt64.init)
  }

  /// The name with a key.
  func name(of key: UInt64) -> String {
    key < UInt64(names.count) ? names[Int(key)] : "?"
  }
}

/// The key of a frame's type among `Enumeration.type`'s names, which are those of both dialects.
enum FrameTypeKey {
  static let ack: UInt8 = 1
  static let unknown: UInt8 = 19

  /// The key of a native type byte.
  static func native(_ code: UInt8) -> UInt8 {
    code &- 1 < 14 ? code &- 1 : unknown
  }

  /// The key of a classic type byte.
  static func classic(_ code: UInt8) -> UInt8 {
    switch code {
    case 1...5: code &- 1
    case 6...9: code &+ 8
    case 99: 18
    default: unknown
    }
  }
}
