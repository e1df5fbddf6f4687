import ChatLens
import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

@Suite struct LessonTests {
  private static let cases = Lesson.Subject.allCases.flatMap { subject in
    [ARQMode.goBackN, .selectiveRepeat].map { (subject, $0) }
  }

  /// The demonstration on a simulated line, and what the other side says meanwhile.
  private func moments(
    _ subject: Lesson.Subject, _ mode: ARQMode, replies: Int = 0
  ) throws -> [LensMoment] {
    let lesson = Lesson(subject, mode: mode)
    var plan = SimulationPlan()
    plan.mode = mode
    plan.windowSize = Lesson.windowSize
    plan.fragmentSizeMax = Lesson.fragmentSize
    let count = lesson.text.utf8.count
    plan.messages = SimulationPlan.Traffic(messageCount: 1, byteCount: count...count)
    plan.replies = SimulationPlan.Traffic(messageCount: replies, byteCount: 20...40)
    plan.faults = lesson.rules
    return try SimulatedMoments.of(plan)
  }

  private func told(
    _ subject: Lesson.Subject, _ mode: ARQMode, _ moments: [LensMoment]
  ) -> (Lesson, Lens) {
    var lesson = Lesson(subject, mode: mode)
    var lens = Lens()
    for moment in moments {
      let count = lens.count
      lens.record(moment, at: .zero)
      if lens.count > count { lesson.record(moment.event, number: count) }
    }
    return (lesson, lens)
  }

  @Test("a demonstration reads as its golden file", arguments: cases)
  func film(_ subject: Lesson.Subject, _ mode: ARQMode) throws {
    var (lesson, lens) = told(subject, mode, try moments(subject, mode))
    var film = lesson.introduction + "\n\n"
    var number = -1
    while let next = lesson.next(after: number) {
      lens.stop(at: next)
      var canvas = Canvas(rows: 20, columns: 80)
      LessonView(lesson, lens: lens, signs: Signs(isUnicode: true))
        .draw(on: &canvas, in: Area(row: 0, column: 0, rows: 9, columns: 80))
      LensView(lens, LensView.Options(signs: Signs(isUnicode: true)))
        .draw(on: &canvas, in: Area(row: 9, column: 0, rows: 11, columns: 80))
      film += canvas.text
      number = next
    }
    expectGolden(film, named: "lesson_\(subject.rawValue)_\(mode.name).txt")
    lesson = Lesson(subject, mode: mode)
    #expect(lesson.summary == nil)
  }

  @Test("it begins with the message and ends with its last answer", arguments: cases)
  func story(_ subject: Lesson.Subject, _ mode: ARQMode) throws {
    let (lesson, lens) = told(subject, mode, try moments(subject, mode))
    #expect(lesson.isComplete)
    #expect(lesson.summary != nil)
    let first = try #require(lesson.steps.first.flatMap { lens[$0]?.event })
    let last = try #require(lesson.steps.last.flatMap { lens[$0]?.event })
    #expect(first.fragment == 1 && first.direction == .clientToServer)
    #expect(last.nextExpected != nil && last.direction == .serverToClient)
    #expect(lesson.steps.contains { lens[$0]?.event.disposition != .forwarded })
    // Forth and back, each step once.
    var forth: [Int] = []
    while let next = lesson.next(after: forth.last ?? -1) { forth.append(next) }
    var back: [Int] = []
    while let next = lesson.previous(before: back.last ?? .max) { back.append(next) }
    #expect(forth == lesson.steps)
    #expect(Array(back.reversed()) == lesson.steps)
  }

  @Test("what the other side says meanwhile is no step of it", arguments: cases)
  func disturbed(_ subject: Lesson.Subject, _ mode: ARQMode) throws {
    let (lesson, lens) = told(subject, mode, try moments(subject, mode, replies: 5))
    #expect(lesson.isComplete)
    for step in lesson.steps {
      let event = try #require(lens[step]?.event)
      let isAnswer = event.nextExpected != nil && event.direction == .serverToClient
      #expect(isAnswer || event.message == 1 && event.direction == .clientToServer)
    }
  }

  @Test("its message is five frames", arguments: Lesson.Subject.allCases)
  func message(_ subject: Lesson.Subject) throws {
    let lesson = Lesson(subject, mode: .goBackN)
    #expect((65...80).contains(lesson.text.utf8.count))
    #expect(try FaultRules(parsing: lesson.rules).rules.count == 1)
  }

  @Test(
    "every note and every frame can be explained", arguments: [ARQMode.goBackN, .selectiveRepeat])
  func explanations(_ mode: ARQMode) {
    var texts = ""
    for id in NoteID.allCases {
      var event = TraceEvent()
      event.typeCode = FrameType.data.rawValue
      event.notes = [Note(id)]
      texts += "\(id.name)\n" + check(Explanation(event, mode: mode))
    }
    for code in UInt8(0)...20 {
      var event = TraceEvent()
      event.typeCode = code
      texts += "type \(code)\n" + check(Explanation(event, mode: mode))
    }
    for kind in [TraceEvent.Kind.tcp, .gap, .junk, .fault, .session] {
      var event = TraceEvent()
      event.kind = kind
      texts += "\(kind)\n" + check(Explanation(event, mode: nil))
    }
    expectGolden(texts, named: "explanations_\(mode.name).txt")
  }

  private func check(_ explanation: Explanation) -> String {
    #expect(!explanation.heading.isEmpty && explanation.heading.count < 40)
    #expect((20...330).contains(explanation.text.count), "\(explanation.text)")
    #expect(explanation.text.hasSuffix("."))
    return "  \(explanation.heading): \(explanation.text)\n"
  }
}
