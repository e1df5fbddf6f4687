import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// The story of simulated sessions, of which it is known what they were asked to say.
@Suite("Stories of simulations") struct StorySimulationTests {
  /// What is wrong with the story of a plan's run; nil if nothing is.
  private func problem(_ plan: SimulationPlan, behindFaults: Bool) throws -> String? {
    let (collector, end) = try plan.traced(into: StoryCollector(), behindFaults: behindFaults)
    guard let session = collector.story.sessions.first else {
      return end == .finished && !behindFaults ? "there is no session" : nil
    }
    for side in [Session.Role.client, .server] {
      let expected = plan.said(by: side)
      var messages = session.messages(side)
      if messages.last?.typeCode == FrameType.fin.rawValue { messages.removeLast() }
      guard messages.count <= expected.count else { return "\(side.name) says too much" }
      for (index, message) in messages.enumerated() {
        guard message.number == index + 1, message.typeCode == expected[index].type.rawValue else {
          return "\(side.name): message \(index + 1) is another one"
        }
        if let bytes = message.bytes, bytes != expected[index].bytes {
          return "\(side.name): the bytes of message \(index + 1) are wrong"
        }
        if let problem = orderProblem(message) { return "\(side.name): \(problem)" }
        // What is acknowledged has been seen, since nothing is missing from the trace.
        if message.acknowledgedOrder != nil, message.bytes == nil {
          return "\(side.name): message \(index + 1) is acknowledged, but not known"
        }
      }
      if session.end == .clean {
        guard messages.count == expected.count,
          messages.allSatisfy({ $0.bytes != nil && $0.acknowledgedOrder != nil })
        else { return "\(side.name): not everything is there" }
      }
    }
    // Behind the faults a damaged length may leave the last frame waiting for bytes.
    return session.end == .clean && !behindFaults && !session.doubts.isEmpty
      ? "\(session.doubts)" : nil
  }

  private func orderProblem(_ message: StoryMessage) -> String? {
    if message.beginOrder == 0 { return "message \(message.number) never begins" }
    if let complete = message.completeOrder, complete < message.beginOrder {
      return "message \(message.number) ends before it begins"
    }
    if let acknowledged = message.acknowledgedOrder, acknowledged < message.completeOrder ?? 0 {
      return "message \(message.number) is acknowledged before it ends"
    }
    return nil
  }

  @Test(arguments: [false, true])
  func `says what the sessions were asked to send, in order`(behindFaults: Bool) throws {
    var clean = 0
    for seed in 1...UInt64(150 * effort) {
      let plan = SimulationPlan.random(seed: seed)
      if let problem = try problem(plan, behindFaults: behindFaults) {
        Issue.record("seed \(seed): \(problem)")
      }
      let (collector, _) = try plan.traced(into: StoryCollector(), behindFaults: behindFaults)
      if collector.story.sessions.first?.end == .clean { clean += 1 }
    }
    // Most end well; without that the rest would prove little.
    #expect(clean > 75 * effort)
  }

  @Test func `knows the terms and the end`() throws {
    var plan = SimulationPlan()
    plan.mode = .selectiveRepeat
    plan.windowSize = 7
    plan.fragmentSizeMax = 30
    plan.faults = "drop 20% c2s"
    let session = try #require(
      try plan.traced(into: StoryCollector()).sink.story.sessions.first)
    #expect([session.asked.mode, session.granted.mode] == [.selectiveRepeat, .selectiveRepeat])
    #expect([session.asked.window, session.granted.window] == [7, 7])
    #expect(session.asked.fragmentSize == 30)
    #expect(session.granted.nickname == "guest-1")
    #expect(session.end == .clean)
    #expect(session.error == nil)
    #expect(session.doubts == [])
    #expect(session.fromClient.first?.fragmentCount == 4)
    #expect(session.fromClient.map(\.place) == Array(stride(from: 1, through: 41, by: 4)))
    let opening = session.openingOrder
    let established = try #require(session.establishedOrder)
    let closing = try #require(session.closingOrder)
    #expect([opening, established, closing] == [opening, established, closing].sorted())
  }

  @Test func `an ERROR is whose it is`() throws {
    var plan = SimulationPlan()
    plan.faults = "drop 100% DATA c2s"
    plan.retriesMax = 2
    let session = try #require(
      try plan.traced(into: StoryCollector()).sink.story.sessions.first)
    #expect(session.end == .error)
    #expect(session.error?.side == .client)
    #expect(session.error?.code == ErrorCode.retriesExhausted.rawValue)
    // It was said, though nobody heard it.
    #expect(session.fromClient.first?.bytes == plan.said(by: .client).first?.bytes)
    #expect(session.fromClient.first?.acknowledgedOrder == nil)
  }

  @Test func `keeps no more than it may`() throws {
    var plan = SimulationPlan()
    plan.messages = .init(messageCount: 20, byteCount: 1_000...1_000)
    plan.fragmentSizeMax = 100
    plan.faults = "reorder 20% gap 4"
    let few = try plan.traced(into: StoryCollector(byteCountMax: 5_500)).sink
    let session = try #require(few.story.sessions.first)
    let kept = session.fromClient.compactMap(\.bytes).filter { !$0.isEmpty }
    #expect(kept.count >= 1 && kept.count <= 5)
    #expect(session.fromClient.count == 21)
    #expect(session.doubts == ["more was said by the client than is kept"])
    #expect(
      zip(session.fromClient, plan.said(by: .client)).allSatisfy { message, said in
        message.bytes == nil || message.bytes == said.bytes
      })
    let none = try plan.traced(into: StoryCollector(messageCountMax: 3)).sink
    #expect(none.story.sessions.first?.fromClient.count == 3)
  }
}
