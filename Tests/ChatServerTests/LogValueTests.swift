import Logging
import TestSupport
import Testing

@testable import chat_server

@Suite("Lines of the log") struct LogValueTests {
  @Test(
    "a moment is written by the calendar, in UTC",
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (1_795_384_800_123_456_789, "2026-11-22T22:00:00.123456Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (951_868_799_999_999_999, "2000-02-29T23:59:59.999999Z"),
      (951_868_800_000_000_000, "2000-03-01T00:00:00.000000Z"),
      (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
      (1_735_689_599_000_000_000, "2024-12-31T23:59:59.000000Z"),
      (-1_000, "1969-12-31T23:59:59.999999Z"),
      (-86_400_000_000_000, "1969-12-31T00:00:00.000000Z"),
    ])
  func dates(nanoseconds: Int64, text: String) {
    #expect(UTCTime(nanosecondsSince1970: nanoseconds).date == text)
  }

  @Test("days follow each other as in a calendar")
  func calendar() {
    var (year, month, day) = (1970, 1, 1)
    var wrongDays: [String] = []
    for number in 0..<60_000 {
      let text = UTCTime(nanosecondsSince1970: Int64(number) * 86_400_000_000_000).date
      let expected = [year, month, day].map { $0 < 10 ? "0\($0)" : "\($0)" }
      if text.prefix(10) != expected.joined(separator: "-") { wrongDays.append(text) }
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      day += 1
      if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(wrongDays == [])
    #expect(year == 2134)
  }

  static func line(_ format: LogRecord.Format, _ metadata: Logger.Metadata) -> String {
    var bytes: [UInt8] = []
    LogRecord(
      format, nanosecondsSince1970: 1_795_384_800_123_456_789, level: .info,
      event: "client.joined", metadata: metadata
    ).appendLine(number: 17, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("a line has its keys in order")
  func json() {
    let line = Self.line(
      .json(run: "0123456789abcdef"),
      [
        "zebra": "z", "count": .stringConvertible(3), "address": "127.0.0.1:40000",
        "session": "5a5a", "nickname": "ana",
      ])
    #expect(
      line
        == #"{"time":"2026-11-22T22:00:00.123456Z","level":"info","event":"client.joined","#
        + #""record":17,"run":"0123456789abcdef","session":"5a5a","nickname":"ana","#
        + #""address":"127.0.0.1:40000","count":3,"zebra":"z"}"# + "\n")
  }

  @Test("a readable line has no quotes where it needs none, and escapes what acts")
  func readable() {
    #expect(
      Self.line(.readable, ["nickname": "ana", "address": "127.0.0.1:40000"])
        == "22:00:00 info client.joined nickname=ana address=127.0.0.1:40000\n")
    let line = Self.line(
      .readable,
      [
        "a": "two words", "b": "x=\"y\"", "c": "", "d": "\u{1B}[2J\n", "e": "zoë", "f": ["g", "h"],
        "i": .stringConvertible(5),
      ])
    #expect(
      line
        == #"22:00:00 info client.joined a="two words" b="x=\"y\"" c="" d="\u001b[2J\n" e=zoë "#
        + #"f=["g","h"] i=5"# + "\n")
  }

  @Test("whatever the lengths are, a line keeps its bound")
  func bounds() {
    var generator = SeededGenerator(seed: 9)
    var cutCount = 0
    for _ in 0..<100 * effort {
      var metadata: Logger.Metadata = [:]
      for index in 0..<Int.random(in: 0...30, using: &generator) {
        let length = Int.random(in: 0...3_000, using: &generator)
        let scalar = ["\u{1}", "a", "é", "👍", "\""].randomElement(using: &generator) ?? ""
        let key = String(repeating: scalar, count: length / 10) + "\(index)"
        let text = Logger.MetadataValue.string(String(repeating: scalar, count: length))
        metadata[key] = Bool.random(using: &generator) ? text : [key: [text, text]]
      }
      for format in [LogRecord.Format.readable, .json(run: "0123456789abcdef")] {
        let line = Self.line(format, metadata)
        #expect(line.utf8.count <= LogText.lineSizeMax)
        if line.contains("cut") { cutCount += 1 }
      }
    }
    #expect(cutCount > 0)
  }
}
