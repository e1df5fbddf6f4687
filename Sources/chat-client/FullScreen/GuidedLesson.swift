internal import ChatLens
internal import ChatTrace
internal import ChatWire

/// A demonstration that runs on the connection at hand.
struct GuidedLesson {
  /// How far it has come.
  enum Stage: Equatable {
    /// A session with its window and its fragments is being made.
    case preparing
    /// The rule is set and the message is said.
    case running
  }

  let subject: Lesson.Subject
  var stage = Stage.preparing
  /// What happens, once it runs.
  var lesson: Lesson
  /// The rules that were in force before.
  let rulesBefore: FaultRules
  /// The step that is to be shown as soon as it is there.
  var isWaitingForStart = true

  mutating func record(_ event: TraceEvent, number: Int) {
    guard stage == .running else { return }
    lesson.record(event, number: number)
  }
}

extension FullScreenModel {
  /// Begins a demonstration, on a new session if this one has too large fragments to show much.
  mutating func begin(_ subject: Lesson.Subject) -> [FullScreenEffect] {
    guard let session = chat.session, !chat.isLeaving else {
      return failure("there is no connection now")
    }
    guard session.dialect == .native else {
      return failure("faults, and so demonstrations, need the native dialect: /protocol gbn or sr")
    }
    let before = lesson?.rulesBefore ?? rules
    lesson = GuidedLesson(
      subject: subject, lesson: Lesson(subject, mode: session.mode), rulesBefore: before)
    if lensSize == .hidden { lensSize = .normal }
    if session.windowSize == Lesson.windowSize, session.fragmentSizeMax == Lesson.fragmentSize {
      return beginLessonIfWanted()
    }
    chat.wishes.windowSize = Lesson.windowSize
    chat.wishes.fragmentSizeMax = Lesson.fragmentSize
    let text =
      "reconnecting for the demonstration: a window of \(Lesson.windowSize) frames, fragments of "
      + "\(Lesson.fragmentSize) bytes ..."
    return answer(text) + [.perform(.reconnect(chat.wishes))]
  }

  /// Says the message of a demonstration that waits for its session.
  mutating func beginLessonIfWanted() -> [FullScreenEffect] {
    guard var next = lesson, next.stage == .preparing, let session = chat.session else { return [] }
    guard let rules = try? FaultRules(parsing: next.lesson.rules) else { return [] }
    next.lesson = Lesson(next.subject, mode: session.mode)
    next.stage = .running
    lesson = next
    lens.pause()
    self.rules = rules
    // Without rules first: one that is set again would go on counting.
    return [.perform(.faults(FaultRules())), .perform(.faults(rules))]
      + carryOut(
        chat.enter(next.lesson.text, status: status, at: now.milliseconds))
  }

  /// Shows the first step of the demonstration once it is there.
  mutating func followLesson() {
    guard lesson?.isWaitingForStart == true, let first = lesson?.lesson.next(after: -1) else {
      return
    }
    lesson?.isWaitingForStart = false
    lens.stop(at: first)
  }

  /// Ends the demonstration: the lens is live again.
  mutating func endLesson() -> [FullScreenEffect] {
    guard let ending = lesson else { return [] }
    lesson = nil
    lens.goLive()
    rules = ending.rulesBefore
    return [.perform(.faults(rules))]
      + answer(
        "the demonstration is over; window and fragments stay small until you change them (F3)")
  }
}
