import ChatWire
import Foundation
import Testing

@testable import chat_client

/// How plain mode prints and reads.
@Suite("Plain mode") struct PlainTests {
  private func printed(_ event: ClientEvent) -> String {
    switch PlainSentence(event) {
    case .message(let text), .notice(let text), .information(let text), .complaint(let text): text
    case .nothing: ""
    }
  }

  private func line(_ text: String, from: String? = "ana") -> ClientEvent {
    .message(ChatLine(from: from, text: text, sentAtMilliseconds: 0))
  }

  @Test func `a message is a line, and indented where it goes on`() {
    #expect(printed(line("hello")) == "<ana> hello")
    #expect(printed(line("one\ntwo\n\n")) == "<ana> one\n  two\n  \n  ")
    #expect(printed(line("a\tb")) == "<ana> a\tb")
    #expect(printed(line("hello", from: nil)) == "hello")
  }

  @Test func `nothing from outside can write to a terminal or feign a line`() {
    let hostile = "\u{1B}[2J\u{7}\r\u{9B}31m\u{202E}abc\u{2028}\u{0}\u{7F}"
    let events: [ClientEvent] = [
      line(hostile, from: hostile), .notice(.joined(nickname: hostile + "\n* x joined")),
      .notice(.left(nickname: hostile, reason: hostile + "\n<ana> no")),
      .notice(.renamed(from: hostile, to: hostile)), .notice(.refused(hostile + "\n!")),
      .notice(.welcome(hostile)), .notice(.shuttingDown(hostile + "\n")),
      .notice(.other(code: 99, text: hostile + "\n")), .notice(.nicknameAccepted(hostile + "\n")),
      .roster([RosterLine(nickname: hostile + "\n")]), .explanation(hostile + "\n"),
      .information(hostile + "\n"), .undeliverable(message: 1, reason: hostile + "\n"),
      .disconnected(reason: hostile + "\n", retryAfter: .seconds(1), unacknowledgedCount: 2),
    ]
    for event in events {
      let text = printed(event)
      #expect(!text.isEmpty)
      #expect(!text.contains("\n"))
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
      #expect(!text.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{2028}" })
    }
    #expect(printed(line(hostile)).hasPrefix("<ana> \\u{1b}[2J\\u{7}\\u{d}\\u{9b}31m\\u{202e}abc"))
    // What belongs to writing stays.
    #expect(printed(line("👩‍💻 नमस्ते é")) == "<ana> 👩‍💻 नमस्ते é")
  }

