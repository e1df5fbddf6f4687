import ChatLens
import ChatPosix
import ChatTrace
import ChatWire
import TestSupport
import Testing

@testable import chat_client

@Suite("Full screen") struct FullScreenTests {
  /// The sizes that every screen is looked at in.
  static let sizes = [(24, 80), (43, 132)]

  private func expectScreen(_ stage: Stage, _ name: String, _ size: (Int, Int)) {
    expectGolden(stage.screen, named: "\(name)_\(size.1)x\(size.0).txt")
  }

  @Test("before connecting there is a form", arguments: sizes)
  func form(_ size: (Int, Int)) throws {
    let stage = try Stage(rows: size.0, columns: size.1, isConnecting: false)
    expectScreen(stage, "form", size)
  }

  @Test("conversation, people and lens are seen at once", arguments: sizes)
  func panes(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    try stage.take(Stage.moments("drop nth 2 DATA c2s").dropLast(10))
    stage.say("hello everybody, this is a message that is long enough for two lines on this screen")
    stage.type("half a li")
    expectScreen(stage, "panes", size)
  }

  @Test("the lens can be paused and stepped back", arguments: sizes)
  func stepping(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    try stage.take(Stage.moments("drop nth 2 DATA c2s"))
    stage.press(.function(7), .function(7), .function(7), .function(7), .function(7))
    stage.press(.function(7), .function(7), .function(7), .function(7), .function(7))
    // The chat goes on.
    stage.post(
      .message(
        ChatLine(from: "ben", text: "still here?", sentAtMilliseconds: stage.now.milliseconds)))
    expectScreen(stage, "stepping", size)
    #expect(stage.model.lens.behindCount == 10)
    stage.press(.function(5))
    #expect(stage.model.lens.behindCount == 0)
  }

  @Test("help tells all keys", arguments: sizes)
  func help(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    stage.press(.character("?"))
    expectScreen(stage, "help", size)
    stage.press(.end)
    expectScreen(stage, "help_end", size)
    stage.press(.escape)
    #expect(stage.screen.contains("hello ana"))
  }

  @Test("status shows everything that was negotiated", arguments: sizes)
  func status(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    stage.press(.function(4))
    expectScreen(stage, "status", size)
  }

  @Test("settings say what will happen", arguments: sizes)
  func settings(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    stage.press(.function(3))
    expectScreen(stage, "settings", size)
  }

