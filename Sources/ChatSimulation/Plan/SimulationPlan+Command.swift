internal import ChatWire

extension SimulationPlan {
  /// The one command that repeats the run.
  ///
  /// What is as by default is left out.
  public var command: String {
    let usual = SimulationPlan()
    var words = ["chat-inspect simulate", "--protocol \(mode.name)"]
    func say(_ option: String, _ value: String, unless isUsual: Bool) {
      if !isUsual { words.append("--\(option) \(value)") }
    }
    func say<Value: Equatable>(_ option: String, _ path: (SimulationPlan) -> Value, text: String) {
      say(option, text, unless: path(self) == path(usual))
    }
    words.append("--window-size \(windowSize)")
    say("max-fragment-size", { $0.fragmentSizeMax }, text: "\(fragmentSizeMax)")
    say("client-isn", { $0.clientInitialSequence }, text: "\(clientInitialSequence)")
    say("server-isn", { $0.serverInitialSequence }, text: "\(serverInitialSequence)")
    say("messages", { $0.messages.messageCount }, text: "\(messages.messageCount)")
    say("size", { $0.messages.byteCount }, text: messages.sizeText)
    say("replies", { $0.replies.messageCount }, text: "\(replies.messageCount)")
    say("reply-size", { $0.replies.byteCount }, text: replies.sizeText)
    say("interval", { $0.interval }, text: interval.unitText)
    say("rtt", { $0.roundTrip }, text: roundTrip.unitText)
    say("jitter", { $0.jitter }, text: jitter.unitText)
    say("rate", { $0.bytesPerSecond }, text: bytesPerSecond.map { "\($0)" } ?? "none")
    say("queue", { $0.queueLimit }, text: queueLimit.map { "\($0)" } ?? "none")
    say("pauses", { $0.pauseCount }, text: "\(pauseCount)")
    say("read-hold", { $0.readHold }, text: readHold?.unitText ?? "none")
    say("retries", { $0.retriesMax }, text: retriesMax.map { "\($0)" } ?? "none")
    say("timeout", { $0.fixedTimeout }, text: fixedTimeout?.unitText ?? "none")
    say("limit", { $0.limit }, text: limit.unitText)
    if !faults.isEmpty {
      let rules = faults.split { $0.isNewline }.joined(separator: "; ")
      words.append("--faults " + Self.quoted(rules))
    }
    words.append("--seed \(seed)")
    return words.joined(separator: " ")
  }

  /// The text as one word for a shell.
  private static func quoted(_ text: String) -> String {
    let special: [Character] = ["\"", "$", "`", "\\", "!"]
    guard text.contains(where: { special.contains($0) }) else { return "\"\(text)\"" }
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }
}

extension SimulationPlan.Traffic {
  /// The sizes as an option has them: `100` or `1-300`.
  public var sizeText: String {
    byteCount.lowerBound == byteCount.upperBound
      ? "\(byteCount.lowerBound)" : "\(byteCount.lowerBound)-\(byteCount.upperBound)"
  }

  /// Reads sizes: `100` or `1-300`; nil if it is neither, or above 16 MiB.
  public static func sizes(_ text: some StringProtocol) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2,
      first >= 0, last >= first, last <= 16 << 20
    else { return nil }
    return first...last
  }
}
