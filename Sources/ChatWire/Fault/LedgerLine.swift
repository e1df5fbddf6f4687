/// A line of a ledger while it is read.
struct LedgerLine {
  private let object: JSONValue
  private let number: Int

  init(_ bytes: [UInt8], number: Int) throws(FaultLedgerError) {
    self.number = number
    do throws(JSONError) {
      object = try unsafe JSONValue(decoding: bytes.span.bytes)
    } catch {
      throw FaultLedgerError(line: number, message: error.sentence)
    }
    if !object.isObject { throw problem("it is not a JSON object") }
  }

  func has(_ key: String) -> Bool { object[key] != nil }

  // MARK: header

  func seed() throws(FaultLedgerError) -> UInt64 {
    guard case .number(let version)? = object["fault_ledger"] else {
      throw problem("a ledger begins with a line that has \"fault_ledger\"")
    }
    guard version.integer == 1 else {
      throw problem("this is a ledger of version \(PrintableText.escaped(version.text)), not 1")
    }
    guard case .number(let seed)? = object["seed"], let value = UInt64(seed.text) else {
      throw problem("\"seed\" is no number from 0 to \(UInt64.max)")
    }
    return value
  }

  func rules() throws(FaultLedgerError) -> [String] {
    guard case .array(let elements)? = object["rules"] else {
      throw problem("\"rules\" is no list")
    }
    var rules: [String] = []
    for element in elements {
      guard let rule = element.stringValue else { throw problem("\"rules\" is no list of texts") }
      rules.append(rule)
    }
    return rules
  }

  // MARK: entries

  func entry() throws(FaultLedgerError) -> FaultLedger.Entry {
    let connection = try integer("connection", in: Int.min...Int.max)
    let direction: Direction
    switch try text("direction") {
    case Direction.clientToServer.name: direction = .clientToServer
    case Direction.serverToClient.name: direction = .serverToClient
    default: throw problem("\"direction\" is neither c2s nor s2c")
    }
    let identity = FrameIdentity(
      connection: connection, direction: direction, place: try place(),
      attempt: UInt32(try integer("attempt", in: 1...Int(UInt32.max))),
      isDamaged: object["damaged"] == .bool(true))
    return FaultLedger.Entry(
      identity: identity, act: FaultAct(rule: try text("rule"), try change()))
  }

  private func place() throws(FaultLedgerError) -> FrameIdentity.Place {
    if has("message") {
      return .classic(
        typeCode: UInt8(try integer("type_code", in: 0...255)),
        message: UInt32(try integer("message", in: 0...Int(UInt32.max))),
        fragment: UInt32(try integer("fragment", in: 0...Int(UInt32.max))))
    }
    let sequence = Int64(try integer("sequence", in: Int.min...Int.max))
    guard has("type_code") else { return .sequenced(sequence) }
    return .control(
      typeCode: UInt8(try integer("type_code", in: 0...255)), sequence: sequence)
  }

  private func change() throws(FaultLedgerError) -> FaultAct.Change {
    switch try text("action") {
    case "drop": return .drop
    case "corrupt":
      let name = try text("part")
      for part in FramePart.allCases where part.name == name {
        return .corrupt(
          part, byte: try integer("byte", in: 0...Int.max), bit: try integer("bit", in: 0...7))
      }
      throw problem("\"part\" is no part of a frame")
    case "duplicate":
      return .duplicate(copies: try integer("copies", in: 1...Int(FaultLimits.copiesMax)))
    case "delay":
      // A delay and its jitter.
      let most = 2 * Int(FaultLimits.delayMax.nanoseconds)
      return .delay(.nanoseconds(Int64(try integer("nanoseconds", in: 0...most))))
    case "reorder": return .reorder(gap: try integer("gap", in: 1...Int(FaultLimits.gapMax)))
    default: throw problem("\"action\" is nothing that rules do")
    }
  }

  // MARK: values

  private func text(_ key: String) throws(FaultLedgerError) -> String {
    guard let text = object[key]?.stringValue else { throw problem("\"\(key)\" is no text") }
    return text
  }

  private func integer(
    _ key: String, in range: ClosedRange<Int>
  ) throws(FaultLedgerError) -> Int {
    guard case .number(let number)? = object[key], let value = number.integer,
      range.contains(value)
    else { throw problem("\"\(key)\" is missing or out of range") }
    return value
  }

  private func problem(_ message: String) -> FaultLedgerError {
    FaultLedgerError(line: number, message: message)
  }
}
