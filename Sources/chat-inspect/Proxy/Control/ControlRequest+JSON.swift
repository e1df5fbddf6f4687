internal import ChatProgram
internal import ChatWire

// A request is one JSON object: `request` says what is wanted, further keys say to what.

extension ControlRequest {
  /// The longest request: the rules may have 64 KiB, a frame that takes the place of another more.
  static let byteCountMax = 1 << 20

  /// The request as a JSON object.
  var json: JSONValue {
    switch self {
    case .statistics: Self.object("statistics")
    case .connections: Self.object("connections")
    case .close(let connection, let isReset):
      Self.object(
        "close", [JSONMember("connection", connection), JSONMember("reset", isReset)])
    case .rules: Self.object("rules")
    case .addRules(let rules): Self.object("add_rules", [JSONMember("rules", rules)])
    case .changeRule(let number, let rule):
      Self.object("change_rule", [JSONMember("number", number), JSONMember("rule", rule)])
    case .removeRule(let number):
      Self.object("remove_rule", [JSONMember("number", number)])
    case .removeAllRules: Self.object("remove_all_rules")
    case .interception: Self.object("interception")
    case .intercept(let filter):
      Self.object("intercept", filter.map { [JSONMember("filter", $0)] } ?? [])
    case .release(let held):
      Self.object("release", held.map { [JSONMember("held", $0)] } ?? [])
    case .drop(let held): Self.object("drop", [JSONMember("held", held)])
    case .alter(let held, let alteration):
      Self.object("alter", [JSONMember("held", held)] + alteration.members)
    }
  }

  private static func object(_ name: String, _ members: [JSONMember] = []) -> JSONValue {
    .object([JSONMember("request", name)] + members)
  }

  /// Reads what `json` makes.
  init(json: JSONValue) throws(DocumentError) {
    let reader = JSONObjectReader(json)
    guard json.isObject else { throw DocumentError(message: "a request is a JSON object") }
    let name = try reader.text("request")
    guard let keys = Self.keys[name] else {
      let names = Self.keys.keys.sorted().joined(separator: ", ")
      let shown = TerminalText.cut(name, scalarCountMax: 40)
      throw DocumentError(message: "there is no request \"\(shown)\": there are \(names)")
    }
    try reader.refuseKeys(except: ["request"] + keys)
    switch name {
    case "statistics": self = .statistics
    case "connections": self = .connections
    case "close":
      self = .close(
        connection: try reader.integer("connection"),
        isReset: reader.has("reset") ? try reader.flag("reset") : false)
    case "rules": self = .rules
    case "add_rules": self = .addRules(try reader.text("rules"))
    case "change_rule":
      self = .changeRule(
        number: try reader.integer("number"), to: try reader.text("rule"))
    case "remove_rule": self = .removeRule(number: try reader.integer("number"))
    case "remove_all_rules": self = .removeAllRules
    case "interception": self = .interception
    case "intercept":
      self = .intercept(filter: reader.has("filter") ? try reader.text("filter") : nil)
    case "release":
      self = .release(held: reader.has("held") ? try reader.integer("held") : nil)
    case "drop": self = .drop(held: try reader.integer("held"))
    default:
      self = .alter(held: try reader.integer("held"), try FrameAlteration(reader))
    }
  }

  /// The requests, and the keys that each may have.
  private static let keys: [String: [String]] = [
    "statistics": [], "connections": [], "close": ["connection", "reset"], "rules": [],
    "add_rules": ["rules"], "change_rule": ["number", "rule"], "remove_rule": ["number"],
    "remove_all_rules": [], "interception": [], "intercept": ["filter"], "release": ["held"],
    "drop": ["held"], "alter": ["held"] + FrameAlteration.keys,
  ]
}

extension FrameAlteration {
  static let keys = [
    "bytes", "payload", "payload_bytes", "type", "sequence", "flags", "keep_checksum",
  ]

  /// The alteration as members of an object, bytes in hexadecimal digits.
  var members: [JSONMember] {
    var members: [JSONMember] = []
    if let bytes { members.append(JSONMember("bytes", HexText.string(bytes))) }
    if let payload { members.append(JSONMember("payload_bytes", HexText.string(payload))) }
    if let typeCode { members.append(JSONMember("type", Int(typeCode))) }
    if let sequence { members.append(JSONMember("sequence", Int(sequence))) }
    if let flags { members.append(JSONMember("flags", Int(flags))) }
    if keepsChecksum { members.append(JSONMember("keep_checksum", true)) }
    return members
  }

  /// Reads an object with `members`; `payload` is text, `type` may be a name.
  init(_ reader: JSONObjectReader) throws(DocumentError) {
    if reader.has("bytes") {
      if let other = Self.keys.dropFirst().first(where: reader.has) {
        throw DocumentError(message: "bytes are the whole frame, which leaves no \(other) to say")
      }
      bytes = try Self.bytes("bytes", reader)
    }
    if reader.has("payload") {
      guard !reader.has("payload_bytes") else {
        throw DocumentError(message: "payload and payload_bytes exclude each other")
      }
      payload = Array(try reader.text("payload").utf8)
    } else if reader.has("payload_bytes") {
      payload = try Self.bytes("payload_bytes", reader)
    }
    if reader.has("type") { typeCode = try Self.typeCode(reader) }
    if reader.has("sequence") {
      sequence = try Self.number("sequence", reader)
    }
    if reader.has("flags") { flags = try Self.number("flags", reader) }
    if reader.has("keep_checksum") { keepsChecksum = try reader.flag("keep_checksum") }
    if isEmpty { throw DocumentError(message: "nothing is to be altered") }
  }

  private static func bytes(
    _ key: String, _ reader: JSONObjectReader
  ) throws(DocumentError) -> [UInt8] {
    guard let bytes = HexText.bytes(try reader.text(key)) else {
      throw DocumentError(message: "\(key): expected an even number of hexadecimal digits")
    }
    return bytes
  }

  private static func number<Number: FixedWidthInteger>(
    _ key: String, _ reader: JSONObjectReader
  ) throws(DocumentError) -> Number {
    guard let number = Number(exactly: try reader.integer(key)) else {
      throw DocumentError(message: "\(key): expected 0 to \(Number.max)")
    }
    return number
  }

  private static func typeCode(_ reader: JSONObjectReader) throws(DocumentError) -> UInt8 {
    guard let word = try? reader.text("type") else { return try number("type", reader) }
    guard let code = typeCode(named: word) else {
      throw DocumentError(message: "type: expected the name of a type of frame, or 0 to 255")
    }
    return code
  }

  /// The type bytes by name: a name that both dialects have is the same byte in both.
  private static let typeCodes: [(name: String, code: UInt8)] =
    (1...14).map { (FrameType(rawValue: $0).name, $0) }
    + ([6, 7, 8, 9, 99] as [UInt8]).map { (ClassicType(rawValue: $0).name, $0) }

  /// The names of the types, of both dialects.
  static var typeNames: [String] { typeCodes.map(\.name) }

  /// The type byte of a name in any case, or of a number.
  static func typeCode(named word: String) -> UInt8? {
    let wanted = word.uppercased()
    return typeCodes.first { $0.name == wanted }?.code ?? UInt8(word)
  }
}
