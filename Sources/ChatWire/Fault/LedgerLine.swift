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
    let place = try place()
    let isEnd = place == .end
    let identity = FrameIdentity(
      connection: connection, direction: direction, place: place,
      attempt: isEnd ? 1 : UInt32(try integer("attempt", in: 1...Int(UInt32.max))),
      isDamaged: !isEnd && object["damaged"] == .bool(true))
    let change = try change()
    let isAboutEnd = if case .slowClose = change { true } else { false }
    guard isEnd == isAboutEnd else {
      throw problem(
        isEnd
          ? "nothing is done to the end of a direction but \"slow_close\""
          : "\"slow_close\" is done to the end of a direction, which has \"end\": true")
    }
    return FaultLedger.Entry(
      identity: identity, act: FaultAct(rule: try text("rule"), change))
  }

  private func place() throws(FaultLedgerError) -> FrameIdentity.Place {
    if object["end"] == .bool(true) { return .end }
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
    case "bandwidth":
      let rate = try integer("bytes_per_second", in: 1...Int(FaultLimits.bytesPerSecondMax))
      guard let rate = FaultRate(bytesPerSecond: UInt64(rate)) else { break }
      return .bandwidth(rate)
    case "reset": return .reset
    case "slow_close":
      let most = Int(FaultLimits.delayMax.nanoseconds)
      return .slowClose(.nanoseconds(Int64(try integer("nanoseconds", in: 0...most))))
    case "reorder": return .reorder(gap: try integer("gap", in: 1...Int(FaultLimits.gapMax)))
    default: break
    }
    throw problem("\"action\" is nothing that rules do")
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
