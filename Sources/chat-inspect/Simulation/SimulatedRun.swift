internal import ChatPosix
internal import ChatProgram
internal import ChatSimulation
internal import ChatWire

/// A conversation that is to be simulated: from options, or from a script.
struct SimulatedRun {
  /// What connection, commands and limit come from.
  var plan = SimulationPlan()
  /// The script, if there is one; its settings are in `plan`.
  private var scenario: Scenario?
  /// How the script is called in messages.
  private var scriptName = ""

  /// The run that the options define.
  init(script path: String?, options: SimulationOptions) throws(Failure) {
    if let path {
      scriptName = path == "-" ? "standard input" : path
      let text = try TextFile.read(path, byteCountMax: 1 << 20)
      do {
        let scenario = try Scenario(parsing: text, filters: .forProgram)
        self.scenario = scenario
        plan = scenario.plan
      } catch {
        throw Failure("\(scriptName), \(error.description)")
      }
      guard options.messages == nil, options.replies == nil else {
        throw Failure(
          "--messages and --replies are for runs without a script, which says what is sent")
      }
    }
    try options.apply(to: &plan)
    if options.timeout != nil { scenario?.tuning.fixedTimeout = plan.fixedTimeout }
    if options.retries != nil { scenario?.tuning.timerRetriesMax = plan.retriesMax ?? .max }
    if options.limit != nil { scenario?.limit = plan.limit }
  }

  /// True if a script says what is done; it may end before the sessions do.
  var isScripted: Bool { scenario != nil }

  /// What is being shown, if the script says.
  var title: String { scenario?.title ?? "" }

  /// When it is given up.
  var limit: Instant { Instant.zero.advanced(by: scenario?.limit ?? plan.limit) }

  /// How many messages the client is asked to send.
  var messageCount: Int {
    guard let scenario else { return plan.messages.messageCount }
    return scenario.commands.count {
      if case .send(.client, _, _) = $0.command { true } else { false }
    }
  }

  /// The two ends and the line between them.
  func pair() throws(Failure) -> SimulatedPair {
    let checksum = CRC32.forProgram
    do {
      guard var scenario else {
        return try SimulatedPair(plan, filters: .forProgram, checksum: checksum)
      }
      scenario.plan = plan
      return SimulatedPair(
        try scenario.parameters(filters: .forProgram), commands: scenario.commands,
        checksum: checksum)
    } catch {
      throw Failure(faultRules: error, in: plan.faults)
    }
  }

  /// The command that does it again.
  var command: String {
    isScripted ? "chat-inspect simulate --from \(scriptName)" : plan.command
  }
}
