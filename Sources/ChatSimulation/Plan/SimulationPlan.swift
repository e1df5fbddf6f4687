public import ChatWire

/// Everything that defines a run of a pair: equal plans give equal runs.
public struct SimulationPlan: Sendable, Hashable {
  /// Messages of one side.
  public struct Traffic: Sendable, Hashable {
    /// How many.
    public var messageCount = 0
    /// Bytes of each, drawn for each from this range.
    public var byteCount = 100...100

    /// Makes a traffic.
    public init(messageCount: Int = 0, byteCount: ClosedRange<Int> = 100...100) {
      self.messageCount = messageCount
      self.byteCount = byteCount
    }
  }

  /// How losses are repaired.
  public var mode = ARQMode.goBackN
  /// The window in frames.
  public var windowSize = 16
  /// The fragment size in bytes.
  public var fragmentSizeMax = 1_024
  /// The client's first sequence number.
  public var clientInitialSequence: UInt16 = 1_000
  /// The server's first sequence number.
  public var serverInitialSequence: UInt16 = 5_000
  /// What the client sends.
  public var messages = Traffic(messageCount: 10)
  /// What the server sends.
  public var replies = Traffic()
  /// The time between two messages of a side.
  public var interval = Duration.zero
  /// The round-trip time of the line.
  public var roundTrip = Duration.milliseconds(20)
  /// The most that is added to the way of a frame.
  public var jitter = Duration.zero
  /// Bytes per second of the line; nil if there is no limit.
  public var bytesPerSecond: Int?
  /// Frames that may wait for the line; nil if there is no limit.
  public var queueLimit: Int?
  /// Fault rules, separated by `;` or lines.
  public var faults = ""
  /// How long bytes may wait to be read together with others; nil if frames are read one by one.
  public var readHold: Duration?
  /// How often a side takes fewer frames for a while, or none.
  public var pauseCount = 0
  /// Decides everything that is drawn.
  public var seed: UInt64 = 1
  /// Retransmissions by timer before a session gives up; nil if it never does.
  public var retriesMax: Int? = 10
  /// A retransmission timeout in place of the computed one.
  public var fixedTimeout: Duration?
  /// When a run is given up.
  public var limit = Duration.seconds(3_600)

  /// Ten messages of 100 bytes over a quiet line of 20 ms.
  public init() {}

  /// The timers and limits of both sessions.
  var tuning: SessionTuning {
    var tuning = SessionTuning()
    tuning.fixedTimeout = fixedTimeout
    if let retriesMax {
      tuning.timerRetriesMax = retriesMax
    } else {
      tuning.timerRetriesMax = .max
      tuning.retransmissionsMax = .max
      tuning.closingLimit = .seconds(1_000_000)
      tuning.idleLimit = .seconds(1_000_000)
      tuning.clientHandshakeLimit = .seconds(1_000_000)
      tuning.serverHandshakeLimit = .seconds(1_000_000)
    }
    return tuning
  }

  /// What a connection needs to know.
  ///
  /// - Parameter filters: The language of filters in fault rules, if there is one.
  /// - Throws: what is wrong with the fault rules.
  public func parameters(
    filters: FaultFilterLanguage? = nil
  ) throws(FaultRuleError) -> ConnectionParameters {
    var parameters = ConnectionParameters()
    parameters.client.mode = mode
    parameters.client.windowSize = windowSize
    parameters.client.fragmentSizeMax = fragmentSizeMax
    parameters.client.tuning = tuning
    parameters.server.windowSizeMax = max(1_024, windowSize)
    parameters.server.tuning = tuning
    parameters.clientInitialSequence = SequenceNumber(clientInitialSequence)
    parameters.serverInitialSequence = SequenceNumber(serverInitialSequence)
    var link = LinkParameters()
    link.latency = .nanoseconds(roundTrip.nanoseconds / 2)
    link.jitter = jitter
    link.bytesPerSecond = bytesPerSecond
    link.queueLimit = queueLimit
    parameters.links = BothDirections(both: link)
    parameters.faults = try FaultRules(parsing: faults, filters: filters)
    if let readHold { parameters.segmentation = .arbitrary(hold: readHold) }
    parameters.seed = seed
    return parameters
  }

  /// The messages at their times, and the goodbye of the client after the last of both sides.
  public func commands() -> [TimedCommand] {
    var commands: [TimedCommand] = []
    for (side, traffic) in [(Session.Role.client, messages), (.server, replies)] {
      var sizes = SplitMix64(seed: SplitMix64.seed(seed, purpose: side == .client ? 6 : 7))
      for message in 0..<max(0, traffic.messageCount) {
        let time = Instant.zero.advanced(byNanoseconds: Int64(message) &* interval.nanoseconds)
        let byteCount = max(0, sizes.within(traffic.byteCount))
        // An empty text is no chat message; an empty WHO is a message all the same.
        let type = side == .client && byteCount == 0 ? FrameType.who : .data
        let text = SimulatedText.text(message: message, byteCount: byteCount, of: side)
        let payload =
          type == .who ? [] : SimulatedText.payload(of: text, from: side, at: time)
        commands.append(TimedCommand(at: time, .send(side, type, payload)))
      }
    }
    commands += pauses()
    let last = commands.reduce(Instant.zero) { latest, timed in
      if case .send = timed.command { return max(latest, timed.time) }
      return latest
    }
    commands.append(TimedCommand(at: last, .finish(.client, reason: "")))
    return commands
  }
}

extension SimulationPlan {
  /// Windows that close, and open again within half a second, all in the first second.
  private func pauses() -> [TimedCommand] {
    var generator = SplitMix64(seed: SplitMix64.seed(seed, purpose: 9))
    var commands: [TimedCommand] = []
    for _ in 0..<max(0, pauseCount) {
      let side = generator.chance(50) ? Session.Role.client : .server
      let count = generator.chance(60) ? 0 : generator.within(0...max(1, windowSize))
      let begin = Instant(nanoseconds: Int64(generator.below(500_000_000)))
      let end = begin.advanced(byNanoseconds: Int64(1 + generator.below(500_000_000)))
      commands.append(TimedCommand(at: begin, .limitReceiveWindow(side, count)))
      commands.append(TimedCommand(at: end, .limitReceiveWindow(side, nil)))
    }
    return commands
  }
}

extension SimulatedPair {
  /// The pair of a plan with the plan's messages.
  ///
  /// - Parameter filters: The language of filters in fault rules, if there is one.
  /// - Throws: what is wrong with the fault rules.
  public init(
    _ plan: SimulationPlan, filters: FaultFilterLanguage? = nil, checksum: CRC32 = CRC32()
  ) throws(FaultRuleError) {
    self.init(
      try plan.parameters(filters: filters), commands: plan.commands(), checksum: checksum)
  }
}
