/// Compiles the patterns of `matches` for the display filter, which has no regular expressions
/// itself.
public enum RegularExpressions {
  /// Makes a function that searches a text for a pattern; nil if the pattern is none.
  @Sendable public static func compile(_ pattern: String) -> (@Sendable (String) -> Bool)? {
    guard let regex = try? Regex(pattern).ignoresCase() else { return nil }
    let box = Box(regex: regex)
    return { subject in (try? box.regex.firstMatch(in: subject)) != nil }
  }

  /// `Regex` is not Sendable because it may hold a caller's closures; one made from text holds
  /// none.
  private struct Box: @unchecked Sendable {
    let regex: Regex<AnyRegexOutput>
  }
}
