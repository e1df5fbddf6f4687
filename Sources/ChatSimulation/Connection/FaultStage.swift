internal import ChatWire

/// Where faults act: behind the line, before the receiver.
///
/// A direction can also be cut.
struct FaultStage: Sendable {
  /// Directions in which everything is lost, by command.
  var isCut = BothDirections(both: false)
  /// When something that is held comes out; nil if nothing is.
  private(set) var release = BothDirections<Instant?>(both: nil)

  private var injector: FaultInjector
  /// The end of the stream has come, and is kept from the receiver until then.
  private var endDue = BothDirections<Instant?>(both: nil)
  /// The end of the stream is due, and what is held has to go first.
  private var isEnding = BothDirections(both: false)

  init(_ rules: FaultRules, seed: UInt64, connection: Int, at start: Instant) {
    injector = FaultInjector(rules: rules, seed: seed, connection: connection)
    injector.begin(at: start)
  }

  /// Takes a frame off the line.
  mutating func receive(
    _ frame: RawSpan, _ direction: Direction, at now: Instant
  ) -> SimulatedFate {
    guard !isCut[direction], let header = FrameHeader(.native, in: frame, at: 0) else {
      return SimulatedFate(cut: direction)
    }
    return SimulatedFate(
      injector.receive(
        frame, header: header, dialect: .native, isGood: true, direction: direction, at: now))
  }

  /// Appends the next frame that goes on to the receiver and gives its number; nil if none does
  /// now.
  mutating func next(
    _ direction: Direction, at now: Instant, into frame: inout [UInt8]
  ) -> UInt64? {
    if let due = endDue[direction], due <= now {
      endDue[direction] = nil
      injector.finish(direction)
      isEnding[direction] = true
    }
    switch injector.nextOutput(direction, at: now, into: &frame) {
    case .forward(let number): return number
    case .wait(let deadline):
      let due = min(deadline, endDue[direction] ?? .distantFuture)
      release[direction] = due < .distantFuture ? due : nil
      return nil
    }
  }

  /// The end of the stream comes off the line; gives what is done to it.
  mutating func finish(_ direction: Direction, at now: Instant) -> [FaultAct] {
    guard !isCut[direction] else { return [] }
    let closing = injector.closing(direction, at: now)
    endDue[direction] = now.advanced(by: closing.delay)
    return closing.acts
  }

  /// The connection is broken: nothing comes out any more.
  mutating func reset() {
    isCut = BothDirections(both: true)
    release = BothDirections(both: nil)
    endDue = BothDirections(both: nil)
    isEnding = BothDirections(both: false)
  }

  /// True, once, if the receiver now sees the end of the stream.
  mutating func takeEnd(_ direction: Direction) -> Bool {
    guard isEnding[direction], release[direction] == nil else { return false }
    isEnding[direction] = false
    return true
  }
}
