import ChatSimulation
import ChatWire
import TestSupport
import Testing

@Suite("Scripts") struct ScriptTests {
  private func error(_ text: String) -> String? {
    do throws(ScriptError) {
      _ = try Scenario(parsing: text)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `a script sets up a run and says what happens when`() throws {
    let scenario = try Scenario(
      parsing: """
        # A title
        mode sr     # a comment
        window 4
        fragment 8
        isn client 65535
        rtt 30ms
        jitter 2ms
        rate 9600
        queue 5
        seed 7
        retries 3
        timeout 250ms
        faults drop DATA c2s nth 2   # one of them
        faults duplicate 5%

        0ms client send "a \\"quoted\\" # text\\n"
        client send NICK "ana"
        client send WHO
        at 1.5s server send 20 bytes times 3
        cut both
        mend c2s
        2s client window 0
        client window full
        client fail 7 "too slow"
        server finish "bye"
        close client
        until 9s
        """)
    #expect(scenario.title == "A title")
    #expect(scenario.plan.mode == .selectiveRepeat)
    #expect(scenario.plan.windowSize == 4)
    #expect(scenario.plan.fragmentSizeMax == 8)
    #expect(scenario.plan.clientInitialSequence == 65_535)
    #expect(scenario.plan.roundTrip == .milliseconds(30))
    #expect(scenario.plan.jitter == .milliseconds(2))
    #expect(scenario.plan.bytesPerSecond == 9_600)
    #expect(scenario.plan.queueLimit == 5)
    #expect(scenario.plan.seed == 7)
    #expect(try FaultRules(parsing: scenario.plan.faults).rules.count == 2)
    #expect(scenario.tuning.timerRetriesMax == 3)
    #expect(scenario.tuning.fixedTimeout == .milliseconds(250))
    #expect(scenario.limit == .seconds(9))
    let second = Instant.zero.advanced(by: .milliseconds(1_500))
    let third = Instant.zero.advanced(by: .seconds(2))
    let expected: [TimedCommand] = [
      TimedCommand(at: .zero, .send(.client, .data, Array("a \"quoted\" # text\n".utf8))),
      TimedCommand(at: .zero, .send(.client, .nick, Array("ana".utf8))),
      TimedCommand(at: .zero, .send(.client, .who, [])),
    ]
    #expect(Array(scenario.commands.prefix(3)) == expected)
    #expect(scenario.commands[3...5].allSatisfy { $0.time == second })
    #expect(
      scenario.commands.dropFirst(6) == [
        TimedCommand(at: second, .cut(.clientToServer)),
        TimedCommand(at: second, .cut(.serverToClient)),
        TimedCommand(at: second, .mend(.clientToServer)),
        TimedCommand(at: third, .limitReceiveWindow(.client, 0)),
        TimedCommand(at: third, .limitReceiveWindow(.client, nil)),
        TimedCommand(at: third, .fail(.client, .recipientTooSlow, "too slow")),
        TimedCommand(at: third, .finish(.server, reason: "bye")),
        TimedCommand(at: third, .close(.client)),
      ])
  }

  @Test func `what is wrong with a script is said in one sentence with its line`() {
    let wrong = [
      "mode fast", "window", "window 0", "window many", "window 4 5", "speed 3",
      "mode gbn\n\nfragment 70000", "rtt 20", "rtt 20 ms", "isn 5", "faults drop everything",
      "faults", "client", "client shout \"hi\"", "client send", "client send 5",
      "client send FIN", "client send \"open", "client send \"\\x\"", "client window -1",
      "client fail 300", "at", "at noon client send \"hi\"", "5ms", "5ms mode gbn", "cut",
      "cut everything", "close", "client send 9999999 bytes", "client send \"x\" times 0",
      "client send 1000000 bytes times 100", "client send \"\" times 10001",
      String(repeating: "a ", count: 65), String(repeating: "#", count: 70_000),
    ]
    let text = wrong.map { script in
      let shown = script.count > 50 ? "\(script.prefix(10))..." : script
      return
        "\(shown.split(separator: "\n").joined(separator: " / "))\n  \(error(script) ?? "fine")\n"
    }
    expectGolden(text.joined(), named: "script-errors.txt")
  }

  @Test func `no text traps the parser`() {
    let good = Array(
      """
      mode sr
      window 4
      faults drop 10% DATA c2s
      at 100ms server send 2000 bytes times 2
      client send "hello"
      cut both
      """.utf8)
    for cut in HostileBytes.cuts(of: good) { _ = error(String(decoding: cut, as: UTF8.self)) }
    var hostile = HostileBytes(seed: 5)
    var refused = 0
    for _ in 0..<2_000 * effort {
      if error(String(decoding: hostile.mutation(of: good), as: UTF8.self)) != nil { refused += 1 }
    }
    #expect(refused > 100)
  }

  @Test(arguments: [
    ("20ms", 20_000_000), ("1.5s", 1_500_000_000), ("250us", 250_000), ("7ns", 7), ("0ms", 0),
    ("2m", 120_000_000_000), ("0.25ms", 250_000),
  ])
  func `a time is a number and a unit`(text: String, nanoseconds: Int) {
    #expect(Duration(unitText: text) == .nanoseconds(nanoseconds))
  }

  @Test(arguments: ["", "5", "ms", ".", ".ms", "1.2.3s", "-5ms", "5 ms", "99999999999999s", "5h"])
  func `other texts are no times`(text: String) {
    #expect(Duration(unitText: text) == nil)
  }

  @Test func `a time is written so that it can be read again`() {
    for nanoseconds in [0, 1, 1_500, 20_000_000, 1_500_000_000, 90_000_000_000] {
      let duration = Duration.nanoseconds(nanoseconds)
      #expect(Duration(unitText: duration.unitText) == duration)
    }
    #expect(Duration.milliseconds(1_500).unitText == "1500ms")
    #expect(Instant(nanoseconds: 20_003_000).secondsText == "0.020003")
  }
}
