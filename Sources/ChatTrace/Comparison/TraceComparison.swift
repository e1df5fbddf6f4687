// Two traces are compared by what they say, not by when: connections are paired by nickname,
// messages by their content, frames by the message that they carry. By file: this one pairs
// connections and has the entry; +Meaning, +Protocol and +Wire are the three levels.

import ChatWire

/// What differs between two traces.
public struct TraceComparison: Sendable {
  /// How two traces are compared.
  public struct Settings: Sendable {
    /// The level.
    public var level = ComparisonLevel.meaning
    /// Fields that may differ.
    public var ignored: Set<String> = []
    /// Which connection of the first trace is which of the second; empty: by nickname and order.
    public var streams: [ComparedPair<Int>] = []

    /// Compares what was said.
    public init() {}
  }

  /// What differs, the earliest in the first trace first.
  public internal(set) var differences: [TraceDifference] = []
  /// Why not everything could be compared, as sentences without a full stop.
  public internal(set) var doubts: [String] = []
  /// Which connections were compared.
  public private(set) var streams: [ComparedPair<Int>] = []

  let settings: Settings
  let traces: ComparedPair<ComparedTrace>

  /// Differences that are kept.
  static let countMax = 100_000

  /// Compares two traces.
  public init(_ first: ComparedTrace, _ second: ComparedTrace, _ settings: Settings = Settings()) {
    self.settings = settings
    traces = ComparedPair(first, second)
    doubts += first.doubts.map { "in the first: \($0)" }
    doubts += second.doubts.map { "in the second: \($0)" }
    let pairs = pairSessions()
    for pair in pairs {
      guard let left = pair.first, let right = pair.second else {
        missingSession(pair)
        continue
      }
      streams.append(ComparedPair(left.stream, right.stream))
      let session = ComparedPair(left, right)
      switch settings.level {
      case .wire: compareWire(session)
      case .protocol:
        compareMeaning(session)
        compareProtocol(session)
      case .meaning: compareMeaning(session)
      }
    }
    let frames = differences.map(Self.place)
    differences = differences.indices.sorted { (frames[$0], $0) < (frames[$1], $1) }
      .map { differences[$0] }
  }

  /// Leaves out differences that do not count.
  public mutating func removeDifferences(where isNoise: (TraceDifference) -> Bool) {
    differences.removeAll(where: isNoise)
  }

  /// True if nothing differs.
  public var isEqual: Bool { differences.isEmpty }

  /// Where it comes among the others: what has no frame in the first trace by that of the second.
  private static func place(_ difference: TraceDifference) -> UInt64 {
    if difference.frames.first > 0 { return difference.frames.first }
    return difference.frames.second > 0 ? difference.frames.second : .max
  }

  func isIgnored(_ field: String) -> Bool { settings.ignored.contains(field) }

  mutating func add(_ difference: TraceDifference) {
    guard !isIgnored(difference.field), differences.count < Self.countMax else { return }
    differences.append(difference)
  }

  // MARK: connections

  private func pairSessions() -> [ComparedPair<StorySession?>] {
    let (left, right) = (traces.first.story.sessions, traces.second.story.sessions)
    if !settings.streams.isEmpty {
      return settings.streams.map { pair in
        ComparedPair(
          left.first { $0.stream == pair.first }, right.first { $0.stream == pair.second })
      }
    }
    var partners: [Int: Int] = [:]
    var taken: Set<Int> = []
    let (leftNames, rightNames) = (left.map(Self.name), right.map(Self.name))
    for (index, name) in leftNames.enumerated() {
      guard let name, leftNames.count(where: { $0 == name }) == 1,
        rightNames.count(where: { $0 == name }) == 1,
        let partner = rightNames.firstIndex(of: name)
      else { continue }
      partners[index] = partner
      taken.insert(partner)
    }
    var rest = right.indices.filter { !taken.contains($0) }[...]
    for index in left.indices where partners[index] == nil {
      if let partner = rest.popFirst() { partners[index] = partner }
    }
    var pairs = left.indices.map { index in
      ComparedPair<StorySession?>(left[index], partners[index].map { right[$0] })
    }
    pairs += rest.map { ComparedPair<StorySession?>(nil, right[$0]) }
    return pairs
  }

  /// The name by which a connection is known: wanted, set, or given.
  private static func name(_ session: StorySession) -> String? {
    if let wanted = session.asked.nickname { return wanted }
    let nick =
      session.dialect == .native ? FrameType.nick.rawValue : ClassicType.setNick.rawValue
    let set = session.fromClient.first { $0.typeCode == nick }?.bytes
    return set.map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func missingSession(_ pair: ComparedPair<StorySession?>) {
    guard let session = pair.first ?? pair.second else { return }
    let words = "a connection\(Self.name(session).map { " of \($0)" } ?? "")"
    let frame =
      (session.fromClient.first ?? session.fromServer.first).map(\.firstFrame) ?? 0
    add(
      TraceDifference(
        level: settings.level, streams: ComparedPair(pair.first?.stream, pair.second?.stream),
        field: "stream",
        values: ComparedPair(pair.first == nil ? nil : words, pair.second == nil ? nil : words),
        frames: ComparedPair(pair.first == nil ? 0 : frame, pair.second == nil ? 0 : frame)))
  }

  /// A difference of two connections as such.
  func difference(
    _ level: ComparisonLevel, _ session: ComparedPair<StorySession>, _ field: String,
    _ first: String?, _ second: String?, frames: ComparedPair<UInt64> = ComparedPair(0, 0)
  ) -> TraceDifference {
    TraceDifference(
      level: level, streams: ComparedPair(session.first.stream, session.second.stream),
      field: field, values: ComparedPair(first, second), frames: frames)
  }
}
