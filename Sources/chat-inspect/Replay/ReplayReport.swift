internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What there is to say about a replay.
struct ReplayReport {
  /// What came of it, in one word.
  enum Verdict: String {
    case same, different, inconclusive
    case peerGone = "peer_gone"
    case interrupted
  }

  let plan: ReplayPlan
  let run: ReplayRun
  let peer: String
  let level: ReplayLevel
  /// What differs, the first divergence first.
  private(set) var differences: [ReplayDifference] = []
  /// How many differences two runs have between them, if it was played twice.
  private(set) var noiseCount: Int?

  init(
    recorded: Story, plan: ReplayPlan, run: ReplayRun, first: ReplayRun?, peer: String,
    _ command: ReplayCommand
  ) {
    self.plan = plan
    self.run = run
    self.peer = peer
    level = command.comparing.level
    differences = compareStories(recorded, run.renumbered)
  }

  var verdict: Verdict {
    if run.signal != nil { return .interrupted }
    if run.troubles.contains(where: { $0.kind == .peerGone }) { return .peerGone }
    if !differences.isEmpty || run.troubles.contains(where: { $0.kind == .difference }) {
      return .different
    }
    return plan.omissions.isEmpty && run.troubles.isEmpty ? .same : .inconclusive
  }

  /// The exit code; nil if all is well.
  var status: ExitStatus? {
    switch verdict {
    case .same: nil
    case .different: .found
    case .inconclusive: .inconclusive
    case .peerGone: .peerFailed
    case .interrupted: run.signal.map { .signal($0) } ?? .inconclusive
    }
  }
}

// MARK: for people

extension ReplayReport {
  /// More of a kind are not listed.
  private static let shownMax = 20

  func text(_ style: OutputStyle) -> String {
    var lines = [summary]
    lines += Self.shown(
      plan.omissions.map { "stream \($0.stream): not all can be played: \($0.reason)" })
    lines += Self.shown(
      run.troubles.map { trouble in
        let place = trouble.frame > 0 ? "frame \(trouble.frame), " : ""
        return "\(place)stream \(trouble.stream): \(trouble.text)"
      })
    lines += Self.shown(
      differences.map { difference in
        let frames = "frame \(difference.recordedFrame), live frame \(difference.liveFrame)"
        return "\(frames), stream \(difference.stream): \(difference.text)"
      })
    if let noiseCount, noiseCount > 0 {
      lines.append("not counted: \(count(noiseCount, "difference")) between two runs of it")
    }
    lines.append(conclusion)
    return lines.map { TerminalText.safe($0, asciiOnly: !style.unicode) + "\n" }.joined()
  }

  private static func shown(_ lines: [String]) -> [String] {
    guard lines.count > shownMax else { return lines }
    return lines.prefix(shownMax) + ["and \(lines.count - shownMax) more"]
  }

  /// What was played.
  private var summary: String {
    let clients = plan.connections.count
    let who =
      run.connectionCount == clients
      ? count(clients, "client") : "\(run.connectionCount) of \(count(clients, "client"))"
    let messages = plan.messageCount
    let what =
      run.messageCount == messages
      ? count(messages, "message") : "\(run.messageCount) of \(count(messages, "message"))"
    let time = run.duration.forPeople
    switch plan.role {
    case .client: return "played \(who) against \(peer): \(what) in \(time)"
    case .server: return "played the server for \(who): \(what) in \(time)"
    }
  }

  private var conclusion: String {
    let what = level == .meaning ? "in meaning" : "on the level \(level.rawValue)"
    switch verdict {
    case .same: return "the same \(what)"
    case .different:
      let number = differences.count
      return number == 0 ? "different" : "different: \(count(number, "difference")) \(what)"
    case .inconclusive: return "inconclusive: what could be played is the same \(what)"
    case .peerGone:
      return plan.role == .client
        ? "the server did not keep up its side" : "a client did not keep up its side"
    case .interrupted: return "interrupted"
    }
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

// MARK: for programs

extension ReplayReport {
  func ndjson() -> String {
    var objects: [[JSONMember]] = [
      [
        JSONMember("kind", "replay"), JSONMember("role", plan.role.name),
        JSONMember("peer", peer), JSONMember("connections", run.connectionCount),
        JSONMember("connections_recorded", plan.connections.count),
        JSONMember("messages", run.messageCount),
        JSONMember("messages_recorded", plan.messageCount),
      ]
    ]
    for omission in plan.omissions {
      objects.append([
        JSONMember("kind", "omission"), JSONMember("stream", omission.stream),
        JSONMember("text", omission.reason),
      ])
    }
    for trouble in run.troubles {
      var members = [
        JSONMember("kind", "trouble"), JSONMember("stream", trouble.stream),
        JSONMember("effect", trouble.kind.name), JSONMember("text", trouble.text),
      ]
      if trouble.frame > 0 { members.append(JSONMember("frame", Int(clamping: trouble.frame))) }
      objects.append(members)
    }
    for difference in differences {
      objects.append([
        JSONMember("kind", "difference"), JSONMember("stream", difference.stream),
        JSONMember("text", difference.text),
      ])
    }
    var members = [
      JSONMember("kind", "verdict"), JSONMember("verdict", verdict.rawValue),
      JSONMember("level", level.rawValue), JSONMember("differences", differences.count),
    ]
    if let noiseCount { members.append(JSONMember("noise", noiseCount)) }
    objects.append(members)
    return objects.map { members in
      JSONValue.object([JSONMember("schema_version", 1)] + members).text + "\n"
    }.joined()
  }
}

extension ReplayRun.Trouble.Kind {
  /// The name in NDJSON.
  fileprivate var name: String {
    switch self {
    case .difference: "difference"
    case .peerGone: "peer_gone"
    case .unplayable: "unplayable"
    }
  }
}

extension JSONMember {
  fileprivate init(_ key: String, _ text: String) { self.init(key, .string(text)) }
  fileprivate init(_ key: String, _ number: Int) { self.init(key, .number(JSONNumber(number))) }
}

extension ReplayRun {
  /// What was said, with the numbers of the recorded connections.
  var renumbered: Story {
    var story = story
    for index in story.sessions.indices {
      story.sessions[index].stream = recordedStreams[story.sessions[index].stream] ?? -1
    }
    story.sessions.sort { $0.stream < $1.stream }
    return story
  }
}
