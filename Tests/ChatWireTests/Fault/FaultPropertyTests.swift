import ChatWire
import TestSupport
import Testing

/// What must hold for any traffic: rules that do not fire change nothing, timing decides nothing,
/// and a ledger repeats what was done.
@Suite("Fault properties") struct FaultPropertyTests {
  /// What becomes of the frames of each direction, in order of arrival, and what goes out.
  private struct Run {
    var fates: [Direction: [Fate]] = [:]
    var sent: [Direction: [UInt8]] = [:]
    /// What is done to the end of each direction.
    var ends: [Direction: [FaultAct]] = [:]
    var ledger: FaultLedger
  }

  private static let directions: [Direction] = [.clientToServer, .serverToClient]

  /// Hands frames to an injector at random times, and takes outputs at random times.
  private func run(
    _ frames: [TrafficFrame], through injector: FaultInjector, using random: inout SeededGenerator
  ) -> Run {
    var injector = injector
    var run = Run(ledger: FaultLedger(seed: 0, rules: injector.rules))
    var now = 0
    for frame in frames {
      now += Int.random(in: 0...30, using: &random)
      let fate = injector.receive(frame, at: moment(now))
      run.fates[frame.direction, default: []].append(fate)
      run.ledger.record(fate)
      for direction in Self.directions where Bool.random(using: &random) {
        let (outputs, _) = injector.drain(direction, at: moment(now))
        run.sent[direction, default: []] += outputs.flatMap(\.bytes)
      }
    }
    for direction in Self.directions {
      let acts = injector.closing(direction, at: moment(now)).acts
      run.ends[direction] = acts
      run.ledger.record(acts, endOf: direction, connection: 2)
      injector.finish(direction)
      let (outputs, _) = injector.drain(direction, at: moment(now))
      run.sent[direction, default: []] += outputs.flatMap(\.bytes)
    }
    return run
  }

  private func acts(_ run: Run, _ direction: Direction) -> [[FaultAct]] {
    (run.fates[direction] ?? []).map(\.acts)
  }

  @Test func `rules that do not fire leave all bytes as they were`() throws {
    let rules = try FaultRules(
      parsing: """
        drop 0%; corrupt connection 7; delay 50ms nth 100000; reorder message 100000
        duplicate PONG; drop where seq == 3 and seq == 4; delay 3s first 5 attempt 1000
        reset after 3600s; blackhole for 1s after 3000s; bandwidth 1B/s connection 9
        slow_close 1s 0%
        """)
    var random = SeededGenerator(seed: 20)
    for round in 0..<30 * effort {
      let frames = try RandomTraffic(count: 150, using: &random).interleaved(using: &random)
      let injector = FaultInjector(rules: rules, seed: UInt64(round), connection: 0)
      let run = run(frames, through: injector, using: &random)
      for direction in Self.directions {
        #expect(run.sent[direction] == frames.filter { $0.direction == direction }.flatMap(\.bytes))
        #expect(run.fates[direction]?.allSatisfy { $0.disposition == .forwarded } == true)
      }
      #expect(run.ledger.entries.isEmpty)
    }
  }

  @Test func `neither timing nor the order of the directions decides anything`() throws {
    var random = SeededGenerator(seed: 21)
    for round in 0..<40 * effort {
      let rules = try FaultRules(
        parsing: RandomRules.text(using: &random, isTimed: false), filters: .test)
      let traffic = try RandomTraffic(count: 150, using: &random)
      let injector = FaultInjector(rules: rules, seed: UInt64(round), connection: 0)
      let one = run(traffic.interleaved(using: &random), through: injector, using: &random)
      let other = run(traffic.interleaved(using: &random), through: injector, using: &random)
      for direction in Self.directions {
        #expect(one.fates[direction]?.map(\.frame) == other.fates[direction]?.map(\.frame))
        #expect(acts(one, direction) == acts(other, direction), "\(rules)")
        #expect(one.ends == other.ends)
      }
    }
  }

