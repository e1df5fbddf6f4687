import ChatPosix
import ChatTrace
import ChatWire
import Testing

@testable import chat_client

/// Faults at this end, what is said about them, and the trace.
@Suite("Faults and trace") struct FaultTests {
  private let rules =
    "drop 20% c2s DATA; corrupt payload 10% DATA; duplicate 10%; delay 5ms 20% s2c; drop 10% ACK"

  @Test(arguments: [ARQMode.goBackN, .selectiveRepeat])
  func `everything arrives once and in order in spite of faults`(mode: ARQMode) throws {
    let server = try TestServer()
    let rules = try FaultRules(parsing: rules)
    let client = try TestClient(port: server.port) {
      $0.wishes.mode = mode
      $0.wishes.fragmentSizeMax = 8
      $0.wishes.timeout = .milliseconds(100)
      $0.faults = rules
      $0.faultSeed = 7
    }
    let texts = (1...40).map { "message \($0), in some fragments" }
    for text in texts { client.say(text) }
    client.waitForDelivery(of: 40)
    #expect(server.waitForMessages(40) == texts)
    server.say("and back")
    #expect(client.waitForMessage() == "server: and back")
    #expect(client.connection.status().faultCount > 20)
    #expect(client.connection.status().faults == rules.description)
    #expect(client.quit() == .done)
    #expect(server.heard.withLock { $0.count } == 40)
    #expect(
      client.explanations.contains {
        $0.contains("dropped here by the rule 'drop 20% DATA c2s': the server will not see it")
      })
    #expect(client.explanations.contains { $0.contains(": retransmission of frame ") })
  }

  @Test func `an explanation names the frame, its message and its fragment`() throws {
    let server = try TestServer()
    let rules = try FaultRules(parsing: "corrupt payload DATA message 1 fragment 2 attempt 1")
    let client = try TestClient(port: server.port) {
      $0.wishes.mode = .selectiveRepeat
      $0.wishes.fragmentSizeMax = 4
      $0.faults = rules
    }
    client.say("hello, world")
    client.waitForDelivery(of: 1)
    #expect(client.quit() == .done)
    // Sequence numbers are drawn, and acknowledgements may come before or behind what is repeated.
    let sentences = client.explanations.map { sentence in
      sentence.replacing(#/(DATA|NACK|sequence) \d+/#) { "\($0.1) N" }
        .replacing(#/^frame \d+/#) { _ in "frame" }.replacing(#/NACK in frame \d+/#) { _ in "NACK" }
    }
    #expect(
      sentences == [
        "frame, DATA N (message 1, fragment 2): damaged here by the rule "
          + "'corrupt payload DATA message 1 fragment 2 attempt 1', in its payload: "
          + "the server will find a bad checksum",
        "frame, NACK N: asks for sequence N again: frame 5 was damaged here",
        "frame, DATA N (message 1, fragment 2 of 3): retransmission of frame 5, "
          + "which was damaged here: NACK reported a bad checksum",
      ])
  }

  @Test func `faults begin and end while the session goes on`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.wishes.timeout = .milliseconds(100) }
    client.say("one")
    client.waitForDelivery(of: 1)
    let rules = try FaultRules(parsing: "drop first 2 DATA c2s")
    client.connection.perform(.faults(rules))
    client.say("two")
    client.waitForDelivery(of: 2)
    #expect(client.connection.status().faultCount == 2)
    client.connection.perform(.faults(FaultRules()))
    client.say("three")
    client.waitForDelivery(of: 3)
    #expect(client.connection.status().faultCount == 2)
    #expect(client.quit() == .done)
    #expect(server.waitForMessages(3) == ["one", "two", "three"])
  }

  @Test func `a reset breaks the connection, and the client begins anew`() throws {
    let server = try TestServer()
    let rules = try FaultRules(parsing: "reset DATA c2s nth 2 connection 0")
    let client = try TestClient(port: server.port) { $0.faults = rules }
    client.say("one")
    client.waitForDelivery(of: 1)
    client.say("two")
    client.waitForDelivery(of: 2)
    #expect(client.quit() == .done)
    #expect(server.waitForMessages(2) == ["one", "two"])
    #expect(
      client.events.contains { event in
        guard case .disconnected(let reason, _, _) = event else { return false }
        return reason == "a fault rule has reset the connection"
      })
    #expect(client.explanations.contains { $0.contains("the connection is reset here by") })
  }

  @Test func `a slow line holds messages up, and nothing is lost`() throws {
    let server = try TestServer()
    let rules = try FaultRules(parsing: "bandwidth 20kB/s; blackhole c2s DATA attempt 1 nth 3")
    let client = try TestClient(port: server.port) { $0.faults = rules }
    let texts = (1...10).map { "message \($0)" }
    for text in texts { client.say(text) }
    client.waitForDelivery(of: 10)
    #expect(client.quit() == .done)
    #expect(server.waitForMessages(10) == texts)
    #expect(client.explanations.contains { $0.contains("until a line of 20kB/s is free") })
  }

  @Test func `a classic session has no faults, and says so`() throws {
    let server = try TestServer()
    let rules = try FaultRules(parsing: "drop 100%")
    let client = try TestClient(port: server.port) {
      $0.wishes.isClassic = true
      $0.faults = rules
    }
    client.say("hello")
    client.waitForDelivery(of: 1)
    #expect(client.quit() == .done)
    #expect(
      client.events.contains(
        .information("faults need the native dialect: nothing is done to classic frames")))
  }

  @Test func `no more is explained in a second than somebody can read`() {
    var explainer = Explainer()
    var event = TraceEvents.dropped
    for number in 1...60 {
      event.frame = UInt64(number)
      explainer.record(event, at: .zero)
    }
    let first = explainer.take(at: .zero)
    #expect(first.count == Explainer.countMax)
    #expect(first[0].hasPrefix("frame 1, DATA 9: dropped here"))
    #expect(explainer.deadline == Instant(nanoseconds: 1_000_000_000))
    #expect(explainer.take(at: Instant(nanoseconds: 999_999_999)) == [])
    #expect(explainer.take(at: explainer.deadline) == ["... and 10 more"])
    #expect(explainer.deadline == .distantFuture)
    explainer.record(event, at: Instant(nanoseconds: 2_000_000_000))
    #expect(explainer.take(at: Instant(nanoseconds: 2_000_000_000)).count == 1)
  }
}
