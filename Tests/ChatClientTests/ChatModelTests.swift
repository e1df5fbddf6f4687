import ChatLens
import ChatPosix
import ChatWire
import TestSupport
import Testing

@testable import chat_client

@Suite("The conversation")
struct ChatModelTests {
  /// UTC, without a calendar: good for the two days of these tests.
  static let utc: @Sendable (Int64) -> LocalTime = { seconds in
    let day = Int(seconds / 86_400) - 20_150
    return LocalTime(
      year: 2_025, month: 3, day: 3 + day, weekday: 1 + day, hour: Int(seconds / 3_600 % 24),
      minute: Int(seconds / 60 % 60))
  }

  static let info = ClientSessionInfo(
    dialect: .native, mode: .selectiveRepeat, requestedMode: .selectiveRepeat, windowSize: 16,
    fragmentSizeMax: 1_024, nickname: "ana", serverName: "ChatWire 0.1",
    sessionID: "0011223344556677", isReconnection: false, resentCount: 0)

  @Test func `reads as its golden file`() {
    var log = ConversationLog()
    log.play()
    expectGolden(log.text, named: "conversation.txt")
  }

  @Test func `in colour says the same`() {
    let lines = [
      ScreenLine(kind: .message(nameLength: 5, isOwn: false), time: "12:34", text: "<ana> hello"),
      ScreenLine(kind: .message(nameLength: 5, isOwn: true), time: "12:34", text: "<ana> hello"),
      ScreenLine(kind: .continuation, text: "   more"),
      ScreenLine(kind: .notice, time: "12:34", text: "* ben joined"),
      ScreenLine(kind: .connection, time: "12:34", text: "* connecting"),
      ScreenLine(kind: .explanation, time: "12:34", text: "! DATA 17 was lost"),
      ScreenLine(kind: .failure, text: "* no"), ScreenLine(kind: .day, text: "--- x ---"),
      ScreenLine(kind: .answer, text: "  answer"),
    ]
    for line in lines {
      let colored = line.rendered(color: true)
      #expect(line.rendered(color: false) == line.plain)
      #expect(!line.plain.contains("\u{1b}"))
      #expect(colored.replacing(#/\u{1b}\[[0-9]+m/#, with: "") == line.plain)
      #expect(!colored.contains("\u{1b}") || colored.contains("\u{1b}[0m"))
    }
  }

  @Test func `nothing from outside reaches the terminal unescaped`() {
    let evil = "\u{1b}]0;x\u{7}\u{202e}\u{9b}2J"
    var model = ChatModel(wishes: ClientWishes(), localTime: Self.utc)
    var info = Self.info
    info.nickname = evil
    info.serverName = evil
    info.sessionID = "00"
    var status = ClientStatus(
      host: evil, port: 1, session: info, native: nil, unacknowledgedCount: 0, faults: evil,
      faultCount: 0)
    status.session?.sessionID = "00"
    var effects: [ChatEffect] = []
    let events: [ClientEvent] = [
      .connecting(host: evil, port: 1, attempt: 2), .established(info),
      .message(ChatLine(from: evil, text: evil + "\n" + evil, sentAtMilliseconds: .max)),
      .notice(.joined(nickname: evil)), .notice(.left(nickname: evil, reason: evil)),
      .notice(.renamed(from: evil, to: evil)), .notice(.nicknameAccepted(evil)),
      .notice(.refused(evil + "\n" + evil)), .notice(.other(code: 9, text: evil)),
      .roster([RosterLine(nickname: evil)]), .undeliverable(message: 1, reason: evil),
      .explanation(evil), .information(evil),
      .disconnected(reason: evil, retryAfter: .seconds(1), unacknowledgedCount: 0),
      .ended(.failed(evil)),
    ]
    effects += model.enter(evil, status: status, at: 0)
    for event in events { effects += model.take(event, at: 0) }
    for line in [evil, "/" + evil, "/nick " + evil, "/status", "/faults", "/faults " + evil] {
      effects += model.enter(line, status: status, at: 0)
    }
    effects += model.saved(path: evil, lines: 1, error: nil, at: 0)
    var count = 0
    for case .show(let lines) in effects {
      for line in lines {
        count += 1
        #expect(!line.plain.unicodeScalars.contains(where: EscapedText.isHarmful))
      }
    }
    #expect(count > 25)
    #expect(!model.prompt.unicodeScalars.contains(where: EscapedText.isHarmful))
  }

  @Test func `the transcript keeps the newest lines`() {
    var model = ChatModel(wishes: ClientWishes(), localTime: Self.utc)
    for number in 0..<25_000 { _ = model.take(.information("\(number)"), at: 0) }
    let lines = model.transcriptText.split(separator: "\n")
    #expect(lines.count == 10_000)
    #expect(lines.last == "00:00 * 24999")
  }

  @Test(
    "times are written for people",
    arguments: [
      (Duration.seconds(2), "2 s"), (.milliseconds(1_500), "1.5 s"), (.seconds(120), "120 s"),
      (.milliseconds(200), "200 ms"), (.microseconds(1_230), "1.2 ms"),
      (.microseconds(150), "0.1 ms"), (.microseconds(42), "42 us"), (.zero, "0 us"),
      (.seconds(-1), "0 us"),
    ])
  func durations(_ duration: Duration, _ text: String) {
    #expect(duration.textForPeople == text)
  }
}
