/// What is wrong with a line of a script.
public struct ScriptError: Error, Sendable, Hashable {
  /// The line, from 1.
  public var line: Int
  /// One sentence that says it.
  public var sentence: String

  /// The whole of it.
  public var description: String { "line \(line): \(sentence)" }
}