  @Test("faults are switched in a menu", arguments: sizes)
  func faults(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1)
    stage.open()
    stage.press(.function(2))
    expectScreen(stage, "faults", size)
  }

  @Test("a terminal without UTF-8 gets ASCII of what is ours", arguments: sizes)
  func ascii(_ size: (Int, Int)) throws {
    var stage = try Stage(rows: size.0, columns: size.1, isUnicode: false)
    stage.post(.established(Stage.info))
    try stage.take(Stage.moments("corrupt payload nth 2 DATA c2s").dropLast(10))
    let isASCII = stage.screen.utf8.allSatisfy { $0 < 0x80 }
    #expect(isASCII)
  }

  @Test func `any size can be drawn, with everything open in turn`() throws {
    for rows in [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 15, 24, 60] {
      for columns in [0, 1, 2, 5, 11, 19, 20, 39, 40, 59, 60, 80, 109, 110, 300] {
        var stage = try Stage(rows: rows, columns: columns)
        stage.open()
        try stage.take(Stage.moments("drop 20%; corrupt 10%", messages: 3))
        stage.say("one\u{301} 你好 👩‍👩‍👧 \u{1b}[2J")
        for key in [1, 2, 3, 4, 5, 6, 7, 10, 10] {
          stage.press(.function(key))
          _ = stage.screen
          stage.press(.escape, .pageUp, .pageUp, .pageDown)
          _ = stage.screen
        }
      }
    }
  }

  @Test func `what is new while nobody looks is marked until it is answered`() throws {
    var stage = try Stage()
    stage.open()
    func hear(_ text: String) {
      stage.post(
        .message(
          ChatLine(from: "ben", text: text, sentAtMilliseconds: stage.now.milliseconds)))
    }
    hear("seen")
    #expect(!stage.screen.contains(" new "))
    stage.take(.focus(false))
    hear("not seen")
    hear("nor this")
    stage.take(.focus(true))
    let lines = stage.screen.split(separator: "\n")
    let marker = lines.firstIndex { $0.contains(" new ") }
    let first = lines.firstIndex { $0.contains("not seen") }
    #expect(marker != nil && first == marker.map { $0 + 1 })
    stage.say("thanks")
    #expect(!stage.screen.contains(" new "))
  }

  @Test func `scrolling back stays where it is while more is said`() throws {
    var stage = try Stage()
    stage.open()
    for number in 1...100 {
      stage.post(
        .message(
          ChatLine(
            from: "ben", text: "line \(number).", sentAtMilliseconds: stage.now.milliseconds)))
    }
    stage.press(.pageUp, .pageUp)
    let before = stage.screen
    #expect(!before.contains("line 100."))
    let area = stage.model.layout.conversation
    let shown = before.split(separator: "\n", omittingEmptySubsequences: false)[
      area.row..<area.endRow]
    stage.post(
      .message(
        ChatLine(from: "ben", text: "later", sentAtMilliseconds: stage.now.milliseconds)))
    let after = stage.screen.split(separator: "\n", omittingEmptySubsequences: false)[
      area.row..<area.endRow]
    #expect(Array(shown) == Array(after))
    #expect(stage.screen.contains("more below"))
    stage.press(.end)
    #expect(stage.screen.contains("later"))
    #expect(!stage.screen.contains("more below"))
    stage.press(.home)
    #expect(stage.screen.contains("connecting to"))
    for _ in 0..<30 { stage.press(.pageDown) }
    #expect(stage.screen.contains("later"))
  }

  @Test func `a failed attempt leads back to the form, which says why`() throws {
    var stage = try Stage(isConnecting: false)
    stage.press(.enter)
    for _ in 0..<10 where stage.model.form != nil { stage.press(.tab) }
    stage.press(.enter)
    #expect(stage.model.form == nil)
    #expect(stage.effects.contains { $0.hasPrefix("connect(") })
    stage.post(.ended(.failed("Cannot connect to chat.example:5000: connection refused.")))
    #expect(stage.model.form != nil)
    #expect(stage.screen.contains("connection refused"))
    stage.press(.escape)
    #expect(stage.effects.last?.contains("failed") == true)
  }

  @Test func `who is here is asked without a word, and once a second at most`() throws {
    var stage = try Stage()
    stage.open()
    let asked = { (stage: Stage) in stage.effects.count { $0.hasSuffix("ClientCommand.who)") } }
    let atFirst = asked(stage)
    #expect(atFirst == 1)
    stage.post(.notice(.joined(nickname: "cleo")), .notice(.joined(nickname: "dan")))
    stage.pass(.milliseconds(10))
    #expect(asked(stage) == 1)
    #expect(stage.screen.contains("here (5)"))
    stage.pass(.seconds(1))
    #expect(asked(stage) == 2)
    stage.post(.roster(Stage.roster))
    #expect(stage.screen.contains("here (3)"))
    #expect(!stage.screen.contains("gbn    16"))
    stage.say("/who")
    stage.post(.roster(Stage.roster))
    #expect(asked(stage) == 3)
    #expect(stage.screen.contains("people here") || stage.screen.contains("3 "))
  }

  @Test func `keys of the lens work once it has the focus`() throws {
    var stage = try Stage()
    stage.open()
    try stage.take(Stage.moments())
    stage.press(.escape)
    stage.press(.character("["), .character("["), .character("["))
    #expect(stage.model.lens.behindCount == 3)
    stage.press(.character("]"))
    #expect(stage.model.lens.behindCount == 2)
    stage.press(.character("g"))
    #expect(stage.model.lens.shown == 1)
    stage.press(.character("G"))
    #expect(stage.model.lens.behindCount == 0)
    stage.press(.character("s"))
    #expect(stage.model.lens.pace == .slow(.seconds(1)))
    stage.press(.character("i"))
    stage.type("s")
    #expect(stage.model.line.text == "s")
  }

  @Test func `the mouse shows a moment, and addresses a person`() throws {
    var stage = try Stage()
    stage.open()
    try stage.take(Stage.moments())
    stage.model.listRows = stage.model.recordsByRow()
    let row = try #require(
      stage.model.listRows.records.filter { $0.value < stage.model.lens.count - 1 }.keys.max())
    let number = try #require(stage.model.listRows.records[row])
    stage.take(.mouse(MouseInput(.press, row: row, column: 5)))
    #expect(stage.model.lens.shown == number + 1)
    let people = stage.model.layout.people
    stage.take(.mouse(MouseInput(.press, row: people.row + 2, column: people.column + 3)))
    #expect(stage.model.line.text == "ben: ")
  }

  @Test func `one key ends all faults`() throws {
    var stage = try Stage(rules: "drop 10% c2s; delay 50ms s2c")
    stage.open()
    #expect(stage.screen.contains("drop 10%"))
    stage.press(.function(9))
    #expect(stage.model.rules.isEmpty)
    #expect(stage.screen.contains("faults off"))
    #expect(stage.effects.contains { $0.hasPrefix("perform(faults") || $0.contains(".faults") })
  }

  @Test func `another server in the settings ends this session and begins there`() throws {
    var stage = try Stage()
    stage.open()
    let wanted = SessionChoices(host: "other.example", port: 6_000, nickname: "ana")
    stage.note(stage.model.settingsDid(.done(wanted), nil))
    #expect(stage.effects.contains { $0.contains("quit") })
    stage.post(.ended(.done))
    #expect(stage.effects.last?.contains("other.example") == true)
    #expect(stage.model.form == nil)
    stage.post(.ended(.done))
    #expect(stage.effects.last == "end(chat_client.ClientEnd.done)")
  }
}
