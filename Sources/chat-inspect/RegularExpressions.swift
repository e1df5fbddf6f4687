internal import ChatTrace

/// Compiles the patterns of `matches` for the display filter, which has no regular expressions
/// itself.
enum RegularExpressions {
  static let compile: RegularExpressionCompiler = { pattern in
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
