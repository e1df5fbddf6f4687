import ChatLens
import ChatPosix
import ChatWire

@testable import chat_client

/// A conversation written down: what is typed (`>`), what is shown, and what the connection is told
/// (`=>`).
struct ConversationLog {
  private(set) var text = ""
  private var model = ChatModel(wishes: ClientWishes(), localTime: ChatModelTests.utc)
  private var status = ClientStatus(
    host: "127.0.0.1", port: 5_000, session: nil, native: nil, unacknowledgedCount: 0, faults: "",
    faultCount: 0)
  /// 3 March 2025, 23:50.
  private var now: UInt64 = (20_150 * 86_400 + 23 * 3_600 + 50 * 60) * 1_000

  mutating func type(_ line: String) {
    text += "> \(model.prompt)\(EscapedText.line(line))\n"
    write(model.enter(line, status: status, at: now))
  }

  mutating func happen(_ events: ClientEvent...) {
    for event in events { write(model.take(event, at: now)) }
  }

  mutating func pressControlC() {
    text += "> \(model.prompt)^C\n"
    write(model.interrupt(status: status, at: now))
  }

  mutating func wait(minutes: UInt64) { now += minutes * 60_000 }

  private mutating func say(_ name: String?, _ words: String, minutesAgo: UInt64 = 0) {
    happen(
      .message(
        ChatLine(from: name, text: words, sentAtMilliseconds: now - minutesAgo * 60_000)))
  }

  private mutating func write(_ effects: [ChatEffect]) {
    for effect in effects {
      switch effect {
      case .show(let lines): for line in lines { text += line.plain + "\n" }
      case .perform(let command): text += "=> \(Self.describe(command))\n"
      case .clearScreen: text += "=> clear the screen\n"
      case .save(let path, let replacing, let words):
        let lines = words.split(separator: "\n").count
        text += "=> \(replacing ? "replace" : "save") \(path)\n"
        write(
          model.saved(
            path: path, lines: lines, error: path == "old" ? "is there already" : nil, at: now))
      case .end(let end): text += "=> end: \(end)\n"
      }
    }
  }

  private static func describe(_ command: ClientCommand) -> String {
    switch command {
    case .faults(let rules): "faults \"\(rules)\""
    case .reconnect(let wishes):
      "reconnect \(wishes.isClassic ? "classic" : wishes.mode.name), window "
        + "\(wishes.windowSize.map(String.init) ?? "-"), fragment "
        + "\(wishes.fragmentSizeMax.map(String.init) ?? "-"), timeout "
        + "\(wishes.timeout?.unitText ?? "-"), as \(wishes.nickname ?? "-")"
    default: "\(command)"
    }
  }

  // MARK: the conversation

  mutating func play() {
    connect()
    talk()
    ask()
    negotiate()
    lose()
    leave()
  }

  private mutating func connect() {
    happen(.connecting(host: "127.0.0.1", port: 5_000, attempt: 1))
    type("too early")
    type("/who")
    type("/nick ana")
    type("/status")
    status.session = ChatModelTests.info
    happen(
      .established(ChatModelTests.info), .notice(.welcome("Welcome to ChatWire.\nBe nice.")),
      .delivered(upTo: 1))
  }

  private mutating func talk() {
    happen(.notice(.joined(nickname: "ben")))
    say("ben", "hello")
    type("hi ben")
    type("  indented, and kept so")
    type("   ")
    type("//slash")
    type("bell \u{7}")
    say("日本", "one\ntwo\n\tthree \u{1b}[31m\n")
    say(nil, "from nobody")
    say("ben", "sent before, arrived now", minutesAgo: 5)
    say("ben", "by a clock that is wrong", minutesAgo: 60 * 24 * 300)
    happen(
      .notice(.renamed(from: "ben", to: "bea")),
      .notice(.left(nickname: "bea", reason: "connection lost")),
      .notice(.left(nickname: "cy", reason: nil)), .notice(.other(code: 9, text: "what?")),
      .explanation("DATA 17 was lost: sent again after 212 ms"),
      .information("the trace is written to t.ndjson"))
    wait(minutes: 15)
    say("ben", "a new day")
    type("/nick bea")
    happen(.notice(.refused("The nickname bea is taken.")))
    type("/nick ann")
    happen(.notice(.nicknameAccepted("ann")))
  }

  private mutating func ask() {
    type("/who")
    happen(
      .roster([
        RosterLine(
          nickname: "ann", mode: .selectiveRepeat, windowSize: 16, fragmentSizeMax: 1_024,
          connectedSeconds: 905, isSelf: true),
        RosterLine(nickname: "old", mode: .goBackN, connectedSeconds: 12, isClassic: true),
        RosterLine(
          nickname: "日本", mode: .goBackN, windowSize: 4, fragmentSizeMax: 65_535,
          connectedSeconds: 200_000),
      ]),
      .roster([RosterLine(nickname: "127.0.0.1:40000")]))
    var native = SessionStatus()
    native.base = SequenceNumber(100)
    native.next = SequenceNumber(103)
    native.sendWindow = 16
    native.smoothedRoundTrip = .microseconds(1_234)
    native.retransmissionTimeout = .milliseconds(200)
    native.framesSent = 120
    native.framesRetransmitted = 4
    native.acknowledgedMessageCount = 1
    native.framesReceived = 99
    native.corruptFramesReceived = 1
    native.messagesDelivered = 12
    status.native = native
    status.unacknowledgedCount = 2
    type("/status")
    type("/help")
    type("/help faults")
    type("/hlep")
    type("/clear")
    type("/save new")
    type("/save! old")
  }

  private mutating func negotiate() {
    type("/faults")
    type("/faults drop 10% DTA c2s")
    type("/faults drop 10% DATA c2s; delay 50ms")
    status.faults = "drop 10% DATA c2s\ndelay 50ms"
    status.faultCount = 12
    type("/faults")
    type("/faults off")
    type("/protocol gbn")
    type("/protocol sr")
    type("/window 64")
    type("/fragment 100")
    type("/timeout 0.3")
    type("/timeout auto")
    type("/protocol classic")
    type("/timeout 1")
    var info = ChatModelTests.info
    info.dialect = .classic
    info.mode = .goBackN
    info.requestedMode = .goBackN
    info.windowSize = 4
    info.fragmentSizeMax = 3
    info.nickname = ""
    happen(.connecting(host: "127.0.0.1", port: 5_000, attempt: 1), .established(info))
    type("/reconnect")
  }

  private mutating func lose() {
    type("will this arrive?")
    happen(
      .disconnected(
        reason: "The server has closed the connection.", retryAfter: .seconds(2),
        unacknowledgedCount: 3),
      .connecting(host: "127.0.0.1", port: 5_000, attempt: 2))
    var info = ChatModelTests.info
    info.nickname = "ann"
    info.mode = .goBackN
    info.isReconnection = true
    info.resentCount = 3
    happen(
      .established(info),
      .undeliverable(message: 5, reason: "it is larger than the server takes"),
      .undeliverable(message: 99, reason: "it is larger than the server takes"))
  }

  private mutating func leave() {
    pressControlC()
    type("no, not yet")
    pressControlC()
    pressControlC()
    type("too late")
    type("/reconnect")
    pressControlC()
    happen(.ended(.failed("2 messages were not acknowledged.")))
  }
}
