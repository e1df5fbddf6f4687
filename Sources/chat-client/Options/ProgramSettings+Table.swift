internal import ChatProgram
internal import ChatWire

extension ProgramSettings {
  /// Everything that can also be set in the environment and in a file, with the rules for each.
  static let table = SettingsTable<ClientOptions, ProgramSettings>(
    section: "client", connecting + wishes + faults + showing,
    ownNames: SettingNames.client, otherNames: SettingNames.server)

  private typealias Item = Setting<ClientOptions, ProgramSettings>

  private static let connecting: [Item] = [
    Item("host", option: \.connecting.host) { settings, text throws(Failure) in
      settings.connection.host = try text.host()
    },
    Item("port", .number, option: \.connecting.port) { settings, text throws(Failure) in
      settings.connection.port = UInt16(truncatingIfNeeded: try text.integer(in: 1...65_535))
    },
    Item("nickname", option: \.connecting.nickname) { settings, text throws(Failure) in
      settings.connection.wishes.nickname = try text.nickname()
    },
    Item("reconnect", .flag, option: { $0.connecting.noReconnect ? "false" : nil }) {
      settings, text throws(Failure) in
      settings.connection.reconnects = try text.flag()
    },
  ]

  private static let wishes: [Item] = [
    Item("protocol", option: \.wishes.mode) { settings, text throws(Failure) in
      settings.connection.wishes.mode =
        try text.choice(of: ["gbn", "sr"]) == "sr" ? .selectiveRepeat : .goBackN
    },
    Item("window-size", .number, option: \.wishes.windowSize) { settings, text throws(Failure) in
      settings.connection.wishes.windowSize = try text.integer(in: 1...16_384)
    },
    Item("max-fragment-size", .byteCount, option: \.wishes.maxFragmentSize) {
      settings, text throws(Failure) in
      settings.connection.wishes.fragmentSizeMax = try text.byteCount(in: 1...65_535)
    },
    Item("timeout", option: \.wishes.timeout) { settings, text throws(Failure) in
      let timeout = try text.seconds()
      guard timeout > .zero, timeout <= .seconds(3_600) else {
        throw text.failure("expected more than nothing, and at most an hour")
      }
      settings.connection.wishes.timeout = timeout
    },
    Item("classic", .flag, option: { $0.wishes.classic ? "true" : nil }) {
      settings, text throws(Failure) in
      settings.connection.wishes.isClassic = try text.flag()
    },
  ]

  private static let faults: [Item] = [
    Item("faults", alternative: "faults-file", option: \.faults.faults) {
      settings, text throws(Failure) in
      settings.connection.faults = try text.faultRules(atOneEnd: true, filters: .forProgram)
    },
    Item("faults-file", alternative: "faults", option: \.faults.faultsFile) {
      settings, text throws(Failure) in
      settings.connection.faults = try text.faultRulesFile(atOneEnd: true, filters: .forProgram)
    },
    Item("seed", .number, option: \.faults.seed) { settings, text throws(Failure) in
      settings.connection.faultSeed = try text.seed()
    },
  ]

  private static let showing: [Item] = [
    Item("trace", option: \.showing.trace) { settings, text throws(Failure) in
      settings.connection.tracePath = try text.path()
    },
    Item("color", option: \.showing.color) { settings, text throws(Failure) in
      let choice = try text.choice(of: ColorChoice.allCases.map(\.rawValue))
      settings.color = ColorChoice(rawValue: choice) ?? .auto
    },
  ]
}

extension SettingText {
  /// An address or a name; the brackets of `[::1]` are left out.
  fileprivate func host() throws(Failure) -> String {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let name = isBracketed ? String(text.dropFirst().dropLast()) : text
    let isName = name.unicodeScalars.allSatisfy { scalar in
      0x21..<0x7F ~= scalar.value && scalar != "[" && scalar != "]" && scalar != "/"
    }
    guard !name.isEmpty, isName, name.utf8.count <= 255 else {
      throw failure("expected a name or an address, such as chat.example, 127.0.0.1 or ::1")
    }
    return name
  }

  /// A nickname as docs/PROTOCOL.md 6.2 has it.
  fileprivate func nickname() throws(Failure) -> String {
    do throws(Nickname.Violation) {
      return try Nickname(text).value
    } catch {
      throw failure(PlainSentence.clause(error.sentence))
    }
  }

  /// A time with its unit, or a number of seconds.
  func seconds() throws(Failure) -> Duration {
    guard let duration = Duration(unitText: text) ?? Duration(unitText: text + "s") else {
      throw failure("expected seconds such as 1.5, or a time with its unit such as 500ms")
    }
    return duration
  }
}
