import ChatTrace
import ChatWire
import TestSupport

/// Random filters for frames that arrive, with what they mean, in terms of how the frame was made.
struct FrameFilterOracle {
  /// A frame and its place in the session.
  typealias Subject = (frame: KnownFrame, place: IdentifiedFrame)
  typealias Test = (Subject) -> Bool

  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func one<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  /// A filter.
  mutating func filter(depth: Int = 3) -> (text: String, test: Test) {
    guard depth > 0, Int.random(in: 0..<3, using: &random) > 0 else { return atom() }
    let (left, right) = (filter(depth: depth - 1), filter(depth: depth - 1))
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      return ("(\(left.text)) and (\(right.text))", { left.test($0) && right.test($0) })
    case 1:
      return ("((\(left.text)) || (\(right.text)))", { left.test($0) || right.test($0) })
    case 2:
      return ("(\(left.text)) xor (\(right.text))", { left.test($0) != right.test($0) })
    default: return ("not (\(left.text))", { !left.test($0) })
    }
  }

  private mutating func atom() -> (text: String, test: Test) {
    switch Int.random(in: 0..<9, using: &random) {
    case 0...2: return number()
    case 3...5: return text()
    case 6: return name()
    case 7:
      let byte = UInt8.random(in: 0x5A...0x70, using: &random)
      let spelling = byte < 16 ? "0\(String(byte, radix: 16))" : String(byte, radix: 16)
      return ("payload[0] == 0x\(spelling)", { $0.frame.payload.first == byte })
    default:
      let (field, value) = one(Self.texts)
      return (field, { value($0) != nil })
    }
  }

  // MARK: numbers

  private static let numbers: [(String, @Sendable (Subject) -> UInt64?)] = [
    ("sequence", { UInt64($0.frame.header.sequence) }),
    ("chat.seq", { UInt64($0.frame.header.sequence) }),
    ("length", { UInt64($0.frame.header.length) }),
    ("len(payload)", { $0.frame.payload.isEmpty ? nil : UInt64($0.frame.payload.count) }),
    ("type_code", { UInt64($0.frame.header.typeCode) }),
    ("flags", { UInt64($0.frame.header.flags) }),
    ("message", { $0.place.message.map(UInt64.init) }),
    ("fragment", { $0.place.fragment.map(UInt64.init) }),
    ("attempt", { UInt64($0.place.identity.attempt) }),
    ("stream", { UInt64($0.place.identity.connection) }),
    ("code", { $0.frame.code }),
    ("next_expected", { $0.frame.nextExpected }),
    ("advertised_window", { $0.frame.advertisedWindow }),
    ("window", { $0.frame.advertisedWindow }),
    ("options.window", { $0.frame.dialect == .native ? $0.frame.optionWindow : nil }),
    ("options.window_size", { $0.frame.dialect == .classic ? $0.frame.optionWindow : nil }),
    ("len(text)", { $0.frame.text.map { UInt64($0.utf8.count) } }),
    ("checksum.status", { $0.frame.isGood ? 1 : 0 }),
  ]

  private mutating func number() -> (text: String, test: Test) {
    let (field, value) = one(Self.numbers)
    let limit: UInt64 = field.hasSuffix("seq") || field == "sequence" ? 120 : 9
    let wanted = UInt64.random(in: limit > 9 ? 95...limit : 0...limit, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return ("\(field) == \(wanted)", { value($0) == wanted })
    case 1: return ("\(field) != \(wanted)", { value($0).map { $0 != wanted } ?? false })
    case 2: return ("\(field) < \(wanted)", { value($0).map { $0 < wanted } ?? false })
    default:
      return (
        "\(field) in {\(wanted)..\(wanted + 2)}",
        { value($0).map { (wanted...wanted + 2).contains($0) } ?? false }
      )
    }
  }

  // MARK: texts

  private static let texts: [(String, @Sendable (Subject) -> String?)] = [
    ("text", { $0.frame.text }), ("nickname", { $0.frame.nickname }),
    ("reason", { $0.frame.reason }),
  ]

  private mutating func text() -> (text: String, test: Test) {
    let (field, value) = one(Self.texts)
    let wanted = one(KnownTraffic.names + ["hello", "e"])
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return ("\(field) == \"\(wanted)\"", { value($0) == wanted })
    case 1: return ("\(field) != \"\(wanted)\"", { value($0).map { $0 != wanted } ?? false })
    case 2:
      return (
        "\(field) contains \"\(wanted)\"", { value($0).map { $0.contains(wanted) } ?? false }
      )
    default:
      return (
        "\(field) matches \"^\(wanted)\"",
        { value($0).map { $0.lowercased().hasPrefix(wanted.lowercased()) } ?? false }
      )
    }
  }

  // MARK: names

  private mutating func name() -> (text: String, test: Test) {
    let type = one(FrameTypeName.allCases)
    func isType(_ subject: Subject) -> Bool {
      FrameTypeName(subject.frame.header.typeCode, subject.frame.dialect) == type
    }
    let isClient: Test = { $0.frame.direction == .clientToServer }
    let isMarked: Test = { $0.frame.dialect == .native && $0.frame.header.flags & 2 != 0 }
    return one([
      ("type == \(type.name)", isType), ("type != \(type.name)", { !isType($0) }),
      (type.name.lowercased(), isType), ("direction == c2s", isClient),
      ("leg == server", { !isClient($0) }), ("dialect == native", { $0.frame.dialect == .native }),
      ("checksum == bad", { !$0.frame.isGood }),
      ("last == true", { $0.frame.header.flags & 1 != 0 }),
      ("retransmission == true", isMarked), ("retransmission == 0", { !isMarked($0) }),
      ("chat and kind == frame", { _ in true }), ("fragment > 99 or kind == tcp", { _ in false }),
    ])
  }
}
