import ChatWire
import Testing

@testable import chat_client

@Suite("Slash commands")
struct SlashCommandTests {
  @Test(
    "are read",
    arguments: [
      ("nick bea", .nickname("bea")), ("nick  日本 ", .nickname("日本")),
      ("who", .who), ("WHO", .who), ("who  ", .who),
      ("quit", .quit(reason: "")), ("quit see you  later", .quit(reason: "see you  later")),
      ("exit", .quit(reason: "")),
      ("help", .help(nil)), ("help nick", .help(.about(.nickname))),
      ("help /mode", .help(.about(.repair))),
      ("status", .status),
      ("protocol gbn", .repair(.goBackN)), ("protocol SR", .repair(.selectiveRepeat)),
      ("mode classic", .repair(.classic)),
      ("window 1", .window(1)), ("window 16384", .window(16_384)),
      ("fragment 65535", .fragment(65_535)),
      ("timeout auto", .timeout(nil)), ("timeout 0.5", .timeout(.milliseconds(500))),
      ("timeout 200ms", .timeout(.milliseconds(200))), ("timeout 2 s", .timeout(.seconds(2))),
      ("faults", .showFaults), ("faults off", .faults(FaultRules())),
      ("reconnect", .reconnect), ("clear", .clear),
      ("save a b.txt", .save(path: "a b.txt", replacing: false)),
      ("save! /tmp/x", .save(path: "/tmp/x", replacing: true)),
    ] as [(String, SlashCommand)])
  func read(_ line: String, _ command: SlashCommand) throws {
    #expect(try SlashCommand(parsing: line) == command)
  }

  @Test func `fault rules are read as everywhere`() throws {
    let command = try SlashCommand(parsing: "faults drop 10% DATA; delay 50ms")
    #expect(command == .faults(try FaultRules(parsing: "drop 10% DATA\ndelay 50ms")))
    guard
      case .faults(let rules) = try SlashCommand(
        parsing: "faults drop where ( text matches \"^hel+o\" )")
    else {
      Issue.record("there are no rules")
      return
    }
    #expect(rules.description == "drop where (text matches \"^hel+o\")")
    #expect(throws: SlashCommandError.self) {
      try SlashCommand(parsing: "faults drop where (frame == 3)")
    }
  }

  @Test(
    "say what is wrong, and how it is right",
    arguments: [
      ("", "there is no command behind the slash; /help lists them, //text says /text"),
      ("nik bea", "there is no command /nik; did you mean /nick?"),
      ("staus", "there is no command /staus; did you mean /status?"),
      ("frobnicate", "there is no command /frobnicate; /help lists them, //text says /text"),
      ("x\u{1b}[2J", #"there is no command /x\u{1b}[2J; /help lists them, //text says /text"#),
      ("help wh", "there is no command /wh; did you mean /who?"),
      ("who everybody", "/who takes nothing behind it"),
      ("nick", "usage: /nick NAME"),
      ("nick a b", "a nickname cannot have U+0020, only letters, digits, marks and - _ . | ^"),
      ("protocol", "usage: /protocol gbn|sr|classic"),
      ("protocol tcp", #""tcp" is no protocol: /protocol gbn|sr|classic"#),
      ("window", "usage: /window N"),
      ("window x", #""x" is no number: /window N"#),
      ("window 0", "/window takes 1 to 16384 frames"),
      ("fragment 65536", "/fragment takes 1 to 65535 bytes"),
      ("timeout soon", #""soon" is no time: /timeout SECONDS|auto, as in 0.5 or 200ms"#),
      ("timeout 0", "/timeout takes 1 ms to 60 s"),
      ("timeout 61", "/timeout takes 1 ms to 60 s"),
      ("timeout 1e9", #""1e9" is no time: /timeout SECONDS|auto, as in 0.5 or 200ms"#),
      ("save", "usage: /save FILE"),
      (
        "faults drop; slow_close 2s",
        "slow_close needs somebody between the two ends, as chat-inspect proxy or simulate"
      ),
      ("quit " + String(repeating: "x", count: 201), "the reason has more than 200 bytes"),
    ])
  func refused(_ line: String, _ message: String) {
    #expect(throws: SlashCommandError(message: message)) { try SlashCommand(parsing: line) }
  }

  @Test func `a wrong fault rule is shown with a caret`() throws {
    let error = #expect(throws: SlashCommandError.self) {
      try SlashCommand(parsing: "faults drop 10% DTA c2s")
    }
    #expect(error?.message == "\"DTA\" is not a word of a rule; did you mean DATA?")
    #expect(error?.details == ["drop 10% DTA c2s", "         ^~~"])
  }

  @Test func `every command has help that fits 80 columns`() {
    #expect(Set(CommandHelp.all.map(\.command)) == Set(CommandHelp.Command.allCases))
    for help in CommandHelp.all {
      #expect(help.usage.hasPrefix("/" + help.name))
      #expect(CommandHelp.named(help.name) == help)
      for line in help.details { #expect(line.count <= 78) }
    }
    let rows = AlignedTable.lines(CommandHelp.all.map { [$0.usage, $0.summary] })
    #expect(rows.allSatisfy { $0.count <= 80 })
  }
}
