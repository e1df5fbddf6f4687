internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What all connections of a replay share: the clock, and the trace of what goes over the wire.
final class ReplayWire {
  var clock = ProxyClock()
  let trace: ProxyTrace<ComparedTraceCollector>
  /// What happened is told no more: the replay is over, and only goodbyes are said.
  private(set) var isSilent = false

  init(recorder: Recorder?) {
    trace = ProxyTrace(
      into: ComparedTraceCollector(checksum: .forProgram),
      options: .forProgram(assemblesText: recorder != nil), output: nil, recorder: recorder)
  }

  /// Ends the trace and the recording.
  func finish() {
    guard !isSilent else { return }
    trace.finish(at: clock.time)
    isSilent = true
  }

  /// What was said and done, once the trace is finished.
  var played: ComparedTrace { trace.finished.trace }
}
