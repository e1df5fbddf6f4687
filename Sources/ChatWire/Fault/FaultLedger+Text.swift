// A ledger as text: one JSON object a line, the seed and the rules first.

extension FaultLedger {
  /// The version of the form.
  private static let version = 1
  /// Bytes of rules on one line: a line is bounded by what is read.
  private static let ruleBytesPerLine = 8 << 10

  /// The whole ledger as text.
  public var text: String {
    var text = header
    for entry in entries { text += entry.line }
    return text
  }

  /// The first lines of the text, with the seed and the rules, each with its line feed.
  ///
  /// A ledger that is written while it grows begins with this and goes on with `Entry.line`.
  public var header: String {
    var lines = ""
    var members = [
      JSONMember("fault_ledger", .number(JSONNumber(Self.version))),
      JSONMember("seed", .number(JSONNumber(text: String(seed), value: Double(seed)))),
    ]
    var texts: [JSONValue] = []
    var byteCount = 0
    for rule in rules.rules {
      let text = rule.description
      let textByteCount = JSONValue.string(text).text.utf8.count
      if byteCount > 0, byteCount + textByteCount > Self.ruleBytesPerLine {
        members.append(JSONMember("rules", .array(texts)))
        lines += JSONValue.object(members).text + "\n"
        (members, texts, byteCount) = ([], [], 0)
      }
      texts.append(.string(text))
      byteCount += textByteCount
    }
    members.append(JSONMember("rules", .array(texts)))
    return lines + JSONValue.object(members).text + "\n"
  }

  /// Reads a ledger.
  ///
  /// - Parameter filters: The language of filters in its rules; without one they are refused.
  /// - Throws: what is wrong first, and on which line.
  public init(
    parsing text: String, filters: FaultFilterLanguage? = nil
  ) throws(FaultLedgerError) {
    var rules: [String] = []
    var seed: UInt64?
    var entries: [Entry] = []
    var number = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let object = try LedgerLine(Array(line), number: number)
      if seed == nil {
        seed = try object.seed()
        rules += try object.rules()
      } else if entries.isEmpty, object.has("rules") {
        rules += try object.rules()
      } else {
        entries.append(try object.entry())
      }
    }
    guard let seed else {
      throw FaultLedgerError(
        line: max(1, number), message: "a ledger begins with a line that has \"fault_ledger\"")
    }
    do throws(FaultRuleError) {
      let text = rules.joined(separator: "\n")
      self.init(seed: seed, rules: try FaultRules(parsing: text, filters: filters))
    } catch {
      throw FaultLedgerError(line: 1, message: "a rule of the ledger is none: \(error.message)")
    }
    self.entries = entries
  }
}

/// Why a text is no ledger: one sentence, and on which line.
public struct FaultLedgerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// One sentence.
  public let message: String

  init(line: Int, message: String) {
    self.line = line
    self.message = message
  }

  /// Line and sentence.
  public var description: String { "line \(line): \(message)" }
}

extension FaultLedger.Entry {
  /// The entry as a line of a ledger, with its line feed.
  public var line: String {
    var members = [
      JSONMember("connection", .number(JSONNumber(identity.connection))),
      JSONMember("direction", .string(identity.direction.name)),
    ]
    func add(_ key: String, _ number: some BinaryInteger) {
      members.append(JSONMember(key, .number(JSONNumber(Int(truncatingIfNeeded: number)))))
    }
    switch identity.place {
    case .sequenced(let sequence): add("sequence", sequence)
    case .control(let typeCode, let sequence):
      members.append(JSONMember("type", .string(FrameTypeName(typeCode, .native).name)))
      add("type_code", typeCode)
      add("sequence", sequence)
    case .classic(let typeCode, let message, let fragment):
      members.append(JSONMember("type", .string(FrameTypeName(typeCode, .classic).name)))
      add("type_code", typeCode)
      add("message", message)
      add("fragment", fragment)
    case .end: members.append(JSONMember("end", .bool(true)))
    }
    if identity.place != .end { add("attempt", identity.attempt) }
    if identity.isDamaged { members.append(JSONMember("damaged", .bool(true))) }
    members.append(JSONMember("rule", .string(act.rule)))
    func add(action: String) { members.append(JSONMember("action", .string(action))) }
    switch act.change {
    case .drop: add(action: "drop")
    case .corrupt(let part, let byte, let bit):
      add(action: "corrupt")
      members.append(JSONMember("part", .string(part.name)))
      add("byte", byte)
      add("bit", bit)
    case .duplicate(let copies):
      add(action: "duplicate")
      add("copies", copies)
    case .delay(let time):
      add(action: "delay")
      add("nanoseconds", time.nanoseconds)
    case .reorder(let gap):
      add(action: "reorder")
      add("gap", gap)
    case .bandwidth(let rate):
      add(action: "bandwidth")
      add("bytes_per_second", rate.bytesPerSecond)
    case .reset: add(action: "reset")
    case .slowClose(let time):
      add(action: "slow_close")
      add("nanoseconds", time.nanoseconds)
    }
    return JSONValue.object(members).text + "\n"
  }
}
