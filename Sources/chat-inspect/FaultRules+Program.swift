internal import ChatProgram
internal import ChatTrace
internal import ChatWire

extension FaultFilterLanguage {
  /// Filters in fault rules as this program reads them: display filters, with regular expressions.
  static let forProgram = displayFilter(matcher: RegularExpressions.compile)
}

extension FaultRules {
  /// Reads fault rules with everything that this program knows.
  ///
  /// - Throws: what is wrong first, with a caret under the place.
  init(
    forProgram text: String, from origin: SettingOrigin = .option("--faults")
  ) throws(Failure) {
    self = try SettingText(text, from: origin).faultRules(filters: .forProgram)
  }

  /// Reads fault rules from a file with everything that this program knows.
  ///
  /// - Throws: why the file cannot be read, or what is wrong first, with a caret under the place.
  init(
    forProgramFrom path: String, from origin: SettingOrigin = .option("--faults-file")
  ) throws(Failure) {
    self = try SettingText(path, from: origin).faultRulesFile(filters: .forProgram)
  }
}
