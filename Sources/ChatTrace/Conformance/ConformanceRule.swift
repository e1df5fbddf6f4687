/// A rule of the protocol that a peer can be seen to break, with its place in docs/PROTOCOL.md.
public enum ConformanceRule: UInt8, Sendable, Hashable, CaseIterable {
  // MARK: frames
  case flagsReserved
  case lastOnControl

  /// The stable name: NDJSON, filters, docs/VERIFY.md.
  public var name: String {
    switch self {
    case .flagsReserved: "frame.flags"
    case .lastOnControl: "frame.last_on_control"
    }
  }

  /// The section of docs/PROTOCOL.md.
  public var section: String {
    switch self {
    case .flagsReserved, .lastOnControl: "2"
    }
  }

  /// The row of the section's table, or its bullet, from 1; nil if it has none.
  public var row: Int? { nil }

  /// What the rule says, as a sentence without a full stop.
  public var statement: String {
    switch self {
    case .flagsReserved: "Flag bits 2 to 7 are sent as 0"
    case .lastOnControl: "LAST is clear on control frames"
    }
  }
}
