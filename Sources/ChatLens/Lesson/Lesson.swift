public import ChatTrace
public import ChatWire

/// A demonstration: one message on a session with small fragments, of which one goes wrong, and
/// what comes of it, step by step.
///
/// Set its rules just before the message is said, and tell it of every record from then on. Its
/// steps are the frames of the message and the answers to them.
public struct Lesson: Sendable {
  /// What goes wrong.
  public enum Subject: String, CaseIterable, Sendable {
    /// A frame is damaged.
    case corruption
    /// A frame is lost.
    case loss
    /// An answer is lost.
    case ack
    /// The last frame is lost, so that nothing shows it but silence.
    case timeout
  }

  /// The window that a session is to have for it, in frames.
  public static let windowSize = 4
  /// The largest fragment, in bytes.
  public static let fragmentSize = 16

  /// What goes wrong.
  public let subject: Subject
  /// How losses are repaired.
  public let mode: ARQMode
  /// The numbers of the records that are its steps, in order.
  public private(set) var steps: [Int] = []
  /// Everything is told.
  public private(set) var isComplete = false

  private var message: UInt64?
  private var lastSequence: UInt16?
  private var sentCount = 0
  private var againCount = 0
  private var troubleTime: TraceTime?
  private var repairNanoseconds: Int64?

  /// A demonstration that has not begun.
  public init(_ subject: Subject, mode: ARQMode) {
    self.subject = subject
    self.mode = mode
  }

  /// The fault rule: it counts from the moment in which it is set.
  public var rules: String {
    switch subject {
    case .corruption: "corrupt payload nth 2 DATA c2s"
    case .loss: "drop nth 2 DATA c2s"
    case .ack: "drop nth 2 ACK s2c"
    case .timeout: "drop nth 5 DATA c2s"
    }
  }

  /// What is to be said: five fragments.
  public var text: String {
    switch subject {
    case .corruption: "This message travels in five frames, and one of them is damaged underway."
    case .loss: "This message travels in five frames, and the second one never arrives there."
    case .ack: "This message travels in five frames; all arrive, but one answer gets lost."
    case .timeout: "This message travels in five frames, and just the last one of them is lost."
    }
  }

  // MARK: what happens

  /// Takes a record of the trace.
  ///
  /// - Parameter number: by which it is known afterwards, ascending.
  public mutating func record(_ event: TraceEvent, number: Int) {
    guard !isComplete, event.kind == .frame else { return }
    let name = FrameTypeName(event.typeCode, event.dialect)
    if event.direction == .clientToServer {
      guard name == .data, let its = event.message, message == nil || its == message else {
        return
      }
      message = its
      if event.last { lastSequence = event.sequence }
      if event.retransmission || (event.attempt ?? 1) > 1 {
        againCount += 1
      } else {
        sentCount += 1
      }
    } else {
      guard message != nil, name == .ack || name == .nack else { return }
    }
    steps.append(number)
    note(event, name)
  }

  private mutating func note(_ event: TraceEvent, _ name: FrameTypeName) {
    let isDisturbed = event.disposition == .dropped || event.disposition == .corrupted
    if isDisturbed, troubleTime == nil { troubleTime = event.time }
    guard name == .ack, !isDisturbed, let last = lastSequence, let next = event.nextExpected,
      Int16(bitPattern: next &- last) > 0
    else { return }
    isComplete = true
    if let troubleTime, let time = event.time {
      repairNanoseconds = time.nanoseconds - troubleTime.nanoseconds
    }
  }

  // MARK: steps

  /// The step behind a record; nil if there is none yet.
  public func next(after number: Int) -> Int? { steps.first { $0 > number } }

  /// The step before a record.
  public func previous(before number: Int) -> Int? { steps.last { $0 < number } }

  /// Which step a record is, counted from 1; nil if it is none.
  public func step(at number: Int) -> Int? { steps.firstIndex(of: number).map { $0 + 1 } }

  // MARK: words

  /// What is going to happen.
  public var introduction: String {
    let name = mode == .goBackN ? "Go-Back-N" : "Selective Repeat"
    let trouble =
      switch subject {
      case .corruption: "the second frame is damaged on its way"
      case .loss: "the second frame is lost on its way"
      case .ack: "the second acknowledgement is lost on its way back"
      case .timeout: "the last frame is lost: nothing comes behind it that could show the gap"
      }
    return "A message of five frames is said, and \(trouble). The session repairs losses by "
      + "\(name), with a window of \(Self.windowSize)."
  }

  /// What it has cost, and what to try next; nil before its end.
  public var summary: String? {
    guard isComplete else { return nil }
    let again = againCount == 1 ? "1 frame was" : "\(againCount) frames were"
    var text = "\(sentCount) frames were sent, and \(again) sent again"
    if let nanoseconds = repairNanoseconds {
      text += "; repaired \(DecimalText.duration(.nanoseconds(nanoseconds))) after the fault"
    }
    text += ". "
    switch (subject, mode) {
    case (.ack, _):
      text += "The next acknowledgement made up for the lost one: they count from the beginning."
    case (.timeout, _):
      text += "Only the timer could notice: nothing came behind the lost frame."
    case (_, .goBackN):
      text +=
        "Go-Back-N sent more again than was lost. Compare: /protocol sr, then /demo "
        + "\(subject.rawValue)."
    case (_, .selectiveRepeat):
      text +=
        "Selective Repeat sent again only what was lost. Compare: /protocol gbn, then /demo "
        + "\(subject.rawValue)."
    }
    return text
  }
}
