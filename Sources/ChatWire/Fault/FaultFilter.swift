/// A display filter in a fault rule, as in `where (text contains "hello")`.
///
/// It is read once, with the rules. Filters with the same text are the same.
public struct FaultFilter: Sendable, Hashable, CustomStringConvertible {
  /// Tells whether a frame passes, by what is known when it arrives.
  ///
  /// The payload is what follows the header. The answer must depend on nothing but these.
  public typealias Test =
    @Sendable (
      _ frame: IdentifiedFrame, _ header: FrameHeader, _ dialect: Dialect, _ payload: RawSpan
    ) -> Bool

  /// The filter as it stands between the parentheses, without space at its ends.
  public let text: String
  private let test: Test

  /// Makes a filter from its text and what that means.
  init(_ text: String, test: @escaping Test) {
    self.text = text
    self.test = test
  }

  /// True if a frame passes.
  func matches(_ subject: FaultSubject, payload: RawSpan) -> Bool {
    test(subject.frame, subject.header, subject.dialect, payload)
  }

  /// The filter in its parentheses, as it is written in a rule.
  public var description: String { "(" + text + ")" }

  /// True if the texts are equal.
  public static func == (left: FaultFilter, right: FaultFilter) -> Bool { left.text == right.text }

  /// Hashes the text.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// The language of the filters in fault rules.
///
/// It comes from the program: this module has none.
public struct FaultFilterLanguage: Sendable {
  /// True if a word is the name of a field in the language, whether filters here may use it or not.
  let isField: @Sendable (_ word: String) -> Bool
  /// Reads a filter.
  let compile: @Sendable (_ text: String) throws(FaultFilterError) -> FaultFilter.Test

  /// Makes a language.
  ///
  /// - Parameters:
  ///   - isField: True if a word is the name of a field, whether filters here may use it or not.
  ///   - compile: Reads a filter, which is not empty; throws what is wrong with it.
  public init(
    isField: @escaping @Sendable (_ word: String) -> Bool,
    compile: @escaping @Sendable (_ text: String) throws(FaultFilterError) -> FaultFilter.Test
  ) {
    self.isField = isField
    self.compile = compile
  }
}

/// Why a text is no filter: one sentence, and where in the text.
public struct FaultFilterError: Error, Sendable, Hashable {
  /// One sentence.
  public let message: String
  /// The bytes of the filter, as UTF-8, that it is about; empty if something is missing there.
  public let range: Range<Int>

  /// Makes an error about some bytes of a filter.
  public init(_ message: String, at range: Range<Int>) {
    self.message = message
    self.range = range
  }
}
