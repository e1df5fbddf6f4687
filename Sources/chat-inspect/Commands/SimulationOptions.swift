internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatSimulation
internal import ChatWire

/// A protocol by the name that the options have for it.
enum ProtocolChoice: String, ExpressibleByArgument, CaseIterable {
  case gbn, sr

  var mode: ARQMode {
    switch self {
    case .gbn: .goBackN
    case .sr: .selectiveRepeat
    }
  }
}

/// The options that define a simulated conversation.
///
/// What is not given is as the script has it, or as by default.
struct SimulationOptions: ParsableArguments {
  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("gbn (Go-Back-N, the default) or sr (Selective Repeat).", valueName: "name"))
  var mode: ProtocolChoice?

  @Option(help: ArgumentHelp("The window, 1 to 16384 frames (16).", valueName: "frames"))
  var windowSize: Int?

  @Option(help: ArgumentHelp("The largest fragment, 1 to 65535 bytes (1024).", valueName: "bytes"))
  var maxFragmentSize: Int?

  @Option(help: ArgumentHelp("How many messages the client sends (10).", valueName: "count"))
  var messages: Int?

  @Option(
    help: ArgumentHelp(
      "The size of each, in bytes, or a range such as 10-500 (100).", valueName: "bytes"))
  var size: String?

  @Option(help: ArgumentHelp("How many messages the server sends (0).", valueName: "count"))
  var replies: Int?

  @Option(
    help: ArgumentHelp("The size of each, as for --size (100).", valueName: "bytes"))
  var replySize: String?

  @Option(
    help: ArgumentHelp("The time between two messages of a side (0ms).", valueName: "time"))
  var interval: String?

  @Option(help: ArgumentHelp("The round-trip time of the line (20ms).", valueName: "time"))
  var rtt: String?

  @Option(
    help: ArgumentHelp("Up to so much is added to the way of each frame (0ms).", valueName: "time"))
  var jitter: String?

  @Option(
    help: ArgumentHelp("The speed of the line in bytes per second (none).", valueName: "bytes"))
  var rate: Int?

  @Option(
    help: ArgumentHelp(
      "How many frames may wait for the line; more are lost (none).", valueName: "frames"))
  var queue: Int?

  @Option(
    help: ArgumentHelp(
      """
      What goes wrong, for example "drop 10% c2s; corrupt payload nth 3 DATA" (docs/FAULTS.md).
      """, valueName: "rules"))
  var faults: String?

  @Option(help: ArgumentHelp("Fault rules from a file.", valueName: "file"), completion: .file())
  var faultsFile: String?

  @Option(
    help: ArgumentHelp("Decides everything that is drawn by lot (1).", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "A retransmission timeout in place of the computed one.", valueName: "time"))
  var timeout: String?

  @Option(
    help: ArgumentHelp(
      "Timeouts of one frame before the session gives up, or none for never (10).",
      valueName: "count"))
  var retries: String?

  @Option(
    help: ArgumentHelp("The client's first sequence number (1000).", valueName: "number"))
  var clientIsn: UInt16?

  @Option(
    help: ArgumentHelp("The server's first sequence number (5000).", valueName: "number"))
  var serverIsn: UInt16?

  @Option(
    help: ArgumentHelp(
      "Bytes wait up to so long to be read together with others (not at all).", valueName: "time"))
  var readHold: String?

  @Option(
    help: ArgumentHelp(
      "How often a side closes its window for a while, drawn by lot (0).", valueName: "count"))
  var pauses: Int?

  @Option(
    help: ArgumentHelp("When a run is given up, in simulated time (3600s).", valueName: "time"))
  var limit: String?

  /// The plan with what was given.
  func apply(to plan: inout SimulationPlan) throws(Failure) {
    if let mode { plan.mode = mode.mode }
    if let windowSize { plan.windowSize = try check(windowSize, "--window-size", in: 1...16_384) }
    if let maxFragmentSize {
      plan.fragmentSizeMax = try check(maxFragmentSize, "--max-fragment-size", in: 1...65_535)
    }
    try applyTraffic(to: &plan)
    try applyLine(to: &plan)
    if let seed { plan.seed = seed }
    if let timeout {
      let duration = try time(timeout, "--timeout")
      guard duration > .zero else { throw Failure("--timeout \(timeout): must be above 0") }
      plan.fixedTimeout = duration
    }
    if let retries {
      if retries == "none" {
        plan.retriesMax = nil
      } else if let count = Int(retries), count >= 0 {
        plan.retriesMax = count
      } else {
        throw Failure("--retries \(retries): expected a number, or none")
      }
    }
    if let clientIsn { plan.clientInitialSequence = clientIsn }
    if let serverIsn { plan.serverInitialSequence = serverIsn }
    if let limit { plan.limit = try time(limit, "--limit") }
    if let text = try faultText() { plan.faults = text }
  }

  private func applyTraffic(to plan: inout SimulationPlan) throws(Failure) {
    if let messages {
      plan.messages.messageCount = try check(messages, "--messages", in: 0...1_000_000)
    }
    if let replies {
      plan.replies.messageCount = try check(replies, "--replies", in: 0...1_000_000)
    }
    if let size { plan.messages.byteCount = try sizes(size, "--size") }
    if let replySize { plan.replies.byteCount = try sizes(replySize, "--reply-size") }
    if let pauses { plan.pauseCount = try check(pauses, "--pauses", in: 0...10_000) }
    if let interval { plan.interval = try time(interval, "--interval") }
    let bytes = [plan.messages, plan.replies].reduce(0) {
      $0 + $1.messageCount * $1.byteCount.upperBound
    }
    // Everything is queued at once, and the trace of more is nothing that anybody reads.
    guard bytes <= 1 << 30 else {
      throw Failure("the messages are more than 1 GiB together: send fewer or smaller ones")
    }
  }

  private func applyLine(to plan: inout SimulationPlan) throws(Failure) {
    if let rtt { plan.roundTrip = try time(rtt, "--rtt") }
    if let jitter { plan.jitter = try time(jitter, "--jitter") }
    if let rate { plan.bytesPerSecond = try check(rate, "--rate", in: 1...1_000_000_000_000) }
    if let queue { plan.queueLimit = try check(queue, "--queue", in: 1...1_000_000) }
    if let readHold { plan.readHold = try time(readHold, "--read-hold") }
  }

  private func check(
    _ value: Int, _ option: String, in range: ClosedRange<Int>
  ) throws(Failure) -> Int {
    try SettingText(String(value), from: .option(option)).integer(in: range)
  }

  private func time(_ text: String, _ option: String) throws(Failure) -> Duration {
    try SettingText(text, from: .option(option)).time()
  }

  private func sizes(_ text: String, _ option: String) throws(Failure) -> ClosedRange<Int> {
    guard let sizes = SimulationPlan.Traffic.sizes(text) else {
      throw Failure("\(option) \(text): expected bytes such as 100, or a range such as 10-500")
    }
    return sizes
  }

  /// The fault rules, from wherever they come.
  private func faultText() throws(Failure) -> String? {
    switch (faults, faultsFile) {
    case (let text?, nil): return text
    case (nil, let path?): return try TextFile.read(path, byteCountMax: 1 << 20)
    case (nil, nil): return nil
    case (_?, _?): throw Failure("give the rules once: either --faults or --faults-file")
    }
  }
}
