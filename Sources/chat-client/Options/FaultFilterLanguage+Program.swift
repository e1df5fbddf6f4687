internal import ChatProgram
internal import ChatTrace
internal import ChatWire

extension FaultFilterLanguage {
  /// Filters in fault rules as this program reads them: display filters, with regular expressions.
  static let forProgram = displayFilter(matcher: RegularExpressions.compile)
}
