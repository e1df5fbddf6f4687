import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Two traces compared: what has to be the same is the same, and each change is found where it is.
@Suite("Comparison of traces") struct ComparisonTests {
  private func plan(_ change: (inout SimulationPlan) -> Void = { _ in }) -> SimulationPlan {
    var plan = SimulationPlan()
    plan.messages = SimulationPlan.Traffic(messageCount: 12, byteCount: 30...90)
    plan.replies = SimulationPlan.Traffic(messageCount: 8, byteCount: 30...90)
    plan.fragmentSizeMax = 40
    change(&plan)
    return plan
  }

  private func trace(_ plan: SimulationPlan) throws -> ComparedTrace {
    try plan.traced(into: ComparedTraceCollector(), behindFaults: false).0.trace
  }

  private func compare(
    _ first: ComparedTrace, _ second: ComparedTrace, _ level: ComparisonLevel,
    ignoring ignored: Set<String> = []
  ) -> TraceComparison {
    var settings = TraceComparison.Settings()
    settings.level = level
    settings.ignored = ignored
    return TraceComparison(first, second, settings)
  }

  @Test("A run is equal to itself in every byte", arguments: ComparisonLevel.allCases)
  func same(level: ComparisonLevel) throws {
    let faulty = plan { $0.faults = "drop 10%; corrupt payload 5%" }
    let result = compare(try trace(faulty), try trace(faulty), level)
    #expect(result.isEqual && result.doubts.isEmpty)
    #expect(result.streams.count == 1)
  }

  @Test("Faults and numbers change what the machines do, not what is said")
  func faults() throws {
    let clean = try trace(plan())
    for seed in UInt64(1)...20 {
      let disturbed = try trace(
        plan {
          $0.seed = 1
          $0.clientInitialSequence = UInt16(truncatingIfNeeded: seed &* 7_919)
          $0.faults = "drop \(5 + seed)% ; corrupt payload 5%; reorder 5% gap 2"
        })
      let meaning = compare(clean, disturbed, .meaning)
      #expect(meaning.isEqual, "\(seed): \(meaning.differences.prefix(3))")
      #expect(!compare(clean, disturbed, .protocol).isEqual)
      #expect(!compare(clean, disturbed, .wire).isEqual)
    }
  }

  @Test("Another initial sequence number is another wire, and the same protocol")
  func initialSequence() throws {
    let first = try trace(plan())
    let second = try trace(plan { $0.clientInitialSequence = 60_000 })
    #expect(compare(first, second, .protocol).isEqual)
    #expect(!compare(first, second, .wire).isEqual)
  }

  @Test("A message that is missing is one difference, and shifts nothing", arguments: [0, 5, 11])
  func missing(index: Int) throws {
    let first = try trace(plan())
    var second = first
    let lost = second.story.sessions[0].fromClient.remove(at: index)
    for (left, right, isFirst) in [(first, second, true), (second, first, false)] {
      let differences = compare(left, right, .meaning).differences
      #expect(differences.count == 1)
      let difference = try #require(differences.first)
      #expect(difference.field == "message" && difference.message == lost.number)
      #expect((difference.values.first != nil) == isFirst)
      #expect((difference.values.second == nil) == isFirst)
      let frame = isFirst ? difference.frames.first : difference.frames.second
      #expect(frame == lost.firstFrame)
    }
  }

  @Test("A changed text is found, with its frames, and can be ignored")
  func changed() throws {
    let first = try trace(plan())
    var second = first
    second.story.sessions[0].fromClient[3].bytes = Array("something else".utf8)
    let differences = compare(first, second, .meaning).differences
    #expect(differences.count == 1)
    #expect(differences.first?.field == "text" && differences.first?.message == 4)
    #expect(differences.first?.values.second == "something else")
    let frame = first.story.sessions[0].fromClient[3].firstFrame
    #expect(differences.first?.frames == ComparedPair(frame, frame))
    #expect(compare(first, second, .meaning, ignoring: ["text"]).isEqual)
  }

  @Test("Two messages of one sender that change places are told")
  func swapped() throws {
    let first = try trace(plan())
    var second = first
    second.story.sessions[0].fromServer.swapAt(2, 3)
    #expect(!compare(first, second, .meaning).isEqual)
  }

  @Test("What is in doubt is no difference, but said")
  func unknown() throws {
    let first = try trace(plan())
    var second = first
    second.story.sessions[0].fromClient[3].bytes = nil
    let result = compare(first, second, .meaning)
    #expect(result.isEqual && result.doubts.count == 1)
  }

  @Test("A connection without a partner is a difference")
  func connection() throws {
    let first = try trace(plan())
    var second = first
    second.story.sessions.removeAll()
    let differences = compare(first, second, .meaning).differences
    #expect(differences.map(\.field) == ["stream"])
  }

  @Test("Other windows and fragments are protocol")
  func terms() throws {
    let first = try trace(plan())
    let second = try trace(plan { $0.windowSize = 4 })
    #expect(compare(first, second, .meaning).isEqual)
    let fields = Set(compare(first, second, .protocol).differences.map(\.field))
    #expect(fields.contains("window"))
    let cut = try trace(plan { $0.fragmentSizeMax = 20 })
    #expect(compare(first, cut, .meaning).isEqual)
    #expect(!compare(first, cut, .protocol).isEqual)
  }

  @Test("Long recordings that have nothing in common are compared in bounded time")
  func unrelated() throws {
    var first = ComparedTrace()
    var second = ComparedTrace()
    for (base, isFirst) in [("one", true), ("other", false)] {
      var session = StorySession()
      session.end = .clean
      session.fromClient = (0..<30_000).map { number in
        var message = StoryMessage()
        message.typeCode = FrameType.data.rawValue
        message.number = number + 1
        message.bytes = Array("\(base) \(number)".utf8)
        return message
      }
      if isFirst { first.story.sessions = [session] } else { second.story.sessions = [session] }
    }
    #expect(compare(first, second, .meaning).differences.count == 30_000)
  }
}
