public import ChatWire

/// Writes down what happens to a pair, one line an event, and draws the frames below it.
///
///     0.030  client  > DATA 1001 "hello"
///     0.040  link    x DATA 1001 "hello" is lost: drop DATA c2s nth 1
///
/// `>` is sent, `<` is received, `x` is lost, `~` is what else happened on the way, `=` is what a
/// session says, `!` is what the script does.
public struct Transcript: SimulationObserver, Sendable {
  /// Lines, and steps of a run that writes them.
  public static let linesMax = 100_000

  private var lines: [String] = []
  private var marbles = BothDirections(
    clientToServer: Marbles(.clientToServer), serverToClient: Marbles(.serverToClient))

  /// An empty one.
  public init() {}

  /// All of it.
  public func text(title: String, _ end: SimulationEnd, at now: Instant) -> String {
    var result = title.isEmpty ? "" : "# \(title)\n\n"
    for line in lines { result += line + "\n" }
    result += Self.stamp(now) + "  " + ending(end) + "\n"
    for direction in [Direction.clientToServer, .serverToClient] {
      let drawing = marbles[direction].drawing()
      if !drawing.isEmpty { result += "\n" + drawing }
    }
    return result
  }

  private func ending(_ end: SimulationEnd) -> String {
    switch end {
    case .finished: "the end"
    case .timeLimit: "the script ends here"
    case .stepLimit: "given up after \(Self.linesMax) steps"
    case .violated(let violation):
      "WRONG: \(violation.side.name): \(violation.check.rawValue) check: \(violation.sentence)"
    }
  }

  /// Seconds with three digits, cut off.
  private static func stamp(_ now: Instant) -> String {
    String(now.secondsText.dropLast(3))
  }

  private mutating func write(_ party: String, _ sign: String, _ text: String, at now: Instant) {
    guard lines.count < Self.linesMax else { return }
    let space = String(repeating: " ", count: max(0, 6 - party.utf8.count))
    lines.append("\(Self.stamp(now))  \(party)\(space)  \(sign) \(text)")
  }

  // MARK: what happens

  /// A session sends a frame.
  public mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {
    let again =
      switch transmission.cause {
      case .control, .first: ""
      case .timeout: " again: timeout"
      case .nack: " again: NACK"
      case .fast: " again: later ones have arrived"
      case .goBack: " again: go back"
      }
    write(side.name, ">", FrameText.text(frame) + again, at: now)
    marbles[side.outgoing].sent(transmission)
    marbles[side.outgoing.opposite].answered(transmission, at: now)
  }

  /// A frame found the queue of its line full.
  public mutating func overflowed(
    _ frame: RawSpan, direction: Direction, connection: Int, at now: Instant
  ) {
    write("link", "x", FrameText.text(frame) + " is lost: the queue is full", at: now)
    marbles[direction].overflowed()
    marbles[direction.opposite].answerOverflowed()
  }

  /// A frame arrived where faults act.
  public mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    marbles[direction].arrived(fate)
    marbles[direction.opposite].answerArrived(isLost: fate.isLost)
    guard fate.disposition != .forwarded else { return }
    write(
      "link", fate.isLost ? "x" : "~",
      "\(FrameText.text(frame)) is \(Self.words(fate))", at: now)
  }

  /// What was done to it, and by which rule.
  private static func words(_ fate: SimulatedFate) -> String {
    fate.acts.map { act in
      act.change == .drop ? "lost (\(act.rule))" : "\(act.change) (\(act.rule))"
    }.joined(separator: ", ")
  }

  /// A frame left the place where faults act.
  public mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    marbles[direction].forwarded(number, at: now)
    write(direction.receiver.name, "<", FrameText.text(frame), at: now)
  }

  /// A session says something.
  public mutating func put(
    _ output: SessionOutput, by side: Session.Role, connection: Int, at now: Instant
  ) {
    let text: String
    switch output {
    case .established(let parameters):
      text =
        "established: \(parameters.mode.name), window \(parameters.windowSize), fragment "
        + "\(parameters.fragmentSizeMax)"
    case .deliver(let type, let bytes): text = "delivers \(FrameText.message(type, bytes))"
    case .oversized(let type, let byteCount):
      text = "drops \(type.name) of \(byteCount) bytes, which is too large"
    case .peerFinished(let reason):
      let bytes = Array(reason.utf8)
      text =
        "the other side says goodbye"
        + (reason.isEmpty ? "" : unsafe " " + FrameText.quoted(bytes.span.bytes))
    case .ended(let end): text = "over: " + Self.words(end)
    case .transmit, .request, .wait: return
    }
    write(side.name, "=", text, at: now)
  }

  private static func words(_ end: SessionOutcome) -> String {
    let text = Array(end.text.utf8)
    let error =
      end.code.map { unsafe " (ERROR \($0.rawValue) \(FrameText.quoted(text.span.bytes)))" } ?? ""
    return switch end.ending {
    case .clean: "clean"
    case .unconfirmed: "unconfirmed"
    case .abrupt: "abrupt"
    case .failed: "failed" + error
    case .failedByPeer: "failed by the other side" + error
    }
  }

  /// A command of the script is carried out.
  public mutating func commanded(_ command: SimulationCommand, at now: Instant) {
    switch command {
    case .send(let side, let type, let bytes):
      write(side.name, "!", "send \(FrameText.message(type, bytes))", at: now)
    case .finish(let side, _): write(side.name, "!", "finish", at: now)
    case .limitReceiveWindow(let side, let count):
      write(side.name, "!", "window \(count.map { "\($0)" } ?? "full")", at: now)
    case .fail(let side, let code, _): write(side.name, "!", "fail \(code.rawValue)", at: now)
    case .close(let side): write(side.name, "!", "close", at: now)
    case .cut(let direction): write("link", "!", "cut \(direction.name)", at: now)
    case .mend(let direction): write("link", "!", "mend \(direction.name)", at: now)
    }
  }

  /// The end of a direction is held back.
  public mutating func heldEnd(
    _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
  ) {
    for act in acts {
      write("link", "~", "end of stream \(direction.name): \(act.change) (\(act.rule))", at: now)
    }
  }

  /// A fault rule has broken the connection.
  public mutating func reset(connection: Int, at now: Instant) {
    write("link", "!", "the connection is reset", at: now)
  }

  /// A session sees the end of the stream.
  public mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    write(side.name, "<", "end of stream", at: now)
  }
}
