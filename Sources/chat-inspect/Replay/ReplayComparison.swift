internal import ArgumentParser
internal import ChatTrace

/// How what was played is compared with what was recorded.
struct ReplayComparingOptions: ParsableArguments {
  @OptionGroup var compared: ComparingOptions

  @Flag(
    help: """
      Play it twice, and take what differs between these two for noise: for a server that numbers \
      its guests, for instance.
      """)
  var twice = false
}

/// What was played, held against what was recorded.
struct ReplayComparison {
  let level: ComparisonLevel
  private(set) var result: TraceComparison
  /// How many differences two runs have between them, if it was played twice.
  private(set) var noiseCount: Int?

  init(
    _ recorded: ComparedTrace, plan: ReplayPlan, run: ReplayRun, first: ReplayRun?,
    settings: TraceComparison.Settings
  ) {
    level = settings.level
    var settings = settings
    let streams = plan.connections.map(\.session.stream)
    let live = Self.liveStreams(run)
    var recorded = recorded
    // What is not known of connections that are not played does not matter.
    let others = recorded.story.sessions.map(\.stream).filter { !streams.contains($0) }
    recorded.doubts.removeAll { doubt in
      others.contains { doubt.hasPrefix("stream \($0): ") }
    }
    settings.streams = streams.map { ComparedPair($0, live[$0] ?? Self.nowhere) }
    result = TraceComparison(recorded, run.played, settings)
    if run.signal != nil {
      // What was not played yet is missing, and does not differ.
      result.removeDifferences { $0.values.first == nil || $0.values.second == nil }
      result.removeDifferences { $0.field == "end" }
    }
    guard let first else { return }
    let before = Self.liveStreams(first)
    settings.streams = streams.compactMap { stream in
      guard let one = before[stream], let other = live[stream] else { return nil }
      return ComparedPair(one, other)
    }
    let noise = TraceComparison(first.played, run.played, settings)
    noiseCount = noise.differences.count
    let places = Set(noise.differences.map { Place($0, stream: $0.streams.second) })
    result.removeDifferences { places.contains(Place($0, stream: $0.streams.second)) }
  }

  /// No connection has this number.
  private static let nowhere = -1

  /// The live streams by the recorded ones.
  private static func liveStreams(_ run: ReplayRun) -> [Int: Int] {
    var live: [Int: Int] = [:]
    for (stream, recorded) in run.recordedStreams { live[recorded] = stream }
    return live
  }

  /// Where something differs, whatever it is.
  private struct Place: Hashable {
    var stream: Int?
    var direction: Direction?
    var message: Int?
    var fragment: Int?
    var field: String

    init(_ difference: TraceDifference, stream: Int?) {
      self.stream = stream
      direction = difference.direction
      message = difference.message
      fragment = difference.fragment
      field = difference.field
    }
  }
}
