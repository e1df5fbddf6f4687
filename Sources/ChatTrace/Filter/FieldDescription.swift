/// What the list of fields says about one field.
public struct FieldDescription: Sendable {
  /// Where a field is listed.
  public enum Group: UInt8, Sendable, CaseIterable {
    case every, frame, acknowledgement, notes, options, tcp, fault, session, summary, derived, types

    /// The heading.
    var heading: String {
      switch self {
      case .every: "On every record"
      case .frame: "On frames"
      case .acknowledgement: "On frames: windows"
      case .notes: "On frames, faults and sessions: notes, each field once per note"
      case .options: "On handshake frames: options.NAME, any name; among them"
      case .tcp: "On TCP events"
      case .fault: "On faults"
      case .session: "On sessions"
      case .summary: "In the summary, which closes the output and is never filtered"
      case .derived: "Made from the others, named as in Wireshark"
      case .types: "True on frames of one type"
      }
    }
  }

  /// The field.
  public let field: Field
  /// Where it is listed.
  public let group: Group
  /// What it says, in one sentence.
  public let meaning: String
  /// Other names.
  public let aliases: [String]
  /// True for the keys of the NDJSON form.
  public let isContract: Bool

  /// The name in the NDJSON form.
  public var name: String { field.name }
  /// The type of its values.
  public var type: FieldType { field.type }

  init(
    _ name: String, _ source: FieldSource, _ group: Group, _ meaning: String,
    aliases: [String] = [], isContract: Bool = true
  ) {
    field = Field(name, source)
    self.group = group
    self.meaning = meaning
    self.aliases = aliases
    self.isContract = isContract
  }

  init(
    _ name: String, _ scalar: ScalarField, _ group: Group, _ meaning: String,
    aliases: [String] = [], isContract: Bool = true
  ) {
    self.init(
      name, .scalar(scalar), group, meaning, aliases: aliases, isContract: isContract)
  }
}
