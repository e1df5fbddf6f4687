import ChatLens
import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

@Suite struct LensTests {
  private func plan(_ mode: ARQMode, _ faults: String) -> SimulationPlan {
    var plan = SimulationPlan()
    plan.mode = mode
    plan.windowSize = 4
    plan.fragmentSizeMax = 16
    plan.messages = SimulationPlan.Traffic(messageCount: 2, byteCount: 60...60)
    plan.faults = faults
    return plan
  }

  private func screen(
    _ lens: Lens, rows: Int, columns: Int, timing: LensTiming? = nil, isUnicode: Bool = true
  ) -> String {
    var canvas = Canvas(rows: rows, columns: columns)
    LensView(
      lens,
      LensView.Options(
        signs: Signs(isUnicode: isUnicode), timing: timing, origin: TraceTime(nanoseconds: 0))
    ).draw(on: &canvas, in: canvas.area)
    return canvas.text
  }

  /// Every step of a session, one screen behind the other.
  private func film(_ plan: SimulationPlan, rows: Int, columns: Int) throws -> String {
    var lens = Lens()
    for moment in try SimulatedMoments.of(plan) { lens.record(moment, at: .zero) }
    lens.step(pausing: -lens.count)
    var film = ""
    while lens.behindCount > 0 {
      lens.step(pausing: 1)
      film += screen(lens, rows: rows, columns: columns)
    }
    return film
  }

  @Test(
    "what becomes of a lost frame can be seen step by step",
    arguments: [(ARQMode.goBackN, "loss_gbn.txt"), (.selectiveRepeat, "loss_sr.txt")])
  func loss(_ mode: ARQMode, _ name: String) throws {
    let film = try film(plan(mode, "drop nth 2 DATA c2s"), rows: 11, columns: 80)
    expectGolden(film, named: name)
  }

  @Test func `what becomes of a damaged frame can be seen step by step`() throws {
    let film = try film(
      plan(.selectiveRepeat, "corrupt payload nth 3 DATA c2s"), rows: 22, columns: 132)
    expectGolden(film, named: "corruption_sr_wide.txt")
  }

  @Test func `an acknowledgement that is lost moves the receiver alone`() throws {
    let moments = try SimulatedMoments.of(plan(.goBackN, "drop nth 1 ACK s2c"))
    var state = LensState()
    for moment in moments {
      state.apply(moment.event)
      if moment.event.disposition == .dropped { break }
    }
    #expect(state.outgoing.base == 0)
    #expect(state.outgoing.expected == 1)
    #expect(state.outgoing[0]?.sent == .sent)
    #expect(state.outgoing[0]?.received == .got)
  }

  @Test("in the end everything is acknowledged, whatever went wrong", arguments: 1...40)
  func everything(_ seed: Int) throws {
    var plan = plan(seed.isMultiple(of: 2) ? .goBackN : .selectiveRepeat, "")
    plan.seed = UInt64(seed)
    plan.windowSize = 1 + seed % 12
    plan.messages = SimulationPlan.Traffic(messageCount: 30, byteCount: 1...90)
    plan.replies = SimulationPlan.Traffic(messageCount: 20, byteCount: 1...90)
    plan.faults = "drop 8%; corrupt payload 5%; duplicate 4%; reorder 4% gap 3"
    var state = LensState()
    for moment in try SimulatedMoments.of(plan) {
      state.apply(moment.event)
      for direction in [Direction.clientToServer, .serverToClient] {
        let flow = state[direction]
        #expect(flow.base <= flow.expected, "what is acknowledged has come")
        #expect(flow.start <= flow.base && flow.base <= flow.end)
        #expect(flow.inFlightCount <= plan.windowSize)
      }
    }
    let flow = state.outgoing
    // The last of all, a FIN, may be acknowledged by the end alone.
    #expect(flow.base >= flow.end - 1)
    #expect(state.sentByClient.lost + state.sentByServer.lost > 0)
  }

