public import ChatWire

/// Whose fault something is.
public enum Blame: UInt8, Sendable, Hashable, CaseIterable {
  /// A peer has broken the protocol.
  case peer
  /// Frames were damaged, lost, doubled or overtaken on their way; nobody has broken the protocol.
  case network
  /// The capture lacks something, so it cannot be told.
  case capture

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .peer: "peer"
    case .network: "network"
    case .capture: "capture"
    }
  }
}

/// One thing that the examination of a session has found.
public struct Finding: Sendable, Hashable {
  /// The rule of the protocol that it is about.
  public var rule: ConformanceRule
  /// The section of docs/PROTOCOL.md that it is about: that of the rule, or nearer.
  public var section: String
  /// The row of the section's table, or its bullet, from 1; nil if it has none.
  public var row: Int?
  /// Whose fault it is.
  public var blame: Blame
  /// The connection.
  public var stream: Int
  /// The peer whose behaviour it is about.
  public var side: Session.Role
  /// The frame at which it shows; 0 if that is no frame.
  public var frame: UInt64
  /// The frames that it follows from, earliest first.
  public var because: [UInt64]
  /// What the rule asks for here, as a sentence without a full stop.
  public var expected: String
  /// What was there instead, likewise.
  public var found: String

  /// `4.2 row 1`, or the section alone.
  public var place: String { row.map { "\(section) row \($0)" } ?? section }

  /// Makes a finding.
  public init(
    _ rule: ConformanceRule, _ blame: Blame, stream: Int, side: Session.Role, frame: UInt64,
    because: [UInt64] = [], expected: String, found: String
  ) {
    self.rule = rule
    section = rule.section
    row = rule.row
    self.blame = blame
    self.stream = stream
    self.side = side
    self.frame = frame
    self.because = because
    self.expected = expected
    self.found = found
  }
}

/// What an examination comes to.
public enum ConformanceVerdict: UInt8, Sendable, Hashable, CaseIterable {
  /// No peer has broken a rule, as far as can be seen from outside; and everything could be seen.
  case conformant
  /// A peer has broken a rule.
  case violated
  /// No violation was found, but the capture lacks what it takes to tell.
  case inconclusive

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .conformant: "conformant"
    case .violated: "violated"
    case .inconclusive: "inconclusive"
    }
  }
}