  @Test func `a ledger repeats every act on the same frames, whatever the timing`() throws {
    var random = SeededGenerator(seed: 22)
    var actCount = 0
    for round in 0..<30 * effort {
      let rules = try FaultRules(
        parsing: RandomRules.text(using: &random) + "\n" + RandomRules.text(using: &random),
        filters: .test)
      let traffic = try RandomTraffic(count: 150, using: &random)
      let injector = FaultInjector(rules: rules, seed: UInt64(round), connection: 2)
      let original = run(traffic.interleaved(using: &random), through: injector, using: &random)
      actCount += original.ledger.entries.count
      let ledger = try FaultLedger(parsing: original.ledger.text, filters: .test)
      #expect(ledger == original.ledger)
      let replayer = FaultInjector(replaying: ledger, connection: 2)
      let replay = run(traffic.interleaved(using: &random), through: replayer, using: &random)
      for direction in Self.directions {
        #expect(acts(replay, direction) == acts(original, direction))
      }
      #expect(replay.ends == original.ends)
      // Another connection is not meant.
      let other = FaultInjector(replaying: ledger, connection: 3)
      let untouched = run(traffic.interleaved(using: &random), through: other, using: &random)
      #expect(untouched.ledger.entries.isEmpty)
    }
    #expect(actCount > 500 * effort)
  }

  @Test func `frames leave in order of their time, then of their arrival`() throws {
    var random = SeededGenerator(seed: 23)
    for round in 0..<100 * effort {
      var injector = FaultInjector(
        rules: try FaultRules(parsing: "delay 40ms jitter 40ms 60%; drop 10%; duplicate 10%"),
        seed: UInt64(round), connection: 0)
      /// What should still go out: when, which, how often.
      var waiting: [(due: Int64, number: UInt64, copies: Int)] = []
      var now: Int64 = 0
      for sequence in 1...100 as ClosedRange<UInt16> {
        now += Int64.random(in: 0...20_000_000, using: &random)
        let fate = injector.receive(
          TrafficFrame(.clientToServer, .data, sequence), at: Instant(nanoseconds: now))
        if fate.disposition != .dropped {
          var entry = (due: now, number: fate.number, copies: 1)
          for act in fate.acts {
            if case .delay(let time) = act.change { entry.due += time.nanoseconds }
            if case .duplicate(let copies) = act.change { entry.copies += copies }
          }
          waiting.append(entry)
        }
        guard Bool.random(using: &random) else { continue }
        waiting.sort { ($0.due, $0.number) < ($1.due, $1.number) }
        let due = waiting.prefix { $0.due <= now }
        waiting.removeFirst(due.count)
        let (outputs, deadline) = injector.drain(
          .clientToServer, at: Instant(nanoseconds: now))
        #expect(
          outputs.map(\.number)
            == due.flatMap { entry in Array(repeating: entry.number, count: entry.copies) })
        #expect(deadline.nanoseconds == waiting.first?.due ?? .max)
      }
    }
  }

  @Test func `whatever the rules, each frame that is not dropped goes out as often as it should`()
    throws
  {
    var random = SeededGenerator(seed: 24)
    for round in 0..<30 * effort {
      let rules = try FaultRules(parsing: RandomRules.text(using: &random), filters: .test)
      let frames = try RandomTraffic(count: 100, using: &random).interleaved(using: &random)
      var injector = FaultInjector(rules: rules, seed: UInt64(round), connection: 0)
      var expected: [UInt64] = []
      var sent: [UInt64] = []
      var isReset = false
      for (index, frame) in frames.enumerated() where !isReset {
        let fate = injector.receive(frame, at: moment(index))
        var copies = fate.disposition == .dropped ? 0 : 1
        for act in fate.acts {
          if case .duplicate(let more) = act.change, copies > 0 { copies += more }
        }
        expected += Array(repeating: fate.number, count: copies)
        isReset = fate.resetsConnection
        guard index % 7 == 0 else { continue }
        for direction in Self.directions {
          sent += injector.drain(direction, at: moment(index)).outputs.map(\.number)
        }
      }
      for direction in Self.directions {
        // By the timers alone.
        sent += injector.drain(direction, at: moment(1_000_000)).outputs.map(\.number)
      }
      // A reset takes along what is held.
      if isReset {
        #expect(Set(sent).isSubset(of: expected), "\(rules)")
      } else {
        #expect(sent.sorted() == expected, "\(rules)")
      }
    }
  }
}
