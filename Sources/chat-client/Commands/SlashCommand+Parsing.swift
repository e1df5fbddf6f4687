internal import ChatLens
internal import ChatProgram
internal import ChatWire

extension SlashCommand {
  /// Reads what stands behind the slash.
  init(parsing line: some StringProtocol) throws(SlashCommandError) {
    let name = line.prefix { $0 != " " }
    let argument = String(line.dropFirst(name.count)).trimmingSpaces
    guard let help = CommandHelp.named(String(name)) else {
      throw Self.unknown(String(name))
    }
    guard help.takesArgument || argument.isEmpty else {
      throw SlashCommandError(message: "/\(help.name) takes nothing behind it")
    }
    switch help.command {
    case .nickname: self = .nickname(try Self.nickname(argument))
    case .who: self = .who
    case .quit: self = .quit(reason: try Self.reason(argument))
    case .help: self = .help(try Self.topic(argument))
    case .status: self = .status
    case .repair: self = .repair(try Self.repair(argument))
    case .window:
      self = .window(try Self.number(argument, help, in: 1...16_384, unit: "frames"))
    case .fragment:
      self = .fragment(try Self.number(argument, help, in: 1...65_535, unit: "bytes"))
    case .timeout: self = .timeout(try Self.timeout(argument))
    case .faults: self = try Self.faults(argument)
    case .reconnect: self = .reconnect
    case .clear: self = .clear
    case .save:
      guard !argument.isEmpty else { throw Self.usage(help) }
      self = .save(path: argument, replacing: name.hasSuffix("!"))
    case .trace:
      guard !argument.isEmpty else { throw Self.usage(help) }
      self = .trace(path: argument, replacing: name.hasSuffix("!"))
    }
  }

  private static func unknown(_ name: String) -> SlashCommandError {
    let shown = EscapedText.line(String(name.prefix(40)))
    if name.isEmpty {
      return SlashCommandError(
        message: "there is no command behind the slash; /help lists them, //text says /text")
    }
    guard let nearest = NearestName.find(name, among: CommandHelp.all.map(\.name)) else {
      return SlashCommandError(
        message: "there is no command /\(shown); /help lists them, //text says /text")
    }
    return SlashCommandError(message: "there is no command /\(shown); did you mean /\(nearest)?")
  }

  private static func usage(_ help: CommandHelp) -> SlashCommandError {
    SlashCommandError(message: "usage: \(help.usage)")
  }

  private static func nickname(_ text: String) throws(SlashCommandError) -> String {
    guard !text.isEmpty else { throw usage(.about(.nickname)) }
    do {
      return try Nickname(text).value
    } catch {
      throw SlashCommandError(message: error.sentence.asClause)
    }
  }

  /// What goes into FIN: one that the protocol does not take would arrive as none.
  private static func reason(_ text: String) throws(SlashCommandError) -> String {
    guard text.utf8.count <= 200 else {
      throw SlashCommandError(message: "the reason has more than 200 bytes")
    }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value })
    else { throw SlashCommandError(message: "the reason has control characters") }
    return text
  }

  private static func topic(_ text: String) throws(SlashCommandError) -> CommandHelp? {
    guard !text.isEmpty else { return nil }
    let name = text.hasPrefix("/") ? String(text.dropFirst()) : text
    guard let help = CommandHelp.named(name) else { throw unknown(name) }
    return help
  }

  private static func repair(_ text: String) throws(SlashCommandError) -> Repair {
    guard !text.isEmpty else { throw usage(.about(.repair)) }
    guard let repair = Repair(rawValue: text.lowercased()) else {
      throw SlashCommandError(
        message: "\(quoted(text)) is no protocol: \(CommandHelp.about(.repair).usage)")
    }
    return repair
  }

  private static func number(
    _ text: String, _ help: CommandHelp, in range: ClosedRange<Int>, unit: String
  ) throws(SlashCommandError) -> Int {
    guard !text.isEmpty else { throw usage(help) }
    guard let number = Int(text) else {
      throw SlashCommandError(message: "\(quoted(text)) is no number: \(help.usage)")
    }
    guard range.contains(number) else {
      throw SlashCommandError(
        message: "/\(help.name) takes \(range.lowerBound) to \(range.upperBound) \(unit)")
    }
    return number
  }

  private static func timeout(_ text: String) throws(SlashCommandError) -> Duration? {
    guard !text.isEmpty else { throw usage(.about(.timeout)) }
    if text.lowercased() == "auto" { return nil }
    guard let seconds = seconds(text) else {
      throw SlashCommandError(
        message: "\(quoted(text)) is no time: \(CommandHelp.about(.timeout).usage), as in 0.5 or "
          + "200ms")
    }
    guard seconds >= 0.001, seconds <= 60 else {
      throw SlashCommandError(message: "/timeout takes 1 ms to 60 s")
    }
    return .microseconds(Int64((seconds * 1_000_000).rounded()))
  }

  private static func seconds(_ text: String) -> Double? {
    let lower = text.lowercased()
    let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("us", 0.000_001), ("s", 1)]
    let unit = units.first { lower.hasSuffix($0.suffix) } ?? ("", 1)
    let digits = String(lower.dropLast(unit.suffix.utf8.count)).trimmingSpaces
    guard !digits.isEmpty, digits.utf8.count <= 20,
      digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == 0x2E })
    else { return nil }
    return Double(digits).map { $0 * unit.seconds }
  }

  private static func faults(_ text: String) throws(SlashCommandError) -> SlashCommand {
    if text.isEmpty { return .showFaults }
    if text.lowercased() == "off" { return .faults(FaultRules()) }
    let rules: FaultRules
    do {
      rules = try FaultRules(parsing: text, filters: .forProgram)
    } catch {
      throw SlashCommandError(
        message: error.message,
        details: error.caretMessage(for: text).split(separator: "\n").map(String.init))
    }
    guard !rules.areAboutEnds else {
      throw SlashCommandError(message: FaultOptions.refusalOfEnds)
    }
    return .faults(rules)
  }

  private static func quoted(_ text: String) -> String {
    let short = text.count > 40 ? text.prefix(40) + "..." : text[...]
    return "\"" + EscapedText.line(String(short)) + "\""
  }
}

extension String {
  /// Without the spaces at both ends.
  var trimmingSpaces: String {
    guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " })
    else { return "" }
    return String(self[first...last])
  }

  /// A sentence without its capital and its full stop, to stand behind a colon or a semicolon.
  var asClause: String {
    let body = hasSuffix(".") ? dropLast() : self[...]
    // An abbreviation keeps its capitals.
    guard body.dropFirst().first?.isUppercase != true else { return String(body) }
    return body.prefix(1).lowercased() + body.dropFirst()
  }
}
