/// The words of the rule language, apart from the names of frame types and fields.
enum FaultRuleWord: String, CaseIterable {
  // What a rule does.
  case drop, loss, corrupt, duplicate, delay, reorder, bandwidth, rate, blackhole, reset
  case slowClose = "slow_close"
  // How it does it.
  case jitter, gap, on, off
  // To which frames.
  case clientToServer = "c2s"
  case serverToClient = "s2c"
  case upstream, downstream
  case nth, first, every, message, fragment, attempt, connection, after
  case lasting = "for"
  case `where`

  /// The word in any case; nil if there is none.
  init?(word: String) {
    self.init(rawValue: word.lowercased())
  }

  var isAction: Bool {
    switch self {
    case .drop, .loss, .corrupt, .duplicate, .delay, .reorder, .bandwidth, .rate, .blackhole,
      .reset, .slowClose:
      true
    case .jitter, .gap, .on, .off, .clientToServer, .serverToClient, .upstream, .downstream, .nth,
      .first, .every, .message, .fragment, .attempt, .connection, .after, .lasting, .where:
      false
    }
  }

  /// True for what tells frames apart, which the end of a direction has nothing of.
  var isAboutFrames: Bool {
    switch self {
    case .nth, .first, .every, .message, .fragment, .attempt, .where: true
    default: false
    }
  }

  /// The words that a rule can begin with.
  static var actions: [String] { allCases.filter(\.isAction).map(\.rawValue) }

  /// The words that can follow, names of types among them.
  static var selectors: [String] {
    allCases.filter { !$0.isAction }.map(\.rawValue) + FrameTypeName.allCases.map(\.name)
  }
}
