internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Plays a recording, once or twice, compares, and reports.
struct ReplayJob {
  let command: ReplayCommand
  let setup: ReplaySetup
  let recording: ReplayRecording
  let direction: ReplaySetup.Direction

  func run() throws(Failure) {
    _ = ProcessLimits.raiseOpenFiles()
    let story = try recording.chosen(setup.streams)
    let plan = ReplayPlan(story, playing: direction.role)
    var listener: ReplayListener?
    if case .serve(let place) = direction {
      listener = try ReplayListener(place)
    }
    var first: ReplayRun?
    if command.comparing.twice {
      let run = try play(plan, listener, isRecorded: false)
      if run.signal != nil {
        try report(plan, run, first: nil)
      }
      first = run
    }
    let run = try play(plan, listener, isRecorded: true)
    try report(plan, run, first: first)
  }

  private func report(
    _ plan: ReplayPlan, _ run: ReplayRun, first: ReplayRun?
  ) throws(Failure) {
    let comparison = ReplayComparison(
      recording.trace, plan: plan, run: run, first: first,
      settings: try command.comparing.compared.settings())
    try report(
      ReplayReport(
        plan: plan, run: run, peer: peer, comparison: comparison, name: recording.name))
  }

  /// What the other side is called.
  private var peer: String {
    switch direction {
    case .to(_, let text): text
    case .serve(let place): SocketAddress(host: place.host, port: place.port).description
    }
  }

  private func play(
    _ plan: ReplayPlan, _ listener: ReplayListener?, isRecorded: Bool
  ) throws(Failure) -> ReplayRun {
    let recorder =
      isRecorded
      ? try command.recording.makeRecorder(
        program: ChatInspect.programVersion,
        comment: "a replay of \(recording.name)") : nil
    var settings = ReplayLoop.Settings()
    settings.pace = setup.pace
    settings.patience = setup.patience ?? .seconds(direction.role == .client ? 5 : 60)
    settings.faults = setup.faults
    if case .to(let target, let text) = direction {
      settings.target = target
      settings.targetText = text
    }
    // It has signals in hand from here on, so that nobody comes too early with one.
    let loop = try ReplayLoop(
      plan, settings, listener: listener, recorder: recorder,
      showsProgress: Terminal.isTerminal(2) && !command.quiet)
    if let listener {
      Diagnostics.say("listening on \(listener.address), to play the server of \(recording.name)")
    }
    return loop.play()
  }

  private func report(_ report: ReplayReport) throws(Failure) {
    if !command.quiet {
      let output = OutputWriter()
      switch command.format {
      case .text: output.write(report.text(OutputStyle.decide(command.color)))
      case .ndjson: output.write(report.ndjson())
      }
      try output.finish()
    }
    if let status = report.status { throw Failure(silently: status) }
  }
}
