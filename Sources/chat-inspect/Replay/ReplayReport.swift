internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What there is to say about a replay.
struct ReplayReport {
  let plan: ReplayPlan
  let run: ReplayRun
  var differences: [ReplayDifference] = []

  init(
    recorded: Story, plan: ReplayPlan, run: ReplayRun, first: ReplayRun?, _ command: ReplayCommand
  ) {
    self.plan = plan
    self.run = run
    differences = compareStories(recorded, run.renumbered)
  }

  var status: ExitStatus? {
    if let signal = run.signal { return .signal(signal) }
    if run.troubles.contains(where: { $0.kind == .peerGone }) { return .peerFailed }
    if !differences.isEmpty { return .found }
    if run.troubles.contains(where: { $0.kind == .difference }) { return .found }
    if !plan.omissions.isEmpty || !run.troubles.isEmpty { return .inconclusive }
    return nil
  }

  func text(_ style: OutputStyle) -> String {
    var text = "played \(run.connectionCount) of \(plan.connections.count) connections, "
    text += "\(run.messageCount) of \(plan.messageCount) messages\n"
    for trouble in run.troubles { text += "stream \(trouble.stream): \(trouble.text)\n" }
    for difference in differences {
      text += "stream \(difference.stream): frame \(difference.recordedFrame) / "
      text += "\(difference.liveFrame): \(difference.text)\n"
    }
    return text
  }

  func ndjson() -> String { "" }
}

extension ReplayRun {
  /// What was said, with the numbers of the recorded connections.
  var renumbered: Story {
    var story = story
    for index in story.sessions.indices {
      story.sessions[index].stream = recordedStreams[story.sessions[index].stream] ?? -1
    }
    return story
  }
}
