import ChatProgram
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// The configuration file.
@Suite struct ConfigFileTests {
  private typealias Value = ConfigurationFile.Value

  private static func values(_ text: String) throws -> [Value] {
    try ConfigurationFile(parsing: text).entries.map(\.value)
  }

  /// What is wrong with a text: `line:column: message`.
  private static func error(_ text: String) -> String? {
    do {
      _ = try ConfigurationFile(parsing: text)
      return nil
    } catch {
      return "\(error.place.line):\(error.place.column): \(error.message)"
    }
  }

  @Test func `keys, values, comments and sections are read`() throws {
    let file = try ConfigurationFile(
      parsing: """
        # both
        port = 5_000   # a number
        \tquiet=true

        [ server ] # a section
        motd = "Say \\"hello\\"\\n\\u00e9\\U0001F600"\r
        [client]
        path = 'C:\\new # no comment'
        """)
    #expect(file.entries.map(\.section) == [nil, nil, "server", "client"])
    #expect(file.entries.map(\.key) == ["port", "quiet", "motd", "path"])
    #expect(
      file.entries.map(\.value) == [
        .number("5000"), .flag(true), .text("Say \"hello\"\né😀"), .text("C:\\new # no comment"),
      ])
    #expect(file.entries.map(\.keyPlace.line) == [2, 3, 6, 8])
    #expect(file.entries.map(\.keyPlace.column) == [1, 2, 1, 1])
    #expect(file.entries.map(\.valuePlace.column) == [8, 8, 8, 8])
    #expect(file.entries[0].spelling == "5_000")
  }

  @Test func `an empty file, a mark at its beginning and any end of lines are legal`() throws {
    #expect(try Self.values("").isEmpty)
    #expect(try Self.values("\u{FEFF}a = 1") == [.number("1")])
    #expect(try Self.values("a = 1\r\nb = 2\r\n\r\n") == [.number("1"), .number("2")])
    #expect(try Self.values("a = 1\nb = 2") == [.number("1"), .number("2")])
  }

  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("+5", "5"), ("-17", "-17"), ("1_000_000", "1000000"),
    ("18446744073709551615", "18446744073709551615"),
  ])
  func `whole numbers lose their underscores`(text: String, digits: String) throws {
    #expect(try Self.values("a = \(text)") == [.number(digits)])
  }

  @Test(arguments: [
    ("port", "1:5: expected = and a value behind port"),
    ("port 5", "1:6: expected = and a value behind port"),
    ("server.port = 5", "1:7: expected = and a value behind server"),
    ("port =", "1:7: there is no value for port"),
    ("port = # none", "1:8: there is no value for port"),
    ("= 5", "1:1: expected a line such as port = 5000, a section or a comment"),
    ("\"port\" = 5", "1:1: expected a line such as port = 5000, a section or a comment"),
    ("a = b", "1:5: expected a text in quotes, a whole number, true or false"),
    ("a = [1]", "1:5: expected a text in quotes, a whole number, true or false"),
    ("a = -x", "1:5: expected a text in quotes, a whole number, true or false"),
    (
      "a = 1.5", "1:5: expected a whole number in decimal figures; anything else belongs in quotes"
    ),
    ("a = 64k", "1:5: expected a whole number in decimal figures; anything else belongs in quotes"),
    ("a = 007", "1:5: expected a whole number in decimal figures; anything else belongs in quotes"),
    (
      "a = 1__0", "1:5: expected a whole number in decimal figures; anything else belongs in quotes"
    ),
    ("a = 1 2", "1:7: expected the end of the line, or # and a comment"),
    ("a = \"b\" c", "1:9: expected the end of the line, or # and a comment"),
    ("a = \"b", "1:5: the text that begins here has no closing quote"),
    ("a = 'b", "1:5: the text that begins here has no closing quote"),
    ("a = '", "1:5: the text that begins here has no closing quote"),
    (
      "a = \"\"\"b\"\"\"",
      "1:5: a text stays on one line here: write \\n in \"quotes\" for a new one"
    ),
    (
      "a = '''b'''", "1:5: a text stays on one line here: write \\n in \"quotes\" for a new one"
    ),
    (
      "a = \"\\d\"",
      "1:6: there is no such escape; a backslash is written \\\\, or the text in single quotes"
    ),
    ("a = \"\\u12\"", "1:6: expected \\uXXXX or \\UXXXXXXXX with a character's number"),
    ("a = \"\\ud800\"", "1:6: expected \\uXXXX or \\UXXXXXXXX with a character's number"),
    ("a = \"\\u0000\"", "1:6: expected \\uXXXX or \\UXXXXXXXX with a character's number"),
    ("a = \"\\", "1:6: a backslash at the end of the line joins no lines here"),
    ("a = \"\u{7}\"", "1:6: the character U+0007 cannot stand here"),
    ("# \u{1B}", "1:3: the character U+001B cannot stand here"),
    ("a = 1\rb = 2", "1:6: the character U+000D cannot stand here"),
    ("[other]", "1:1: there is no section [other]: expected [server] or [client]"),
    ("[server", "1:1: expected [server] or [client]"),
    ("[]", "1:1: expected [server] or [client]"),
    ("[[server]]", "1:1: expected [server] or [client]"),
    ("[server] a = 1", "1:10: expected the end of the line, or # and a comment"),
    ("[server]\n\n[server]", "3:1: [server] is there twice, first in line 1"),
    ("a = 1\n\n  a = 2", "3:3: a is set twice, first in line 1"),
    ("a = 1\n[server]\na = 1\na = 1", "4:1: a is set twice, first in line 3"),
  ])
  func `what is no setting is refused with its place`(text: String, message: String) {
    #expect(Self.error(text) == message)
  }

  @Test func `a long key is cut in a message`() {
    let key = String(repeating: "k", count: 5_000)
    #expect(Self.error(key) == "1:5001: expected = and a value behind \(key.prefix(40))...")
  }

  /// Random changes of a file with everything in it: an answer each time, and a place in the text.
  @Test func `damaged files are read or refused, never trapped on`() {
    let text = """
      port = 5_000 # x
      [server]
      motd = "a\\"\\n\\u00e9" # y
      name = 'b\\c'\r
      [client]
      flag = true
      n = -12
      """
    var hostile = HostileBytes(seed: 11)
    var readCount = 0
    for cut in HostileBytes.cuts(of: Array(text.utf8)) {
      _ = Self.error(String(decoding: cut, as: UTF8.self))
    }
    for _ in 0..<3_000 * effort {
      let damaged = String(decoding: hostile.mutation(of: Array(text.utf8)), as: UTF8.self)
      do {
        let file = try ConfigurationFile(parsing: damaged)
        readCount += 1
        // Each entry leaves at least a key, an equals sign and a value in the text.
        #expect(file.entries.count * 3 <= damaged.utf8.count)
      } catch {
        let lines = damaged.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        #expect((1...lines.count).contains(error.place.line))
        #expect((1...damaged.unicodeScalars.count + 1).contains(error.place.column))
        #expect(!error.message.isEmpty)
      }
    }
    #expect(readCount > 0)
  }

  @Test func `random texts of its own letters are read or refused`() {
    var generator = SeededGenerator(seed: 3)
    let letters = Array("ab-_=[]#\"'\\un01 \t\n\r9.tre".unicodeScalars)
    for _ in 0..<5_000 * effort {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...30, using: &generator) {
        text.append(letters.randomElement(using: &generator) ?? "a")
      }
      if let message = Self.error(String(text)) { #expect(!message.contains("\n")) }
    }
  }
}
