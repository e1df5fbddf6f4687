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
  /// The end of the stream has come, and what is held has to go first.
  private var isEnding = BothDirections(both: false)

  init(_ rules: FaultRules, seed: UInt64, connection: Int) {
    injector = FaultInjector(rules: rules, seed: seed, connection: connection)
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
    switch injector.nextOutput(direction, at: now, into: &frame) {
    case .forward(let number): return number
    case .wait(let deadline):
      release[direction] = deadline < .distantFuture ? deadline : nil
      return nil
    }
  }

  /// The end of the stream comes off the line.
  mutating func finish(_ direction: Direction) {
    guard !isCut[direction] else { return }
    injector.finish(direction)
    isEnding[direction] = true
  }

  /// True, once, if the receiver now sees the end of the stream.
  mutating func takeEnd(_ direction: Direction) -> Bool {
    guard isEnding[direction], release[direction] == nil else { return false }
    isEnding[direction] = false
    return true
  }
}
