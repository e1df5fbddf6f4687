import ChatWire
import TestSupport
import Testing

@Suite("Fault rules") struct FaultRuleTests {
  /// The rules in their normal spelling.
  private func normal(_ text: String) throws -> String {
    try FaultRules(parsing: text).description
  }

  @Test func `no rules are legal`() throws {
    for text in ["", " ", "\n\n;;\n", "# nothing yet", "\t#;drop\r\n"] {
      #expect(try FaultRules(parsing: text).isEmpty)
    }
  }

  @Test(
    "Words can be written in several ways",
    arguments: [
      ("loss 1%", "drop 1%"), ("DROP 1%", "drop 1%"), ("drop 0.01", "drop 1%"),
      ("drop 100%", "drop"), ("drop 1.0", "drop"), ("drop 0%", "drop 0%"),
      ("drop 0.000000001%", "drop 0.000000001%"), ("drop 33.333333333%", "drop 33.333333333%"),
      ("drop .5%", "drop 0.5%"), ("drop 010.50%", "drop 10.5%"),
      ("drop 0.10000000000000%", "drop 0.1%"),
      ("drop upstream", "drop c2s"), ("drop DOWNSTREAM", "drop s2c"),
      ("drop data,Ack,data", "drop ACK,DATA"), ("drop data , ack", "drop ACK,DATA"),
      ("drop list_request,ERROR,unknown", "drop ERROR,LIST_REQUEST,UNKNOWN"),
      ("corrupt", "corrupt payload"), ("corrupt 5%", "corrupt payload 5%"),
      ("corrupt HEADER", "corrupt header"), ("corrupt checksum c2s", "corrupt checksum c2s"),
      ("duplicate 1", "duplicate"), ("duplicate 3 5%", "duplicate 3 5%"),
      ("duplicate nth 2", "duplicate nth 2"),
      ("delay 50ms 10ms", "delay 50ms jitter 10ms"),
      ("delay 50ms s2c jitter 10ms", "delay 50ms jitter 10ms s2c"),
      ("delay 1.5s", "delay 1500ms"), ("delay 0.5us", "delay 500ns"),
      ("delay 2000ms", "delay 2s"), ("delay 20msecs", "delay 20ms"), ("delay 0s", "delay 0s"),
      ("delay 1500usec", "delay 1500us"), ("delay 3600s", "delay 3600s"),
      ("reorder c2s gap 2", "reorder gap 2 c2s"), ("reorder gap 1", "reorder"),
      ("drop nth 3,1,2,2", "drop nth 1,2,3"), ("drop nth 1 , 3", "drop nth 1,3"),
      ("drop connection 0 message 2,4", "drop message 2,4 connection 0"),
      ("drop every 2 first 10", "drop first 10 every 2"),
      ("drop where seq==0x11&&len>=3", "drop where sequence == 17 and length >= 3"),
      ("drop where chat.sequence eq 021", "drop where sequence == 17"),
      ("drop where flags ne 0b11 AND frag.index le 4", "drop where flags != 3 and fragment <= 4"),
      ("drop where msg.id lt 4 first 2", "drop first 2 where message < 4"),
      ("drop where type == nack", "drop where type == NACK"),
      ("drop where type == \"NACK\"", "drop where type == NACK"),
      ("drop where type != 0x41", "drop where type_code != 65"),
      (
        "drop where last == 1 and retransmission != TRUE",
        "drop where last == true and retransmission != true"
      ),
      (
        "drop where direction == upstream and dialect == Classic",
        "drop where direction == c2s and dialect == classic"
      ),
      (
        "drop where attempt gt 1 where next_expected < 5 and advertised_window == 0",
        "drop where attempt > 1 and next_expected < 5 and advertised_window == 0"
      ),
      ("drop where attempt == 1 attempt 2", "drop attempt 2 where attempt == 1"),
      ("bandwidth 64kB/s", "bandwidth 64kB/s"), ("BANDWIDTH 64KB/S", "bandwidth 64kB/s"),
      ("rate 64kbit", "bandwidth 8kB/s"), ("rate 100kbit/s", "bandwidth 12500B/s"),
      ("rate 1Mbit/s 50% c2s", "bandwidth 125kB/s 50% c2s"), ("rate 8bit/s", "bandwidth 1B/s"),
      ("bandwidth 1.5MB/s", "bandwidth 1500kB/s"), ("bandwidth .5kB/s", "bandwidth 500B/s"),
      ("bandwidth 65536B/s", "bandwidth 64KiB/s"), ("bandwidth 1.5MiB/s", "bandwidth 1536KiB/s"),
      ("bandwidth 10000MB/s", "bandwidth 10000MB/s"), ("bandwidth 1B/s", "bandwidth 1B/s"),
      ("blackhole", "blackhole"), ("blackhole c2s on 2s off 8s", "blackhole on 2s off 8s c2s"),
      ("blackhole on 1.5s off 1ns after 5s", "blackhole on 1500ms off 1ns after 5s"),
      ("reset after 30s nth 2", "reset nth 2 after 30s"),
      ("slow close 2s s2c", "slow_close 2s s2c"),
      ("Slow_Close 1.5s 10% connection 1", "slow_close 1500ms 10% connection 1"),
      ("drop for 10s after 0s", "drop after 0s for 10s"),
      (
        "delay 1s after 2s where len > 3 for 1s", "delay 1s after 2s for 1s where length > 3"
      ),
    ])
  func spelling(text: String, expected: String) throws {
    #expect(try normal(text) == expected)
    #expect(try normal(expected) == expected)
  }