  @Test func `stepping back shows what was shown before`() throws {
    var plan = plan(.selectiveRepeat, "drop 10%")
    plan.messages = SimulationPlan.Traffic(messageCount: 300, byteCount: 60...60)
    var lens = Lens()
    var states: [LensState] = []
    for moment in try SimulatedMoments.of(plan) {
      lens.record(moment, at: .zero)
      // What a frame says already is no step.
      if lens.count > states.count { states.append(lens.state) }
    }
    #expect(states.count > 1_000)
    for number in stride(from: states.count - 1, to: 0, by: -37) {
      lens.stop(at: number)
      let isSame = lens.state == states[number]
      #expect(isSame, "record \(number)")
      lens.step(pausing: -1)
      let isEarlier = lens.state == states[number - 1]
      #expect(isEarlier, "record \(number - 1)")
      lens.step(pausing: 1)
      let isAgain = lens.state == states[number]
      #expect(isAgain, "record \(number)")
    }
  }

  @Test func `a long session is forgotten from its beginning, which is told`() throws {
    var plan = plan(.goBackN, "")
    plan.messages = SimulationPlan.Traffic(messageCount: 2_000, byteCount: 60...60)
    let moments = try SimulatedMoments.of(plan)
    var lens = Lens()
    for moment in moments.prefix(10) { lens.record(moment, at: .zero) }
    lens.pause()
    for moment in moments.dropFirst(10) { lens.record(moment, at: .zero) }
    #expect(moments.count > 12_000)
    #expect(lens.oldest > 0)
    #expect(lens.shown == lens.oldest)
    #expect(lens.skippedCount == lens.oldest - 10)
    #expect(lens.count - lens.oldest <= 8_192)
    #expect(screen(lens, rows: 11, columns: 80).contains("\(lens.skippedCount) left out"))
    lens.goLive()
    #expect(lens.behindCount == 0)
    #expect(lens.skippedCount == 0)
  }

  @Test func `slow motion shows one record after the other`() throws {
    let moments = try SimulatedMoments.of(plan(.goBackN, ""))
    var lens = Lens()
    lens.cycleSlowMotion(at: .zero)
    #expect(lens.pace == .slow(.seconds(1)))
    for moment in moments.prefix(4) { lens.record(moment, at: .zero) }
    // The first at once, since nothing was shown for long.
    #expect(lens.shown == 1)
    #expect(lens.deadline == Instant.zero.advanced(by: .seconds(1)))
    lens.advance(to: Instant.zero.advanced(by: .milliseconds(999)))
    #expect(lens.shown == 1)
    lens.advance(to: Instant.zero.advanced(by: .seconds(1)))
    #expect(lens.shown == 2)
    lens.advance(to: Instant.zero.advanced(by: .seconds(10)))
    #expect(lens.shown == 3)
    lens.advance(to: Instant.zero.advanced(by: .seconds(11)))
    lens.advance(to: Instant.zero.advanced(by: .seconds(12)))
    #expect(lens.shown == 4)
    #expect(lens.deadline == .distantFuture)
  }

  @Test func `the timer runs down`() {
    let lens = Lens()
    func timing(_ left: Duration) -> LensTiming {
      LensTiming(
        roundTrip: .microseconds(1_250), variation: .microseconds(300), timeout: .seconds(1),
        timer: LensTiming.Timer(sequence: 1_003, left: left, whole: .seconds(1)))
    }
    var film = ""
    for left in [Duration.seconds(1), .milliseconds(620), .milliseconds(1), .zero] {
      film += screen(lens, rows: 8, columns: 100, timing: timing(left))
    }
    film += screen(lens, rows: 8, columns: 80, timing: timing(.seconds(1)), isUnicode: false)
    expectGolden(film, named: "timer.txt")
  }

  @Test("it can be drawn in any size", arguments: [0, 1, 2, 3, 5, 8, 13, 40])
  func sizes(_ rows: Int) throws {
    var plan = plan(.selectiveRepeat, "drop 10%; corrupt 5%")
    plan.windowSize = 3 * rows + 1
    var lens = Lens()
    for moment in try SimulatedMoments.of(plan) { lens.record(moment, at: .zero) }
    lens.step(pausing: -20)
    for columns in [0, 1, 7, 12, 13, 14, 20, 33, 80, 300] {
      _ = screen(lens, rows: rows, columns: columns)
      _ = screen(lens, rows: rows, columns: columns, isUnicode: false)
    }
  }
}
