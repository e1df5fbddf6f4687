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
  let comparison: ReplayComparison
  /// The name of the recording.
  let name: String

  var verdict: Verdict {
    if run.signal != nil { return .interrupted }
    if run.troubles.contains(where: { $0.kind == .peerGone }) { return .peerGone }
    if !comparison.result.isEqual || run.troubles.contains(where: { $0.kind == .difference }) {
      return .different
    }
    let isWhole =
      plan.omissions.isEmpty && comparison.result.doubts.isEmpty
      && !run.troubles.contains { $0.kind == .unplayable }
    return isWhole ? .same : .inconclusive
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
    var text = Self.joined(lines, style)
    text += String(decoding: differences.text(countMax: Self.shownMax), as: UTF8.self)
    lines = []
    if let noiseCount = comparison.noiseCount, noiseCount > 0 {
      lines.append("not counted: \(count(noiseCount, "difference")) between two runs of it")
    }
    lines.append(conclusion)
    return text + Self.joined(lines, style)
  }

  private static func joined(_ lines: [String], _ style: OutputStyle) -> String {
    lines.map { TerminalText.safe($0, asciiOnly: !style.unicode) + "\n" }.joined()
  }

  /// What differs, in words and for programs.
  private var differences: ComparisonReport {
    ComparisonReport(
      comparison.result, level: comparison.level, names: ComparedPair("recorded", "live"))
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
    let what =
      comparison.level == .meaning ? "in meaning" : "on the level \(comparison.level.rawValue)"
    switch verdict {
    case .same: return "the same \(what)"
    case .different:
      let number = comparison.result.differences.count
      return number == 0
        ? "different in its course" : "different: \(count(number, "difference")) \(what)"
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
    let played = Self.lines(objects)
    objects = []
    var members = [
      JSONMember("kind", "verdict"), JSONMember("verdict", verdict.rawValue),
      JSONMember("level", comparison.level.rawValue),
      JSONMember("differences", comparison.result.differences.count),
    ]
    if let noiseCount = comparison.noiseCount { members.append(JSONMember("noise", noiseCount)) }
    objects.append(members)
    return played + String(decoding: differences.ndjson(), as: UTF8.self) + Self.lines(objects)
  }

  private static func lines(_ objects: [[JSONMember]]) -> String {
    objects.map { members in
      JSONValue.object([JSONMember("schema_version", 1)] + members).text + "\n"
    }.joined()
  }
}

extension ReplayRun.Trouble.Kind {
  /// The name in NDJSON.
  fileprivate var name: String {
    switch self {
    case .difference: "difference"
    case .note: "note"
    case .peerGone: "peer_gone"
    case .unplayable: "unplayable"
    }
  }
}

extension JSONMember {
  fileprivate init(_ key: String, _ text: String) { self.init(key, .string(text)) }
  fileprivate init(_ key: String, _ number: Int) { self.init(key, .number(JSONNumber(number))) }
}
