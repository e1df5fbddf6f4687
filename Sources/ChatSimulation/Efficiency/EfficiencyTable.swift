public import ChatWire

/// What losses cost: frames sent for each useful frame, and time for each message compared to a
/// line without loss, for both modes, by window and loss.
///
/// The line has a round trip of 20 ms and no rate; messages are one frame each and wait in the
/// queue from the beginning. Losses hit sequenced frames and acknowledgements, in both directions,
/// and nobody gives up.
public struct EfficiencyTable: Sendable {
  /// A cell of the table.
  public struct Cell: Sendable, Hashable {
    /// Sequenced frames sent, copies included, for each that was needed.
    public var framesPerUsefulFrame: Double
    /// The time of a message, compared to that without loss.
    public var relativeTime: Double
    /// The time from the handshake to the last delivery.
    public var time: Duration
  }

  /// The windows of the table.
  public static let windows = [1, 4, 16, 64]
  /// The losses of the table, in percent.
  public static let losses = [0, 1, 5, 10, 20, 30]

  /// Messages of a run.
  public var messageCount = 1_000
  /// Runs that are averaged, each with a seed of its own.
  public var seeds: ClosedRange<UInt64> = 1...1

  /// A table of 1,000 messages.
  public init() {}

  /// The plan of a run.
  public func plan(mode: ARQMode, window: Int, lossPercent: Int, seed: UInt64) -> SimulationPlan {
    var plan = SimulationPlan()
    plan.mode = mode
    plan.windowSize = window
    plan.messages = SimulationPlan.Traffic(messageCount: messageCount, byteCount: 20...20)
    plan.retriesMax = nil
    plan.seed = seed
    plan.limit = .seconds(1_000_000)
    if lossPercent > 0 { plan.faults = "drop \(lossPercent)% DATA,FIN,ACK,NACK" }
    return plan
  }

  /// Runs one cell; nil, and what is wrong, if a checker finds something.
  public func cell(
    mode: ARQMode, window: Int, lossPercent: Int, lossless: Cell? = nil,
    checksum: CRC32 = CRC32()
  ) -> (cell: Cell?, failure: String?) {
    var frames = 0
    var useful = 0
    var nanoseconds: Int64 = 0
    for seed in seeds {
      let plan = plan(mode: mode, window: window, lossPercent: lossPercent, seed: seed)
      let report: SimulationReport
      do throws(FaultRuleError) {
        report = try plan.run(checksum: checksum)
      } catch {
        return (nil, error.message)
      }
      if let failure = report.failure { return (nil, failure) }
      frames += report.counts.client.sequencedFramesSent
      useful += report.counts.client.firstTransmissions
      let begin = report.counts.client.establishedTime ?? .zero
      let end = report.counts.server.deliveryTimes.last ?? .zero
      nanoseconds += begin.nanoseconds(to: end) / Int64(seeds.count)
    }
    let time = Duration.nanoseconds(nanoseconds)
    let reference = lossless?.time.nanoseconds ?? nanoseconds
    return (
      Cell(
        framesPerUsefulFrame: Double(frames) / Double(max(1, useful)),
        relativeTime: Double(nanoseconds) / Double(max(1, reference)), time: time), nil
    )
  }

  /// The whole table as text.
  public func text(checksum: CRC32 = CRC32()) -> String {
    var result = """
      frames sent per useful frame / time per message relative to a line without loss
      \(messageCount) messages of one frame, round trip 20 ms, losses in both directions

      """
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var heading = Self.pad(mode.name, 10)
      for loss in Self.losses { heading += Self.pad("\(loss) %", 15) }
      result += "\n" + Self.trimmed(heading) + "\n"
      for window in Self.windows {
        var line = Self.pad("window \(window)", 10)
        var lossless: Cell?
        for loss in Self.losses {
          let (cell, failure) = cell(
            mode: mode, window: window, lossPercent: loss, lossless: lossless, checksum: checksum)
          guard let cell else { return failure ?? "" }
          if loss == 0 { lossless = cell }
          line += Self.pad(
            Self.decimal(cell.framesPerUsefulFrame) + " / " + Self.decimal(cell.relativeTime), 15)
        }
        result += Self.trimmed(line) + "\n"
      }
    }
    return result
  }

  /// A number with two digits after the point.
  static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = String(hundredths % 100)
    return "\(hundredths / 100)." + (fraction.utf8.count < 2 ? "0" : "") + fraction
  }

  /// Without the spaces at its end.
  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.utf8.count))
  }
}
