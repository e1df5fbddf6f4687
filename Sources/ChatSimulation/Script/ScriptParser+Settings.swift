internal import ChatWire

extension ScriptParser {
  /// A line that says how the run is set up.
  mutating func setting(_ line: inout ScriptLine) throws(ScriptError) {
    switch try line.word("a setting or a command") {
    case "mode":
      switch try line.word("gbn or sr") {
      case "gbn": scenario.plan.mode = .goBackN
      case "sr": scenario.plan.mode = .selectiveRepeat
      case let word: throw line.error("A mode is gbn or sr, not \"\(word)\".")
      }
    case "window": scenario.plan.windowSize = try line.integer("a window", 1...16_384)
    case "fragment":
      scenario.plan.fragmentSizeMax = try line.integer("a fragment size", 1...65_535)
    case "isn":
      guard let word = line.peekWord, word == "client" || word == "server" else {
        throw line.expected("client or server")
      }
      line.skip()
      let number = UInt16(try line.integer("a sequence number", 0...65_535))
      if word == "client" {
        scenario.plan.clientInitialSequence = number
      } else {
        scenario.plan.serverInitialSequence = number
      }
    case "seed": scenario.plan.seed = UInt64(try line.integer("a seed", 0...Int.max))
    case "faults": try faults(&line)
    case let word:
      if try link(word, &line) { return }
      if try timer(word, &line) { return }
      throw line.error(
        "\"\(String(word.unicodeScalars.prefix(40)))\" is neither a setting nor a "
          + "command.")
    }
  }

  /// The rest of the line is a rule, or several with `;` between them.
  private mutating func faults(_ line: inout ScriptLine) throws(ScriptError) {
    let text = try line.text("a fault rule")
    let rules: FaultRules
    do throws(FaultRuleError) {
      rules = try FaultRules(parsing: text, filters: filters)
    } catch {
      throw line.error("The fault rule is wrong: \(error.message).")
    }
    guard !rules.isEmpty else { throw line.error("A fault rule is missing.") }
    // In its normal spelling a rule has no comment, which would hide the next one.
    let known = scenario.plan.faults.isEmpty ? [] : [scenario.plan.faults]
    scenario.plan.faults = (known + rules.rules.map(\.description)).joined(separator: "; ")
  }

  private mutating func link(
    _ word: String, _ line: inout ScriptLine
  ) throws(ScriptError) -> Bool {
    switch word {
    case "rtt": scenario.plan.roundTrip = try line.duration("a round-trip time")
    case "jitter": scenario.plan.jitter = try line.duration("a jitter")
    case "rate":
      scenario.plan.bytesPerSecond = try line.integer("bytes per second", 1...1_000_000_000_000)
    case "queue": scenario.plan.queueLimit = try line.integer("a number of frames", 1...1_000_000)
    default: return false
    }
    return true
  }

  private mutating func timer(
    _ word: String, _ line: inout ScriptLine
  ) throws(ScriptError) -> Bool {
    switch word {
    case "timeout": scenario.tuning.fixedTimeout = try line.duration("a timeout")
    case "retries": scenario.tuning.timerRetriesMax = try line.integer("retries", 0...1_000_000)
    case "linger": scenario.tuning.lingerLimit = try line.duration("a time")
    case "idle": scenario.tuning.idleLimit = try line.duration("a time")
    case "closing": scenario.tuning.closingLimit = try line.duration("a time")
    case "buffer":
      scenario.tuning.receiveBufferSizeMax = try line.integer("a number of bytes", 1...1 << 30)
    case "until": scenario.limit = try line.duration("a time")
    default: return false
    }
    return true
  }
}
