import ChatPosix
import ChatProgram
import ChatWire
import Foundation
import Testing

@testable import chat_client

/// Chat mode on a pseudo-terminal, with a connection that does what the test says.
@Suite("Chat mode on a terminal")
struct ChatScreenTests {
  @Test func `prints what arrives around a half-typed line`() throws {
    let chat = try RunningChat(columns: 80, rows: 10)
    chat.type("half a line")
    chat.waitFor("ana> half a line")
    chat.partner.post(.notice(.joined(nickname: "ben")))
    chat.waitFor("* ben joined\nana> half a line")
    chat.type(", and the other half\r")
    chat.waitFor("<ana> half a line, and the other half\nana>")
    #expect(chat.end() == .done)
    #expect(chat.partner.commands.first == #"say("half a line, and the other half")"#)
    #expect(chat.terminal.screen.unknown == [])
  }

  @Test(
    "keeps every line whole while one is typed, whatever its length",
    arguments: [0, 34, 35, 36, 74, 75, 76, 115, 200])
  func wrapped(_ length: Int) throws {
    let chat = try RunningChat(columns: 40, rows: 20)
    let typed = String(
      String(repeating: "0123456789", count: 1 + length / 10).prefix(length))
    chat.type(typed)
    chat.waitUntil {
      $0.replacing("\n", with: "").hasSuffix("ana>" + (length > 0 ? " " : "") + typed)
    }
    for number in 1...5 { chat.partner.post(.information("line \(number)")) }
    chat.waitFor("line 5\nana>")
    // To the beginning of the line, and on with it.
    chat.type("\u{1}")
    for number in 6...7 { chat.partner.post(.information("line \(number)")) }
    chat.waitFor("line 7\nana>")
    chat.type("X")
    let screen = chat.waitUntil { $0.replacing("\n", with: "").hasSuffix("ana> X" + typed) }
    let lines = (chat.terminal.screen.scrolled + screen.components(separatedBy: "\n"))
    for number in 1...7 { #expect(lines.filter { $0.contains("line \(number)") }.count == 1) }
    #expect(lines.filter { $0.contains("ana>") }.count == 1)
    chat.type("\u{5}\r")
    _ = chat.end()
    #expect(chat.partner.commands.first == "say(\"X\(typed)\")")
    #expect(chat.terminal.screen.unknown == [])
  }

  @Test func `edits characters of several scalars as one`() throws {
    let chat = try RunningChat(columns: 40, rows: 10)
    chat.type("e\u{301}日👨‍👩‍👧x")
    // Back over x and the family, which goes with one key.
    chat.type("\u{2}\u{7f}y\r")
    chat.waitFor("日yx")
    _ = chat.end()
    #expect(chat.partner.commands.first == "say(\"e\u{301}日yx\")")
  }

  @Test func `keys of libedit work on letters of all kinds`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    // Ctrl-A, Ctrl-K, Ctrl-Y, Alt-B, Ctrl-W, Ctrl-T, Home, Delete, Right.
    chat.type("äöü ß ñ\u{1}\u{b}")
    chat.waitUntil { $0.hasSuffix("\nana>") }
    chat.type("\u{19}\u{1b}b\u{17}ÿ\u{5}ab\u{14}")
    chat.waitFor("ana> äöü ÿñba")
    chat.type("\u{1b}[H\u{1b}[3~\u{1b}[C\u{1b}[Cx\r")
    chat.waitFor("<ana> öüx ÿñba")
    #expect(chat.end() == .done)
    #expect(chat.terminal.screen.unknown == [])
  }