  @Test func `what happens is said in a few words`() {
    #expect(printed(.notice(.joined(nickname: "ben"))) == "* ben joined")
    #expect(printed(.notice(.left(nickname: "ben", reason: "bye"))) == "* ben left (bye)")
    #expect(printed(.notice(.left(nickname: "ben", reason: nil))) == "* ben left")
    #expect(printed(.notice(.renamed(from: "ben", to: "bo"))) == "* ben is now called bo")
    #expect(
      printed(.notice(.refused("The nickname ben is taken.")))
        == "the server refuses: The nickname ben is taken")
    #expect(printed(.explanation("frame 1")) == "! frame 1")
    let roster: [RosterLine] = [
      RosterLine(nickname: "ana", isSelf: true), RosterLine(nickname: "ben", isClassic: true),
    ]
    #expect(printed(.roster(roster)) == "* here: ana (you), ben (classic)")
    #expect(
      printed(
        .disconnected(
          reason: "the server said goodbye.", retryAfter: .milliseconds(1_450),
          unacknowledgedCount: 1))
        == "disconnected: the server said goodbye; trying again in 1.4 s, 1 message not confirmed")
  }

  @Test func `every event is one line of JSON`() throws {
    let hostile = "\u{1B}\"\\\n\r\u{2028}\u{202E}é🦊\u{0}"
    let info = ClientSessionInfo(
      dialect: .native, mode: .selectiveRepeat, requestedMode: .goBackN, windowSize: 16,
      fragmentSizeMax: 1_024, nickname: "ana", serverName: hostile, sessionID: "00ff",
      isReconnection: true, resentCount: 3)
    let expected: [(ClientEvent, String, [String: String])] = [
      (.connecting(host: hostile, port: 5_000, attempt: 2), "connecting", ["host": hostile]),
      (.established(info), "session", ["server": hostile, "protocol": "sr"]),
      (line(hostile, from: hostile), "message", ["from": hostile, "text": hostile]),
      (line("x", from: nil), "message", ["text": "x", "sent_at": "1970-01-01T00:00:00.000Z"]),
      (.notice(.joined(nickname: hostile)), "joined", ["nickname": hostile]),
      (.notice(.left(nickname: "a", reason: hostile)), "left", ["reason": hostile]),
      (.notice(.renamed(from: "a", to: "b")), "renamed", ["from": "a", "nickname": "b"]),
      (.notice(.nicknameAccepted("a")), "nickname", ["nickname": "a"]),
      (.notice(.refused(hostile)), "refused", ["text": hostile]),
      (.notice(.welcome(hostile)), "notice", ["notice": "welcome", "text": hostile]),
      (.notice(.other(code: 200, text: hostile)), "notice", ["text": hostile]),
      (.roster([RosterLine(nickname: hostile)]), "roster", [:]),
      (.delivered(upTo: 7), "delivered", [:]),
      (.undeliverable(message: 7, reason: hostile), "undeliverable", ["reason": hostile]),
      (.explanation(hostile), "explanation", ["text": hostile]),
      (.information(hostile), "information", ["text": hostile]),
      (
        .disconnected(reason: hostile, retryAfter: .seconds(2), unacknowledgedCount: 1),
        "disconnected", ["reason": hostile]
      ),
      (.ended(.done), "ended", [:]), (.ended(.failed(hostile)), "ended", ["reason": hostile]),
    ]
    for (event, kind, texts) in expected {
      let line = EventJSON.line(event, nanosecondsSince1970: 1_762_000_000_123_456_789)
      #expect(line.hasSuffix("}\n"))
      #expect(line.dropLast().utf8.allSatisfy { 0x20..<0x7F ~= $0 })
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["kind"] as? String == kind)
      #expect(object["time"] as? String == "2025-11-01T12:26:40.123Z")
      for (key, text) in texts { #expect(object[key] as? String == text) }
      #expect(!object.values.contains { $0 is NSNull })
    }
  }

  @Test func `times that no clock shows are still written`() {
    #expect(EventJSON.timestamp(0) == "1970-01-01T00:00:00.000Z")
    #expect(EventJSON.timestamp(.max, unit: 1_000_000) == "2262-04-11T23:47:16.854Z")
  }

  @Test func `lines are messages, commands, or neither`() {
    #expect(PlainCommand("hello") == .say("hello"))
    #expect(PlainCommand("//slash /x") == .say("/slash /x"))
    #expect(PlainCommand("/nick ana") == .nickname("ana"))
    #expect(PlainCommand("/who") == .who)
    #expect(PlainCommand("/quit") == .quit)
    #expect(PlainCommand("") == .nothing)
    for line in ["/nick", "/nick a b", "/foo", "/", "bell\u{7}"] {
      guard case .wrong = PlainCommand(line) else {
        Issue.record("\(line) is taken")
        return
      }
    }
  }

  @Test func `input is cut into lines, however it comes`() {
    let bytes = Array("one\r\n\ntwo é\nlast".utf8)
    for cut in 1...bytes.count {
      var input = LineInput()
      for start in stride(from: 0, to: bytes.count, by: cut) {
        input.take(bytes[start..<min(bytes.count, start + cut)])
      }
      input.take([])
      #expect(
        input.takeLines() == [.text("one"), .text(""), .text("two é"), .text("last")])
      #expect(input.isAtEnd)
    }
  }

  @Test func `lines that cannot be read are told by number`() {
    var input = LineInput()
    input.take([0xFF, 0x0A])
    let long = [UInt8](repeating: 65, count: LineInput.byteCountMax)
    input.take(long[...])
    input.take([66, 0x0A, 67, 0x0A])
    #expect(
      input.takeLines() == [
        .unreadable(number: 1, "is not UTF-8"),
        .unreadable(number: 2, "has more than 1048576 bytes"), .text("C"),
      ])
  }
}
