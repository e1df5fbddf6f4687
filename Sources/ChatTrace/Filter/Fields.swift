/// The fields of the trace: the keys of the NDJSON form, and what is made from them.
///
/// The same names serve the display filter (`-Y`), `-T fields` and fault rules, bare or after
/// `chat.`.
public enum Fields {
  /// Every field, in the order of the list.
  public static let all: [FieldDescription] =
    commonFields + frameFields + windowFields + noteFields + optionFields + otherFields
    + summaryFields + derivedFields + typeFields

  /// The field with a name or an alias, bare or after `chat.`; any name may follow `options.`.
  public static func find(_ name: String) -> Field? {
    if let index = indices[name] { return all[index].field }
    guard name.hasPrefix("chat.") else { return option(name[...]) }
    let bare = name.dropFirst("chat.".count)
    if let index = indices[String(bare)] { return all[index].field }
    return option(bare)
  }

  /// The known name that is nearest to an unknown one, nil if none is near.
  public static func suggestion(for name: String) -> String? {
    let bare = name.hasPrefix("chat.") ? name.dropFirst("chat.".count) : name[...]
    var candidates: [String] = []
    for description in all {
      candidates.append(description.name)
      candidates += description.aliases
    }
    return Spelling.nearest(to: String(bare), among: candidates)
  }

  private static func option(_ name: Substring) -> Field? {
    let prefix = "options."
    guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else { return nil }
    return Field(String(name), .option(String(name.dropFirst(prefix.count))))
  }

  /// Only looked up, never iterated: its order is different in each run.
  private static let indices: [String: Int] = {
    var indices: [String: Int] = [:]
    for (index, description) in all.enumerated() {
      indices[description.name] = index
      for alias in description.aliases { indices[alias] = index }
    }
    return indices
  }()
}

/// A name that is not a field.
public struct UnknownFieldError: Error, Sendable, Equatable {
  /// The name.
  public let name: String
  /// A known name near it.
  public let suggestion: String?

  init(name: String) {
    self.name = name
    suggestion = Fields.suggestion(for: name)
  }

  /// One sentence, without control characters.
  public var message: String {
    let hint = suggestion.map { "; did you mean \($0)?" } ?? "; chat-inspect fields lists them"
    return "\(Spelling.quoted(name)) is not a field" + hint
  }
}
