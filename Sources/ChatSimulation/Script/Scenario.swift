public import ChatWire

/// A script for a pair: settings, then commands with their times (docs/SIMULATION.md).
public struct Scenario: Sendable {
  /// The first comment of the script.
  public var title = ""
  /// The settings; its messages are none, for the commands send them.
  public var plan: SimulationPlan
  /// The commands in the order of the script.
  public var commands: [TimedCommand] = []
  /// Timers and limits that the script sets beyond those of the plan.
  public var tuning: SessionTuning
  /// When the run ends if the sessions have not ended by then.
  public var limit = Duration.seconds(200)

  /// A script without lines.
  public init() {
    plan = SimulationPlan()
    plan.messages = SimulationPlan.Traffic()
    tuning = plan.tuning
  }

  /// Reads a script.
  ///
  /// - Parameter filters: The language of filters in fault rules, if there is one.
  /// - Throws: the first thing that is wrong, with its line.
  public init(
    parsing text: String, filters: FaultFilterLanguage? = nil
  ) throws(ScriptError) {
    var parser = ScriptParser(filters: filters)
    try parser.read(text)
    self = parser.scenario
  }

  /// What a connection needs to know.
  ///
  /// - Parameter filters: The language of filters in fault rules, if there is one.
  public func parameters(
    filters: FaultFilterLanguage? = nil
  ) throws(FaultRuleError) -> ConnectionParameters {
    var parameters = try plan.parameters(filters: filters)
    parameters.client.tuning = tuning
    parameters.server.tuning = tuning
    return parameters
  }

  /// Runs it and writes down what happens.
  ///
  /// - Throws: what is wrong with the fault rules.
  public func transcript(checksum: CRC32 = CRC32()) throws(FaultRuleError) -> String {
    var pair = SimulatedPair(try parameters(), commands: commands, checksum: checksum)
    var transcript = Transcript()
    let end = pair.run(
      until: Instant.zero.advanced(by: limit), stepCountMax: Transcript.linesMax, &transcript)
    return transcript.text(title: title, end, at: pair.now)
  }
}
