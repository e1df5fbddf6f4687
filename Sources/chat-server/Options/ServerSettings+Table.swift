internal import ChatPosix
internal import ChatProgram
internal import ChatWire

extension ServerSettings {
  /// Everything that can be set, with the rules for each.
  static let table = SettingsTable<ServerOptions, ServerSettings>(
    section: "server", listening + limits + greeting + logging + faultSettings + control,
    ownNames: SettingNames.server, otherNames: SettingNames.client)

  private typealias Item = Setting<ServerOptions, ServerSettings>

  private static let listening: [Item] = [
    Item("host", option: \.listening.host) { settings, text throws(Failure) in
      settings.host = try text.host()
    },
    Item("port", .number, option: \.listening.port) { settings, text throws(Failure) in
      settings.port = try text.port()
    },
  ]

  private static let limits: [Item] = [
    Item("protocol", option: \.protocolLimits.mode) { settings, text throws(Failure) in
      settings.mode =
        switch try text.choice(of: ["any", "gbn", "sr"]) {
        case "gbn": .goBackN
        case "sr": .selectiveRepeat
        default: nil
        }
    },
    Item("window-size", .number, option: \.protocolLimits.windowSize) {
      settings, text throws(Failure) in
      settings.windowSizeMax = try text.integer(in: 1...16_384)
    },
    Item("max-fragment-size", .byteCount, option: \.protocolLimits.maxFragmentSize) {
      settings, text throws(Failure) in
      settings.fragmentSizeMax = try text.byteCount(in: 1...65_535)
    },
    Item("max-message", .byteCount, option: \.protocolLimits.maxMessage) {
      settings, text throws(Failure) in
      // As many as the handshake can say (docs/PROTOCOL.md 3.1).
      settings.messageSizeMax = try text.byteCount(in: 1...Int(UInt32.max))
    },
    Item("max-clients", .number, option: \.load.maxClients) { settings, text throws(Failure) in
      settings.clientCountMax = try text.integer(in: 1...1_000_000)
    },
    Item("max-per-address", .number, option: \.load.maxPerAddress) {
      settings, text throws(Failure) in
      settings.clientsPerAddressMax = try text.integer(in: 0...1_000_000)
    },
    Item("rate", .number, option: \.load.rate) { settings, text throws(Failure) in
      settings.messagesPerSecond = try text.integer(in: 0...1_000_000)
    },
    Item("max-queue", .byteCount, option: \.load.maxQueue) { settings, text throws(Failure) in
      settings.queueByteCountMax = try text.byteCount(in: 1 << 10...1 << 40)
    },
  ]

  private static let greeting: [Item] = [
    Item("name", option: \.greeting.name) { settings, text throws(Failure) in
      settings.name = try text.serverName()
    },
    Item("motd", option: \.greeting.motd) { settings, text throws(Failure) in
      settings.messageOfTheDay = try text.messageOfTheDay()
    },
  ]

  private static let logging: [Item] = [
    Item("log", option: \.logging.log) { settings, text throws(Failure) in
      settings.log.directory = try text.path()
    },
    Item("log-level", option: \.logging.logLevel) { settings, text throws(Failure) in
      settings.log.level = try text.choice(of: LogSettings.levels)
    },
    Item("log-size", .byteCount, option: \.logging.logSize) { settings, text throws(Failure) in
      settings.log.fileSizeMax = try text.byteCount(in: 1 << 10...1 << 40)
    },
    Item("log-files", .number, option: \.logging.logFiles) { settings, text throws(Failure) in
      settings.log.fileCount = try text.integer(in: 1...10_000)
    },
  ]

  private static let faultSettings: [Item] = [
    Item("faults", alternative: "faults-file", option: \.faults.faults) {
      settings, text throws(Failure) in
      settings.faults = try text.faultRules(atOneEnd: true)
    },
    Item("faults-file", alternative: "faults", option: \.faults.faultsFile) {
      settings, text throws(Failure) in
      settings.faults = try text.faultRulesFile(atOneEnd: true)
    },
    Item("seed", .number, option: \.faults.seed) { settings, text throws(Failure) in
      settings.faultSeed = try text.seed()
    },
  ]

  private static let control: [Item] = [
    Item("control", option: \.control.control) { settings, text throws(Failure) in
      settings.controlPath = try text.socketPath()
    }
  ]
}

extension LogSettings {
  /// What swift-log knows, from the least severe on.
  static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
}

extension SettingText {
  /// An address or a name; the brackets of `[::1]` are left out.
  func host() throws(Failure) -> String {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let name = isBracketed ? String(text.dropFirst().dropLast()) : text
    let isName = name.unicodeScalars.allSatisfy { scalar in
      0x21..<0x7F ~= scalar.value && scalar != "[" && scalar != "]" && scalar != "/"
    }
    guard !name.isEmpty, isName, name.utf8.count <= 255 else {
      throw failure("expected an address, such as 0.0.0.0, 127.0.0.1, :: or ::1")
    }
    return name
  }

  /// A port.
  func port() throws(Failure) -> UInt16 {
    UInt16(truncatingIfNeeded: try integer(in: 0...65_535))
  }

  /// The path of a local socket, for which there is little room in an address (unix(7)).
  func socketPath() throws(Failure) -> String {
    try path(byteCountMax: LocalSocket.pathByteCountMax)
  }

  /// A name that fits into a handshake (docs/PROTOCOL.md 3.1), on one line.
  func serverName() throws(Failure) -> String {
    guard text.utf8.count <= 64 else {
      throw failure("the name has \(text.utf8.count) bytes; there may be 64")
    }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw failure("a name has no control characters")
    }
    return text
  }

  /// A text as clients send them (docs/PROTOCOL.md 6.1), of a size that a greeting has.
  func messageOfTheDay() throws(Failure) -> String {
    let byteCountMax = 4_096
    if text.isEmpty { return text }
    guard text.utf8.count <= byteCountMax else {
      throw failure("the greeting has \(text.utf8.count) bytes; there may be \(byteCountMax)")
    }
    do {
      return try ChatText(text).value
    } catch {
      throw failure("a greeting has no control characters but line feed and tab")
    }
  }
}
