import ChatWire

/// What a message says, freed of times and of how it travelled: named values that are compared.
struct MessageMeaning: Sendable, Hashable {
  /// A name of the display filter, and its value as text.
  struct Field: Sendable, Hashable {
    var name: String
    var value: String
  }

  var type: String
  var fields: [Field]
  /// Whose it is, where several senders' messages come on one connection; only within one their
  /// order counts.
  var lane = ""
  /// Who said it, or whom it is about, if that is another.
  var about: String?
  /// The code of a NOTICE.
  var code: UInt8?
  /// Its bytes are not known.
  var isUnknown = false

  init(_ message: StoryMessage, from side: Session.Role, _ dialect: Dialect) {
    type =
      dialect == .native
      ? FrameType(rawValue: message.typeCode).name : ClassicType(rawValue: message.typeCode).name
    fields = []
    guard let bytes = message.bytes else {
      isUnknown = true
      return
    }
    switch dialect {
    case .native: readNative(FrameType(rawValue: message.typeCode), bytes, side)
    case .classic: readClassic(ClassicType(rawValue: message.typeCode), bytes, side)
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  private mutating func readNative(_ type: FrameType, _ bytes: [UInt8], _ side: Session.Role) {
    let span = unsafe bytes.span.bytes
    switch type {
    case .data where side == .server:
      guard let broadcast = try? Broadcast(decoding: span) else { break }
      add("nickname", broadcast.nickname)
      add("text", broadcast.text)
      about = broadcast.nickname
      lane = "from " + broadcast.nickname
      return
    case .notice:
      guard let coded = try? CodedText(decoding: span) else { break }
      add("code", String(coded.code))
      add("reason", coded.text)
      code = coded.code
      if (1...3).contains(coded.code) {
        let name = coded.text.prefix { $0 != "\n" }
        about = String(name)
        lane = "about " + name
      }
      return
    case .roster:
      guard let roster = try? Roster(decoding: span) else { break }
      for entry in roster.entries {
        add(
          "nickname",
          "\(entry.nickname) mode \(entry.mode) window \(entry.window) fragment \(entry.fragment) "
            + "flags \(entry.flags)")
      }
      return
    case .nick: return add("nickname", String(decoding: bytes, as: UTF8.self))
    case .fin: return add("reason", FinReason.text(of: span))
    default: break
    }
    addText(bytes)
  }

  private mutating func readClassic(_ type: ClassicType, _ bytes: [UInt8], _ side: Session.Role) {
    let span = unsafe bytes.span.bytes
    if type == .data, side == .server, let broadcast = ClassicBroadcast(decoding: span) {
      add("nickname", broadcast.name)
      add("text", broadcast.text)
      about = broadcast.name
      lane = "from " + broadcast.name
      return
    }
    addText(bytes)
  }

  private mutating func addText(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if let text = String(validating: bytes, as: UTF8.self) {
      add("text", text)
    } else {
      add("payload", bytes.map { String($0, radix: 16) }.joined(separator: " "))
    }
  }

  /// The same without some of its fields.
  func ignoring(_ names: Set<String>) -> MessageMeaning {
    guard !names.isEmpty else { return self }
    var copy = self
    copy.fields.removeAll { names.contains($0.name) }
    if names.contains("nickname") { copy.lane = lane.isEmpty ? "" : "from others" }
    return copy
  }

  /// All of it in a line.
  var words: String {
    isUnknown
      ? "\(type), not seen whole"
      : ([type] + fields.map { "\"\($0.value)\"" }).joined(separator: " ")
  }
}
