internal import ChatLens
internal import ChatWire

extension ChatModel {
  /// Does what a command asks for.
  mutating func obey(
    _ command: SlashCommand, _ status: ClientStatus, at now: Milliseconds
  ) -> [ChatEffect] {
    switch command {
    case .nickname(let name):
      wishes.nickname = name
      let asked: [ChatEffect] = [.perform(.nickname(name))]
      return session != nil
        ? asked
        : answer(["* \(name) will be asked for once there is a connection"], at: now) + asked
    case .who:
      guard session != nil else {
        return answer(["* there is no connection now"], kind: .failure, at: now)
      }
      return [.perform(.who)]
    case .quit(let reason): return leave(reason: reason, status, at: now)
    case .help(let topic): return help(topic, at: now)
    case .status:
      return answer(
        ["* status"] + StatusTable.lines(status, wishes: wishes, nickname: nickname), at: now)
    case .repair, .window, .fragment, .timeout: return negotiate(command, at: now)
    case .showFaults: return showFaults(status, at: now)
    case .faults(let rules):
      let text =
        rules.isEmpty
        ? "* no faults from now on"
        : "* faults from now on: \(Self.onOneLine(rules.description))"
      return [.perform(.faults(rules))] + answer([text], at: now)
    case .reconnect: return reconnect("* reconnecting ...", at: now)
    case .clear: return [.clearScreen]
    case .trace(let path, let replacing):
      return [.perform(.saveTrace(path: path, replacing: replacing))]
    case .save(let path, let replacing):
      return [.save(path: path, replacing: replacing, text: transcriptText)]
    }
  }

  private mutating func help(_ topic: CommandHelp?, at now: Milliseconds) -> [ChatEffect] {
    guard let topic else {
      let rows = CommandHelp.all.map { [$0.usage, $0.summary] }
      return answer(
        ["* commands"] + AlignedTable.lines(rows + [["//text", "say a text that begins with /"]]),
        at: now)
    }
    return answer(
      ["* \(topic.usage): \(topic.summary)"] + topic.details.map { "  " + $0 }, at: now)
  }

  private mutating func showFaults(
    _ status: ClientStatus, at now: Milliseconds
  ) -> [ChatEffect] {
    guard !status.faults.isEmpty else {
      return answer(["* no faults; /help faults says how to make some"], at: now)
    }
    let rules = EscapedText.lines(status.faults)
    return answer(
      ["* faults, \(counted(status.faultCount, "frame")) so far"] + rules.map { "  " + $0 },
      at: now)
  }

  /// What can be settled by a handshake only.
  private mutating func negotiate(
    _ command: SlashCommand, at now: Milliseconds
  ) -> [ChatEffect] {
    var wanted = wishes
    let asked: String
    switch command {
    case .repair(let repair):
      if (repair == .classic) != wanted.isClassic {
        // They are counted in other units, and have other defaults.
        wanted.windowSize = nil
        wanted.fragmentSizeMax = nil
        wanted.timeout = nil
      }
      wanted.isClassic = repair == .classic
      if repair != .classic { wanted.mode = repair == .goBackN ? .goBackN : .selectiveRepeat }
      asked = repair.title
    case .window(let size):
      wanted.windowSize = size
      asked = "a window of \(counted(size, "frame"))"
    case .fragment(let size):
      wanted.fragmentSizeMax = size
      asked = "fragments of \(counted(size, wanted.isClassic ? "character" : "byte"))"
    case .timeout(let timeout):
      if wanted.isClassic {
        return answer(
          ["* the classic dialect has no retransmission timeout"], kind: .failure, at: now)
      }
      wanted.timeout = timeout
      asked =
        timeout.map { "a retransmission timeout of \($0.textForPeople)" }
        ?? "the computed retransmission timeout"
    default: return []
    }
    guard wanted != wishes else { return answer(["* \(asked): so it is already"], at: now) }
    guard !isLeaving else { return reconnect("", at: now) }
    wishes = wanted
    // The timeout is one's own affair, but a session keeps the one that it began with.
    let verb = if case .timeout = command { "use" } else { "ask for" }
    return reconnect("* reconnecting to \(verb) \(asked) ...", at: now)
  }

  private mutating func reconnect(_ text: String, at now: Milliseconds) -> [ChatEffect] {
    if isLeaving {
      return answer(["* you are leaving; there will be no other connection"], at: now)
    }
    if let nickname, wishes.nickname == nil { wishes.nickname = nickname }
    return answer([text], at: now) + [.perform(.reconnect(wishes))]
  }

  /// Rules that are written one a line.
  static func onOneLine(_ rules: String) -> String {
    EscapedText.lines(rules).joined(separator: "; ")
  }
}
