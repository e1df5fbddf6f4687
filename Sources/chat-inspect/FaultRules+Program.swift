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
  init(forProgram text: String, from origin: String = "--faults") throws(Failure) {
    do {
      self = try FaultRules(parsing: text, filters: .forProgram)
    } catch {
      throw Failure(faultRules: error, in: text, from: origin)
    }
  }
}
