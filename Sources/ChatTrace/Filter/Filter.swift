/// Makes a matcher for a regular expression; nil if the pattern is none.
///
/// Regular expressions come from the program: this module has none. The pattern begins with `(?i)`,
/// since filters ignore case unless the pattern says `(?-i)`. The matcher searches: it need not
/// match the whole subject.
public typealias RegularExpressionCompiler =
  @Sendable (_ pattern: String) -> (@Sendable (_ subject: String) -> Bool)?

/// A display filter: which events of a trace to show.
///
/// The language is a subset of wireshark-filter(4); see docs/FILTER.md. A filter is wrong when it
/// is made, or never: all errors of spelling and of type are found here.
public struct Filter: Sendable {
  private let program: FilterProgram

  /// Makes a filter from its text; the empty text lets everything pass.
  public init(_ text: String, matcher: RegularExpressionCompiler?) throws(FilterError) {
    program = try FilterParser.program(of: text, scope: .trace, matcher: matcher)
  }

  /// True if the event passes; `payload` is what was captured of the frame's payload.
  public func matches(_ event: TraceEvent, payload: RawSpan) -> Bool {
    program.evaluate(program.root, event, payload)
  }
}