  @Test func `moves through history, and finishes words`() throws {
    let chat = try RunningChat(columns: 60, rows: 20)
    chat.partner.post(.notice(.joined(nickname: "ben")), .notice(.joined(nickname: "bea")))
    chat.waitFor("bea joined\nana>")
    chat.type("b\t")
    chat.waitFor("ana> be")
    chat.type("\t")
    chat.waitFor("bea  ben\nana> be")
    chat.type("n\thello\r")
    chat.waitFor("<ana> ben: hello")
    chat.type(" not kept\r\u{1b}[A")
    chat.waitFor("ana> ben: hello")
    chat.type("!\r/prot\tg\t")
    chat.waitFor("ana> /protocol gbn")
    chat.type("\u{15}\u{12}hello!")
    chat.waitFor("ana> ben: hello!\nbck:hello!")
    chat.partner.post(.information("in between"))
    chat.waitFor("in between\nana> ben: hello!\nbck:hello!")
    chat.type("\r")
    _ = chat.end()
    #expect(
      chat.partner.commands.dropLast() == [
        #"say("ben: hello")"#, #"say(" not kept")"#, #"say("ben: hello!")"#,
        #"say("ben: hello!")"#,
      ])
    #expect(chat.historyLines == ["ben: hello", "ben: hello!", "ben: hello!", "/quit"])
  }

  @Test func `Ctrl-C clears the line, and then leaves`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.type("never mind")
    chat.waitFor("ana> never mind")
    chat.signal(.interrupt)
    chat.waitUntil { $0.hasSuffix("\nana>") }
    chat.signal(.interrupt)
    chat.waitFor("* press Ctrl-C again or type /quit to leave\nana>")
    chat.signal(.interrupt)
    #expect(chat.join() == .done)
    #expect(chat.partner.commands == [#"quit(reason: "")"#])
  }

  @Test func `Ctrl-D deletes, and on an empty line it leaves`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.type("ab\u{1}\u{4}\r")
    chat.waitFor("<ana> b")
    chat.type("\u{4}")
    #expect(chat.join() == .done)
    #expect(chat.partner.commands == [#"say("b")"#, #"quit(reason: "")"#])
  }

  @Test func `gives the terminal back when it is stopped and when it ends`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.type("half")
    chat.waitFor("ana> half")
    #expect(chat.isCooked == false)
    chat.signal(.stop)
    chat.waitUntil { _ in chat.modesWhileStopped != nil }
    #expect(chat.modesWhileStopped == true)
    chat.partner.post(.information("back again"))
    chat.waitFor("back again\nana> half")
    #expect(chat.isCooked == false)
    chat.signal(.interrupt)
    #expect(chat.end() == .done)
    #expect(chat.isCooked == true)
  }

  @Test func `follows the size of the terminal`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.type("one two")
    chat.waitFor("ana> one two")
    chat.terminal.resize(columns: 50, rows: 10)
    chat.signal(.resized)
    chat.partner.post(.information("after"))
    chat.waitFor("after\nana> one two")
    chat.type(" three\r")
    _ = chat.end()
    #expect(chat.partner.commands.first == #"say("one two three")"#)
  }

  @Test(
    "a signal ends it with its exit code",
    arguments: [
      (
        TerminalSignals.Event.terminate, ChatProgram.ExitStatus.signal(.terminate),
        #"quit(reason: "")"#
      ),
      (.hangup, .signal(.terminate), #"quit(reason: "")"#),
      (.quit, .signal(.interrupt), "abort"),
    ])
  func signals(_ event: TerminalSignals.Event, _ status: ChatProgram.ExitStatus, _ command: String)
    throws
  {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.signal(event)
    #expect(chat.join() == status)
    #expect(chat.partner.commands == [command])
    #expect(chat.isCooked == true)
  }

  @Test func `an end that is no good one is told`() throws {
    let chat = try RunningChat(columns: 60, rows: 10)
    chat.partner.post(.ended(.failed("The server has refused the session.")))
    #expect(chat.join() == .peerFailed)
    chat.waitFor("* the end: the server has refused the session")
  }

  @Test func `saves the conversation, but not over another one`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/saved-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let chat = try RunningChat(columns: 200, rows: 20)
    chat.type("hello\r/save \(path)\r")
    chat.waitFor("lines written to \(path)")
    chat.type("/save \(path)\r")
    chat.waitFor("is there already; /save! \(path) replaces it")
    chat.type("/save! \(path)\r")
    chat.waitUntil { $0.components(separatedBy: "lines written to").count == 3 }
    _ = chat.end()
    let saved = try String(contentsOfFile: path, encoding: .utf8)
    #expect(saved.contains("<ana> hello\n"))
    #expect(saved.contains("is there already"))
  }

  @Test func `is not possible without a terminal`() throws {
    let partner = try ScriptedPartner()
    let file = try FileDescriptor.temporaryFile()
    let screen = ChatScreen(
      partner: partner, settings: ClientSettings(), style: RunningChat.style,
      input: file.rawValue, output: file.rawValue, history: HistoryFile(path: nil))
    #expect(screen == nil)
  }
}
