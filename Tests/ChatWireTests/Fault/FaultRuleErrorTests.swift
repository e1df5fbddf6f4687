import ChatWire
import TestSupport
import Testing

@Suite("Fault rule errors") struct FaultRuleErrorTests {
  /// Texts that are no rules.
  private static let texts = [
    "drp 10%", "drop 10% DATA c2", "drop DTA", "10% drop", "c2s", "DATA,ACK", "== 3", "nonsense",
    "drop 10", "drop 101%", "drop 1.5", "drop 99999999999999999999999%", "drop 10%%", "drop 1e-3",
    "drop 0.0000000001%", "drop 0.000000000001", "drop -5%", "drop 50ms", "drop .", "drop 1.2.3%",
    "drop 10% 20%", "drop c2s s2c", "drop DATA ACK", "drop DATA,", "drop DATA,BAK", "drop ,ACK",
    "drop nth 2 nth 3", "drop nth", "drop nth 0", "drop nth x", "drop nth 1,", "drop nth -1",
    "drop nth 99999999999999999999", "drop first 0", "drop every two", "drop first 1,2",
    "drop message 0", "drop fragment 0", "drop attempt", "drop connection -1",
    "duplicate 0", "duplicate 101", "duplicate two", "corrupt body", "corrupt 5% length",
    "drop length", "drop length > 5", "drop payload",
    "delay", "delay c2s", "delay 50", "delay 50m", "delay 50 ms", "delay 1.5ns", "delay 2h",
    "delay 3601s", "delay 1s jitter", "delay 1s jitter 5", "delay 1s 2s jitter 3s",
    "drop jitter 3ms", "delay 1s gap 3", "reorder gap", "reorder gap 0", "reorder gap 5000",
    "reorder gap 1 gap 2", "drop corrupt", "drop; delya 5ms", "drop where",
    "drop where sequense == 3", "drop where seq", "drop where seq = 3", "drop where seq 3",
    "drop where seq ==", "drop where seq == c2s", "drop where seq == 3 and",
    "drop where seq == 3 or seq == 4", "drop where seq == 3 seq == 4",
    "drop where seq == 3 attempt == 1", "drop where seq == 99999999999999999999",
    "drop where seq == -3", "drop where type == DTA", "drop where type == zzzzzz",
    "drop where type > DATA", "drop where direction == c3s", "drop where direction == 1",
    "drop where last == 2", "drop where last < 1", "drop where dialect == modern",
    "drop where seq & 3", "drop where seq ! 3", "drop where \"seq\" == 3", "drop seq == 3",
    "drop where nosuchfieldatallhere == 3", "drop and c2s", "drop && c2s", "drop or c2s", "drop |",
    "drop 10% # half\ndrop c2s\r\n\tcorrupt 10% tail", "drop \u{1B}[31mred", "drop größe",
    "drop where type == “DATA”", "loss random 10%",
    "bandwidth", "bandwidth c2s", "bandwidth 64", "bandwidth 64 kB/s", "bandwidth 64kb/s",
    "bandwidth 64kbps", "bandwidth 0B/s", "bandwidth 0.5B/s", "bandwidth 1.5B/s",
    "bandwidth 0.1kbit/s", "bandwidth 10001MB/s", "bandwidth 99999999999999999999MB/s",
    "rate fast", "bandwith 64kB/s", "drop 64kB/s", "drop 5% 5s", "blackhole 2s", "blackhole on",
    "blackhole on 2s", "blackhole on 2s 8s", "blackhole off 8s on 2s", "blackhole on 0s off 2s",
    "blackhole on 1s off 1s on 2s off 2s", "drop on 2s off 8s", "blakhole", "reset 5s",
    "reset now", "reste c2s", "slow_close", "slow_close 2", "slow_close 2h", "slow", "slow 2s",
    "slow close", "slowclose 2s", "slow_close 2s DATA", "slow_close 2s nth 3",
    "slow_close 2s message 1", "slow_close 2s where seq == 3", "drop after", "drop after 5",
    "drop after 5s after 6s", "drop for", "drop for 0s", "drop aftr 5s",
    "# " + String(repeating: "x", count: 90) + "\n" + "drop"
      + String(repeating: " where len > 1", count: 12) + " nht 3"
      + String(repeating: " where len > 1", count: 12),
  ]

  @Test func `every error has a sentence and a caret under the place`() throws {
    var report = ""
    for text in Self.texts {
      let error = try #require(refusal(text), "\(text) is not refused")
      let line = error.line == 1 ? "" : "line \(error.line): "
      report += error.caretMessage(for: text) + "\n\(line)\(error.message)\n\n"
    }
    expectFaultGolden(report, named: "fault-rule-errors.txt")
  }

  @Test func `the range is that of the bytes`() throws {
    let text = "# größer\ndrop dta"
    let error = try #require(refusal(text))
    #expect(Array(text.utf8)[error.range] == Array("dta".utf8)[...])
    #expect(error.line == 2)
    #expect(error.column == 6)
    #expect(error.length == 3)
  }

  @Test func `what is missing is missing behind the last character`() throws {
    for text in ["drop nth", "drop nth\n", "drop nth\r\ndrop", "drop nth # which", "drop nth;"] {
      let error = try #require(refusal(text))
      #expect(error.line == 1)
      let lines = error.caretMessage(for: text).split(separator: "\n")
      #expect(lines.count == 2)
      #expect((9...17).contains(error.column))
    }
  }
}
