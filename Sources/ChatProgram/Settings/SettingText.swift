public import ChatWire

/// Where the value of a setting was written.
public enum SettingOrigin: Sendable, Equatable {
  /// `--port`, on the command line.
  case option(String)
  /// `CHAT_PORT`, in the environment.
  case environment(String)
  /// A key of a configuration file, and where its value stands.
  case file(path: String, line: Int, column: Int, key: String)

  /// How messages begin that are about it: `--port`, `CHAT_PORT`, `config.toml, line 2, column 8:
  /// port`.
  public var description: String {
    switch self {
    case .option(let name), .environment(let name): name
    case .file(let path, let line, let column, let key):
      "\(path), line \(line), column \(column): \(key)"
    }
  }
}

/// The value of a setting as somebody has written it: the readers below check it, in the same way
/// and with the same words wherever it was written.
public struct SettingText: Sendable, Equatable {
  /// The value.
  public let text: String
  /// The value with the quotes and escapes that it was written with.
  public let spelling: String
  /// Where.
  public let origin: SettingOrigin

  /// A value, and where it was written.
  public init(_ text: String, spelling: String? = nil, from origin: SettingOrigin) {
    self.text = text
    self.spelling = spelling ?? text
    self.origin = origin
  }

  /// What is wrong with it, in a sentence that begins with where it was written.
  public func failure(_ complaint: String, status: ExitStatus = .unusable) -> Failure {
    let shown = TerminalText.cut(spelling, scalarCountMax: 40)
    return switch origin {
    case .option(let name):
      Failure("\(name) \(shown.isEmpty ? "''" : shown): \(complaint)", status: status)
    case .environment(let name): Failure("\(name)=\(shown): \(complaint)", status: status)
    case .file: Failure("\(origin.description) = \(shown): \(complaint)", status: status)
    }
  }

  /// A whole number.
  public func integer(in range: ClosedRange<Int>) throws(Failure) -> Int {
    let span = "\(range.lowerBound) to \(range.upperBound)"
    guard isInteger else { throw failure("expected a whole number, \(span)") }
    guard let value = Int(text), range.contains(value) else { throw failure("expected \(span)") }
    return value
  }

  /// A whole number of 64 bits, as seeds are.
  public func seed() throws(Failure) -> UInt64 {
    guard isInteger, let value = UInt64(text) else {
      throw failure("expected a whole number, 0 to \(UInt64.max)")
    }
    return value
  }

  /// A number of bytes: `1500`, `64k`, `1M`.
  public func byteCount(in range: ClosedRange<Int>) throws(Failure) -> Int {
    let span = "\(ByteCount.exact(range.lowerBound)) to \(ByteCount.exact(range.upperBound))"
    guard let value = ByteCount.parse(text) else {
      throw failure(
        isInteger ? "expected \(span) bytes" : "expected bytes, \(span), such as 1500, 64k or 1M")
    }
    guard range.contains(value) else { throw failure("expected \(span) bytes") }
    return value
  }

  /// A time with its unit.
  public func time() throws(Failure) -> Duration {
    guard let duration = Duration(unitText: text) else {
      throw failure("expected a time with its unit, such as 20ms or 1.5s")
    }
    return duration
  }

  /// Yes or no.
  public func flag() throws(Failure) -> Bool {
    switch text.lowercased() {
    case "true", "yes", "on", "1": return true
    case "false", "no", "off", "0": return false
    default: throw failure("expected true or false")
    }
  }

  /// One of several words.
  public func choice(of words: [String]) throws(Failure) -> String {
    guard let word = words.first(where: { $0 == text.lowercased() }) else {
      let all = words.dropLast().joined(separator: ", ")
      let near = NearestName.find(text, among: words).map { "; did you mean \($0)?" } ?? ""
      throw failure("expected \(all) or \(words.last ?? "")\(near)")
    }
    return word
  }

  /// The path of a file, a directory or a socket.
  public func path(byteCountMax: Int = 4_095) throws(Failure) -> String {
    guard !text.isEmpty else { throw failure("expected a path") }
    guard text.utf8.count <= byteCountMax else {
      throw failure("the path has \(text.utf8.count) bytes; there may be \(byteCountMax)")
    }
    return text
  }

  /// Fault rules.
  ///
  /// - Parameters:
  ///   - atOneEnd: Refuses those that a program at one of the two ends cannot follow.
  ///   - filters: The language of filters in parentheses, if the program has it.
  public func faultRules(
    atOneEnd: Bool = false, filters: FaultFilterLanguage? = nil
  ) throws(Failure) -> FaultRules {
    let rules: FaultRules
    do {
      rules = try FaultRules(parsing: text, filters: filters)
    } catch {
      throw Failure(faultRules: error, in: text, from: origin.description)
    }
    return try checked(rules, atOneEnd: atOneEnd)
  }

  private func checked(_ rules: FaultRules, atOneEnd: Bool) throws(Failure) -> FaultRules {
    guard atOneEnd, rules.areAboutEnds else { return rules }
    throw Failure(
      "\(origin.description): \(FaultOptions.refusalOfEnds)", status: .badFilter)
  }

  /// Fault rules from the file whose path this is.
  ///
  /// - Parameters:
  ///   - atOneEnd: Refuses those that a program at one of the two ends cannot follow.
  ///   - filters: The language of filters in parentheses, if the program has it.
  public func faultRulesFile(
    atOneEnd: Bool = false, filters: FaultFilterLanguage? = nil
  ) throws(Failure) -> FaultRules {
    let path = try path()
    let rules: String
    do {
      rules = try TextFile.read(path, byteCountMax: 1 << 20)
    } catch {
      guard let message = error.message else { throw error }
      throw Failure("\(origin.description): \(message)", status: error.status)
    }
    let parsed: FaultRules
    do {
      parsed = try FaultRules(parsing: rules, filters: filters)
    } catch {
      let name = path == "-" ? "standard input" : path
      throw Failure(faultRules: error, in: rules, from: "\(name), line \(error.line)")
    }
    return try checked(parsed, atOneEnd: atOneEnd)
  }

  private var isInteger: Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    return !digits.isEmpty && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 }
  }
}

extension Failure {
  /// Fault rules that cannot be understood, with a caret under the place.
  ///
  /// - Parameter origin: where they were written.
  public init(
    faultRules error: FaultRuleError, in text: String, from origin: String = "--faults"
  ) {
    let marked = error.caretMessage(for: text).split(separator: "\n").map { "  " + $0 }
    self.init(
      "\(origin): \(error.message)\n\(marked.joined(separator: "\n"))", status: .badFilter)
  }
}