  @Test func `rules end at line feeds and semicolons, comments at the end of the line`() throws {
    let rules = try FaultRules(
      parsing: "drop 1%;;corrupt # ; not a rule\r\n\tduplicate;\n\nreorder#x\ndelay 1s")
    #expect(
      rules.rules.map(\.description) == [
        "drop 1%", "corrupt payload", "duplicate", "reorder", "delay 1s",
      ])
  }

  @Test func `random rules print and read back as the same rules`() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2_000 * effort {
      let text = RandomRules.text(using: &random)
      let rules = try FaultRules(parsing: text, filters: .test)
      let again = try FaultRules(parsing: rules.description, filters: .test)
      #expect(again == rules, "\(text)")
      #expect(again.description == rules.description)
    }
  }

  @Test func `any text is read or refused with a place in it`() {
    var random = SeededGenerator(seed: 5)
    var hostile = HostileBytes(seed: 6)
    var refused = 0
    for round in 0..<2_500 * effort {
      var bytes = Array(RandomRules.text(using: &random).utf8)
      for _ in 0...round % 4 { bytes = hostile.mutation(of: bytes) }
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(FaultRuleError) {
        let rules = try FaultRules(parsing: text, filters: .test)
        let again = try? FaultRules(parsing: rules.description, filters: .test)
        #expect(again == rules, "\(text)")
      } catch {
        refused += 1
        #expect(!error.message.isEmpty)
        #expect(0...text.utf8.count ~= error.range.lowerBound)
        #expect(error.range.upperBound <= text.utf8.count)
        #expect(error.line >= 1 && error.column >= 1 && error.length >= 1)
        let lines = error.caretMessage(for: text).split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last?.contains("^") == true)
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { 0x20..<0x7F ~= $0 } })
      }
    }
    #expect(refused > 500 * effort)
  }

  @Test func `there are limits`() throws {
    let most = Array(repeating: "drop", count: FaultLimits.rulesMax).joined(separator: "\n")
    #expect(try FaultRules(parsing: most).rules.count == FaultLimits.rulesMax)
    let error = refusal(most + ";drop")
    #expect(error?.message == "there are too many rules; there may be 256")
    #expect(error?.line == 256)
    #expect(error?.column == 6)
    #expect(try FaultRules(parsing: String(repeating: " ", count: 64 << 10)).isEmpty)
    #expect(
      refusal(String(repeating: " ", count: 64 << 10 | 1))?.message
        == "the rules are too long; they may have 65536 bytes")
    // Written out, `seq` is `sequence`.
    let rule = "drop where " + Array(repeating: "seq==1", count: 32).joined(separator: "&&")
    let long = Array(repeating: rule, count: 200).joined(separator: "\n")
    #expect(long.utf8.count <= FaultLimits.textBytesMax)
    #expect(refusal(long)?.message == "the rules up to this one are too long, written out")
  }
}

/// The error of a text that is refused; nil if it is not.
func refusal(_ text: String, filters: FaultFilterLanguage? = nil) -> FaultRuleError? {
  do throws(FaultRuleError) {
    _ = try FaultRules(parsing: text, filters: filters)
    return nil
  } catch {
    return error
  }
}

/// Rules put together at random.
enum RandomRules {
  /// Some rules; unless they may be timed, none looks at a clock.
  static func text(using random: inout SeededGenerator, isTimed: Bool = true) -> String {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      rule(using: &random, isTimed: isTimed)
    }
    .joined(separator: Bool.random(using: &random) ? ";" : "\n")
  }

  static func rule(using random: inout SeededGenerator, isTimed: Bool = true) -> String {
    var actions = [
      "drop", "loss", "corrupt", "corrupt payload", "corrupt checksum", "corrupt header",
      "corrupt length", "duplicate", "duplicate 3", "delay 20ms", "delay 1.25ms jitter 300us",
      "delay 5ms 5ms", "reorder", "reorder gap 4",
      "bandwidth 10kB/s", "rate 1MiB/s", "rate 80kbit", "blackhole", "reset", "slow_close 50ms",
      "slow close 1.5s",
    ]
    var timed: [[String]] = []
    if isTimed {
      actions += ["blackhole on 20ms off 80ms", "blackhole on 1s off 1s"]
      timed = [["after 100ms", "after 0s"], ["for 1s", "for 1.5s"]]
    }
    let action = actions[Int.random(in: 0..<actions.count, using: &random)]
    let isAboutEnd = action.hasPrefix("slow")
    var selectors = [
      ["10%", "0.5", "99.9%", "0%", "0.000000001%"], ["c2s", "s2c"], ["connection 0,1,2"],
    ]
    selectors += timed
    selectors +=
      isAboutEnd
      ? []
      : [
        ["DATA", "ACK,NACK", "syn,list_response", "ping"], ["nth 2,5", "nth 1"], ["first 7"],
        ["every 3"], ["message 1,2,3"], ["fragment 2"], ["attempt 1"],
        ["where seq > 3 and len <= 8", "where type == DATA", "where last != true && frag >= 1"],
        [
          "where (a)", "where ( b c ) and len > 2 and (\");#(\\\"\")",
          "where seq > 2 and ((d) 'e')",
        ],
      ]
    selectors.shuffle(using: &random)
    var words = [action]
    for choices in selectors.prefix(Int.random(in: 0...5, using: &random)) {
      words.append(choices[Int.random(in: 0..<choices.count, using: &random)])
    }
    return words.joined(separator: " ")
  }
}
