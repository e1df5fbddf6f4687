import ChatWire
import TestSupport
import Testing

@Suite("Fault ledger") struct FaultLedgerTests {
  private func refusal(_ text: String) -> String? {
    do throws(FaultLedgerError) {
      _ = try FaultLedger(parsing: text)
      return nil
    } catch {
      return error.description
    }
  }

  /// A ledger with every kind of entry.
  private func example() throws -> FaultLedger {
    var ledger = FaultLedger(
      seed: UInt64.max, rules: try FaultRules(parsing: "drop 10% DATA; delay 5ms jitter 2ms"))
    let places: [FrameIdentity.Place] = [
      .sequenced(17), .sequenced(-3), .control(typeCode: 2, sequence: 17),
      .control(typeCode: 200, sequence: 65_535),
      .classic(typeCode: 4, message: 3, fragment: 1),
      .classic(typeCode: 8, message: 0, fragment: 0), .end, .sequenced(1), .sequenced(2),
    ]
    let changes: [FaultAct.Change] = [
      .drop, .corrupt(.payload, byte: 14, bit: 3), .duplicate(copies: 2),
      .delay(.nanoseconds(5_123_456)), .reorder(gap: 3), .corrupt(.length, byte: 0, bit: 7),
      .slowClose(.seconds(2)), .bandwidth(try #require(FaultRate(text: "64kB/s"))), .reset,
    ]
    for (index, (place, change)) in zip(places, changes).enumerated() {
      ledger.entries.append(
        FaultLedger.Entry(
          identity: FrameIdentity(
            connection: index / 3, direction: index % 2 == 0 ? .clientToServer : .serverToClient,
            place: place, attempt: place == .end ? 1 : UInt32(index + 1),
            isDamaged: index == 1),
          act: FaultAct(rule: "drop 10% DATA", change)))
    }
    return ledger
  }

  @Test func `the text of a ledger is one object a line`() throws {
    expectFaultGolden(try example().text, named: "fault-ledger.ndjson")
  }

  @Test func `a ledger reads back as it was written`() throws {
    let ledger = try example()
    #expect(try FaultLedger(parsing: ledger.text) == ledger)
    #expect(try FaultLedger(parsing: ledger.header).entries.isEmpty)
    let windows = ledger.text.split(separator: "\n").joined(separator: "\r\n") + "\r\n\r\n"
    #expect(try FaultLedger(parsing: windows) == ledger)
  }

  @Test func `many rules take several lines`() throws {
    let rule = "drop nth " + (1...60).map { "\($0 + 1_000_000_000)" }.joined(separator: ",")
    let ledger = FaultLedger(
      seed: 1,
      rules: try FaultRules(parsing: Array(repeating: rule, count: 80).joined(separator: ";")))
    #expect(ledger.header.split(separator: "\n").count > 5)
    #expect(try FaultLedger(parsing: ledger.text) == ledger)
  }

  @Test(
    "What is no ledger is refused with a line",
    arguments: [
      ("", "line 1: a ledger begins with a line that has \"fault_ledger\""),
      ("drop 10%", "line 1: The JSON has an unexpected byte 0x64 at byte 0."),
      ("\n\n[]", "line 3: it is not a JSON object"),
      ("{}", "line 1: a ledger begins with a line that has \"fault_ledger\""),
      ("{\"fault_ledger\": 2}", "line 1: this is a ledger of version 2, not 1"),
      (
        "{\"fault_ledger\": 1, \"seed\": -1, \"rules\": []}",
        "line 1: \"seed\" is no number from 0 to 18446744073709551615"
      ),
      ("{\"fault_ledger\": 1, \"seed\": 1}", "line 1: \"rules\" is no list"),
      (
        "{\"fault_ledger\": 1, \"seed\": 1, \"rules\": [1]}",
        "line 1: \"rules\" is no list of texts"
      ),
      (
        "{\"fault_ledger\": 1, \"seed\": 1, \"rules\": [\"drp\"]}",
        "line 1: a rule of the ledger is none: \"drp\" is not something a rule does; "
          + "did you mean drop?"
      ),
    ])
  func header(text: String, message: String) {
    #expect(refusal(text) == message)
  }

  @Test func `every member of an entry is checked`() throws {
    let ledger = try example()
    for entry in ledger.entries {
      let line = String(entry.line.dropLast())
      for key in [
        "connection", "direction", "attempt", "rule", "action", "part", "byte", "bit", "copies",
        "nanoseconds", "gap", "type_code", "fragment", "bytes_per_second",
      ] {
        // The key is spoilt, or its value.
        guard line.contains("\"\(key)\":") else { continue }
        // A control frame without a type reads as a sequenced one, which it cannot know.
        if key == "type_code", !line.contains("\"message\":") { continue }
        let text = ledger.header + line.replacing("\"\(key)\":", with: "\"no\":")
        #expect(refusal(text)?.hasPrefix("line 2: \"\(key)\" is") == true, "\(text)")
      }
    }
    for (value, spoilt) in [
      ("\"c2s\"", "\"up\""), ("\"drop\"", "\"melt\""), ("\"attempt\": 1", "\"attempt\": 0"),
      ("\"sequence\": 17", "\"sequence\": 1.5"), ("\"connection\": 0", "\"connection\": 1e400"),
    ] {
      let line = ledger.entries[0].line
      #expect(line.contains(value))
      #expect(refusal(ledger.header + line.replacing(value, with: spoilt)) != nil)
    }
  }

  @Test func `what is done to an end belongs to it, and nothing else does`() throws {
    let ledger = try example()
    let end = try #require(ledger.entries.first { $0.identity.place == .end }).line
    #expect(end.contains("\"end\": true") && !end.contains("attempt"))
    #expect(
      refusal(ledger.header + end.replacing("\"slow_close\", \"nano", with: "\"drop\", \"nano"))
        == "line 2: nothing is done to the end of a direction but \"slow_close\"")
    let frame = end.replacing("\"end\": true", with: "\"sequence\": 1, \"attempt\": 1")
    #expect(
      refusal(ledger.header + frame)
        == "line 2: \"slow_close\" is done to the end of a direction, which has \"end\": true")
    for bad in ["0", "10000000001", "-1", "1.5", "\"64kB/s\""] {
      let line = try #require(ledger.entries.first { $0.line.contains("bytes_per_second") }).line
      let text = ledger.header + line.replacing(": 64000", with: ": \(bad)")
      #expect(refusal(text) == "line 2: \"bytes_per_second\" is missing or out of range")
    }
  }

  @Test func `damaged ledgers are read or refused, never worse`() throws {
    let bytes = Array(try example().text.utf8)
    var hostile = HostileBytes(seed: 4)
    var refused = 0
    for _ in 0..<2_000 * effort {
      let text = String(decoding: hostile.mutation(of: bytes), as: UTF8.self)
      do throws(FaultLedgerError) {
        let ledger = try FaultLedger(parsing: text)
        #expect(try FaultLedger(parsing: ledger.text) == ledger)
      } catch {
        refused += 1
        #expect(error.line >= 1 && !error.message.isEmpty)
      }
    }
    #expect(refused > 100)
  }

  @Test func `acts that do not fit a frame leave it as it is`() throws {
    var ledger = FaultLedger(seed: 1, rules: FaultRules())
    ledger.entries = [
      FaultLedger.Entry(
        identity: FrameIdentity(
          connection: 0, direction: .clientToServer, place: .sequenced(1), attempt: 1),
        act: FaultAct(rule: "corrupt payload", .corrupt(.payload, byte: 500, bit: 0)))
    ]
    var injector = FaultInjector(replaying: ledger, connection: 0)
    let frame = TrafficFrame(.clientToServer, .data, 9, [1])
    _ = injector.receive(frame)
    #expect(injector.drain(.clientToServer).outputs.map(\.bytes) == [frame.bytes])
  }

  @Test func `setting rules ends a replay`() throws {
    var injector = FaultInjector(replaying: try example(), connection: 0)
    injector.rules = try FaultRules(parsing: "duplicate")
    #expect(
      injector.receive(TrafficFrame(.clientToServer, .data, 9, [1])).disposition == .duplicated)
  }
}
