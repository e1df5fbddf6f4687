import ChatProgram
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// Which file is read, and what it may set.
@Suite struct ConfigLayerTests {
  @Test(arguments: [
    (
      "max-client = 5",
      "config.toml, line 1, column 1: there is no setting 'max-client'; "
        + "did you mean max-clients?"
    ),
    (
      "[server]\n  nickname = 'x'",
      "config.toml, line 2, column 3: there is no setting 'nickname' under [server]"
    ),
    ("config = 'x'", "config.toml, line 1, column 1: there is no setting 'config'"),
    (
      "port = \"5000\"",
      "config.toml, line 1, column 8: port = \"5000\": expected a whole number, without quotes"
    ),
    ("name = 5", "config.toml, line 1, column 8: name = 5: expected a text in quotes"),
    (
      "max-message = true",
      "config.toml, line 1, column 15: max-message = true: "
        + "expected bytes, such as 65536 or \"64k\""
    ),
    (
      "max-message = '64q'",
      "config.toml, line 1, column 15: max-message = '64q': expected bytes, 1 to 4294967295, "
        + "such as 1500, 64k or 1M"
    ),
    (
      "log = \"a\\u001b[2J\"\nlog-files = 0",
      "config.toml, line 2, column 13: log-files = 0: expected 1 to 10000"
    ),
  ])
  func `what the file must not have is explained`(file: String, message: String) {
    #expect(Layers.complaint(file: file) == message)
  }

  @Test func `what is meant for the other program is left alone`() throws {
    let settings = try Layers.settings(
      file: "nickname = 'bob'\nport = 1\n[client]\nport = 2\nwhatever = true\n")
    #expect(settings.port == 1)
  }

  @Test func `the file is that of the option, of the variable, or the user's`() throws {
    try withOwnDirectory { directory throws in
      for (path, port) in [
        ("a.toml", 1), ("b.toml", 2), ("x/chatwire/config.toml", 3),
        ("home/.config/chatwire/config.toml", 4),
      ] {
        let file = directory.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try "port = \(port)\n".write(to: file, atomically: true, encoding: .utf8)
      }
      let root = directory.path
      func port(_ option: String?, _ environment: [String: String]) throws -> UInt16 {
        let sources = try SettingSources.find(
          configuration: option, environment: { environment[$0] })
        let options = try #require(Layers.nothing)
        return try ServerSettings(options, sources, drawSeed: { 1 }).port
      }
      let home = ["HOME": "\(root)/home"]
      #expect(try port(nil, home) == 4)
      let directories = home.merging(["XDG_CONFIG_HOME": "\(root)/x"]) { $1 }
      #expect(try port(nil, directories) == 3)
      #expect(try port(nil, home.merging(["XDG_CONFIG_HOME": "x"]) { $1 }) == 4)
      let all = directories.merging(["CHAT_CONFIG": "\(root)/b.toml"]) { $1 }
      #expect(try port(nil, all) == 2)
      #expect(try port("\(root)/a.toml", all) == 1)
      #expect(try port(nil, ["HOME": "\(root)/nobody"]) == 5_000)
      #expect(try port(nil, [:]) == 5_000)
    }
  }

  @Test func `a file that cannot be read is an error if it is there or was named`() throws {
    try withOwnDirectory { directory throws in
      func message(_ option: String?, _ environment: [String: String]) -> String? {
        do {
          _ = try SettingSources.find(configuration: option, environment: { environment[$0] })
          return nil
        } catch {
          return error.message
        }
      }
      let path = directory.appendingPathComponent("config.toml").path
      #expect(message(path, [:]) == "--config: \(path): no such file or directory")
      #expect(
        message(nil, ["CHAT_CONFIG": path]) == "CHAT_CONFIG: \(path): no such file or directory")
      #expect(message("/", [:]) == "--config: /: is a directory")
      try Data([0x61, 0xFF]).write(to: URL(fileURLWithPath: path))
      #expect(message(path, [:]) == "--config: \(path) is not UTF-8 text")
      try Data(repeating: 0x23, count: 65_537).write(to: URL(fileURLWithPath: path))
      #expect(message(path, [:]) == "--config: \(path) has more than 65536 bytes")
      try Data("port = 1\nport".utf8).write(to: URL(fileURLWithPath: path))
      #expect(
        message(path, [:]) == "\(path), line 2, column 5: expected = and a value behind port")
      let own = directory.appendingPathComponent("chatwire")
      try FileManager.default.createDirectory(
        at: own.appendingPathComponent("config.toml"), withIntermediateDirectories: true)
      #expect(
        message(nil, ["XDG_CONFIG_HOME": directory.path])
          == "\(own.path)/config.toml: is a directory")
    }
  }

  @Test func `the documents name every setting, with its default`() throws {
    let document = try String(
      contentsOf: ServerProgram.repository.appendingPathComponent("docs/SERVER.md"),
      encoding: .utf8)
    let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `--") }
    #expect(rows.count == ServerSettings.table.settings.count)
    let none = try #require(Layers.nothing)
    for setting in ServerSettings.table.settings {
      let row = try #require(rows.first { $0.hasPrefix("| `--\(setting.name)` |") })
      #expect(row.contains("| `\(setting.environmentName)` |"))
      let example = try #require(row.split(separator: "`").first { $0.contains(" = ") })
      if setting.name != "faults-file" {
        _ = try Layers.settings(file: String(example))
      }
      let value = row.split(separator: "|", omittingEmptySubsequences: false)[4]
        .trimmingCharacters(in: .whitespaces)
      if !value.isEmpty, setting.name != "seed", setting.name != "control" {
        let settings = try Layers.settings(
          none, environment: [setting.environmentName: value])
        #expect(String(reflecting: settings) == String(reflecting: ServerSettings()))
      }
    }
  }

  @Test func `the sample file has every setting, at its default`() throws {
    let file = ServerProgram.repository.appendingPathComponent("docs/config.toml")
    let text = try String(contentsOf: file, encoding: .utf8)
    let settings = try Layers.settings(file: text)
    #expect(String(reflecting: settings) == String(reflecting: ServerSettings()))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let everything = lines.map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
    }
    let complete = try ConfigurationFile(parsing: everything.joined(separator: "\n"))
    #expect(Set(complete.entries.map(\.key)) == Set(SettingNames.server))
  }
}
