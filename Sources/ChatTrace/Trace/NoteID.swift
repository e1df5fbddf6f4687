/// The identity of a note.
public enum NoteID: UInt8, Sendable, Hashable, CaseIterable {
  case placeholder

  /// The stable name in NDJSON.
  public var name: String { "placeholder" }
  /// How serious it is.
  public var severity: Severity { .chat }
  /// The section of PROTOCOL.md that it is about, for a violation.
  public var section: String? { nil }
}

extension Note {
  /// The sentence, with text from the wire unescaped: renderers escape it.
  public var text: String { "placeholder" }
}
