import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// The layers of the server's settings.
@Suite struct OptionsTests {
  /// For each setting two texts that are legal, and how to see which of them is in force.
  static let examples: [(name: String, first: String, second: String)] = [
    ("host", "127.0.0.1", "::1"), ("port", "1", "2"), ("protocol", "gbn", "sr"),
    ("window-size", "1", "2"), ("max-fragment-size", "1", "2"), ("max-message", "1", "2"),
    ("max-clients", "1", "2"), ("max-per-address", "1", "2"), ("rate", "1", "2"),
    ("max-queue", "2M", "3M"), ("log", "a", "b"), ("log-level", "trace", "critical"),
    ("log-size", "2k", "3k"), ("log-files", "1", "2"), ("name", "a", "b"), ("motd", "a", "b"),
    ("faults", "drop 1%", "drop 2%"), ("seed", "1", "2"), ("control", "a", "b"),
  ]

  /// A line of a configuration file.
  private static func line(_ name: String, _ text: String) throws -> String {
    let setting = try #require(ServerSettings.table.settings.first { $0.name == name })
    let isNumber =
      switch setting.kind {
      case .number: true
      case .byteCount: text.allSatisfy(\.isNumber)
      case .text, .flag: false
      }
    return isNumber ? "\(name) = \(text)\n" : "\(name) = \"\(text)\"\n"
  }

  private static func description(_ settings: ServerSettings) -> String {
    String(reflecting: settings)
  }

  @Test func `every setting is in the list of names that a file may have`() {
    #expect(Set(ServerSettings.table.settings.map(\.name)) == Set(SettingNames.server))
    #expect(Set(SettingNames.server).count == SettingNames.server.count)
    #expect(Set(Self.examples.map(\.name) + ["faults-file"]) == Set(SettingNames.server))
  }

  @Test func `without anything given the defaults are in force`() throws {
    #expect(Self.description(try Layers.settings()) == Self.description(ServerSettings()))
  }

  @Test(arguments: examples)
  func `a setting means the same on every layer, and an upper layer decides`(
    name: String, first: String, second: String
  ) throws {
    // Each is parsed once: that takes long in a debug build.
    let nothing = try #require(Layers.nothing)
    let optionOne = try ServerOptions(parsing: ["--\(name)=\(first)"])
    let optionTwo = try ServerOptions(parsing: ["--\(name)=\(second)"])
    let variable = "CHAT_" + name.uppercased().replacing("-", with: "_")
    let one = Self.description(try Layers.settings(optionOne))
    let two = Self.description(try Layers.settings(optionTwo))
    #expect(one != two)
    let (fileOne, fileTwo) = (try Self.line(name, first), try Self.line(name, second))
    let states: [(ServerSettings, String)] = [
      (try Layers.settings(nothing, environment: [variable: first]), one),
      (try Layers.settings(nothing, file: fileOne), one),
      (try Layers.settings(nothing, file: "[server]\n" + fileTwo), two),
      (try Layers.settings(nothing, file: fileOne + "[server]\n" + fileTwo), two),
      (try Layers.settings(nothing, file: fileOne + "[client]\n" + fileTwo), one),
      (try Layers.settings(nothing, environment: [variable: first], file: fileTwo), one),
      (try Layers.settings(nothing, environment: [variable: ""], file: fileTwo), two),
      (try Layers.settings(optionOne, environment: [variable: second]), one),
      (try Layers.settings(optionTwo, file: fileOne), two),
      (try Layers.settings(optionOne, environment: [variable: second], file: fileTwo), one),
    ]
    for (settings, expected) in states { #expect(Self.description(settings) == expected) }
  }

  @Test func `sizes are read with their units`() throws {
    #expect(try Layers.settings("--max-message", "64k").messageSizeMax == 64 << 10)
    #expect(try Layers.settings("--max-message", "2MiB").messageSizeMax == 2 << 20)
    #expect(try Layers.settings("--max-queue", "1G").queueByteCountMax == 1 << 30)
    #expect(try Layers.settings(file: "max-message = 65_536").messageSizeMax == 64 << 10)
  }

  @Test func `an address may be in brackets`() throws {
    #expect(try Layers.settings("--host", "[::1]").host == "::1")
    #expect(try Layers.settings("--host", "::").host == "::")
  }

  @Test func `the queue holds two of the largest messages unless somebody says otherwise`() throws {
    #expect(try Layers.settings("--max-message", "16M").queueByteCountMax == 32 << 20)
    let smaller = try Layers.settings("--max-message", "16M", "--max-queue", "16M")
    #expect(smaller.queueByteCountMax == 16 << 20)
  }

  @Test func `a seed is drawn only if faults are in force and none is given`() throws {
    let drawn = try Layers.settings("--faults", "drop 1%")
    #expect(drawn.faultSeed == 77 && drawn.isSeedDrawn)
    #expect(
      drawn.faultAnnouncement
        == "one fault rule is in force; to repeat what they do: --seed 77")
    let given = try Layers.settings(
      "--faults", "drop 1%; delay 5ms", "--seed", "18446744073709551615")
    #expect(given.faultSeed == .max && !given.isSeedDrawn)
    #expect(
      given.faultAnnouncement == "2 fault rules are in force, with seed 18446744073709551615")
    #expect(try Layers.settings().faultAnnouncement == nil)
    #expect(try !Layers.settings("--faults", "# nothing").isSeedDrawn)
  }

  @Test func `fault rules of an upper layer replace a file of rules below`() throws {
    try withOwnDirectory { directory throws in
      let rules = directory.appendingPathComponent("rules")
      try "drop 1%\ndelay 5ms\n".write(to: rules, atomically: true, encoding: .utf8)
      #expect(try Layers.settings("--faults-file", rules.path).faults.rules.count == 2)
      let below = try Layers.settings(
        "--faults", "drop 2%", file: "faults-file = \"/does/not/exist\"")
      #expect(below.faults.rules.count == 1)
      let section = try Layers.settings(
        file: "faults = \"drop 2%\"\n[server]\nfaults-file = '\(rules.path)'")
      #expect(section.faults.rules.count == 2)
    }
  }

  @Test func `rules that need somebody between the two ends are refused`() throws {
    let sentence =
      "slow_close needs somebody between the two ends, as chat-inspect proxy or simulate"
    let failure = try #require(Layers.failure("--faults", "drop; slow close 1s s2c"))
    #expect(failure.message == "--faults: " + sentence)
    #expect(failure.status == .badFilter)
    try withOwnDirectory { directory throws in
      let rules = directory.appendingPathComponent("rules")
      try "slow_close 1s\n".write(to: rules, atomically: true, encoding: .utf8)
      #expect(Layers.failure("--faults-file", rules.path)?.message?.hasSuffix(sentence) == true)
    }
    let line = "bandwidth 1MB/s; blackhole on 1s off 9s after 1s; reset for 5s"
    #expect(try Layers.settings("--faults", line).faults.rules.count == 3)
  }

  @Test func `fault rules are given once`() {
    #expect(
      Layers.failure("--faults", "drop 1%", "--faults-file", "rules")?.message
        == "--faults and --faults-file exclude each other: give one of them")
    #expect(
      Layers.failure(environment: ["CHAT_FAULTS": "drop 1%", "CHAT_FAULTS_FILE": "r"])?.message
        == "CHAT_FAULTS and CHAT_FAULTS_FILE exclude each other: give one of them")
    #expect(
      Layers.complaint(file: "faults = 'drop 1%'\nfaults-file = 'r'")
        == "config.toml, line 1, column 10: faults and config.toml, line 2, column 15: "
        + "faults-file exclude each other: give one of them")
  }
}
