import Foundation
import TestSupport
import Testing

/// Every error is one clear sentence, with its exit code.
@Suite struct ErrorTests {
  /// Command lines that fail before any capture is understood, so that every word is the program's.
  static let commandLines: [[String]] = [
    ["nope"], ["help", "nope"], ["captures/h_clean_disconnect.pcap"],
    ["read"], ["read", "missing.pcap"], ["read", "captures"], ["read", "/dev/null"],
    ["read", "a.pcap", "-r", "b.pcap"], ["read", "a.pcap", "b.pcap"], ["read", "a.pcap", "--nope"],
    ["read", "a.pcap", "-T", "xml"], ["read", "a.pcap", "-T", "fields"],
    ["read", "a.pcap", "-T", "text", "-e", "frame"],
    ["read", "a.pcap", "-T", "ndjson", "-e", "frame"],
    ["read", "a.pcap", "-c", "0"], ["read", "a.pcap", "-c", "many"],
    ["read", "a.pcap", "--stream", "-1"], ["read", "a.pcap", "--stream=-1"],
    ["read", "a.pcap", "-t", "x"], ["read", "a.pcap", "--color", "sometimes"],
    ["read", "a.pcap", "--fail-on", "chat"],
    ["follow"], ["follow", "a.pcap", "--raw"], ["follow", "a.pcap", "--direction", "up"],
    ["follow", "missing.pcap"], ["stats"], ["stats", "missing.pcap"],
    ["capture"], ["capture", "-i", "lo", "-a", "filesize:3"], ["capture", "-i", "lo", "-c", "0"],
    ["capture", "-i", "lo", "-s", "0"], ["capture", "-i", "lo", "-w", "-", "-T", "ndjson"],
    ["fields", "more"],
  ]

  @Test func `the message and the exit code of each wrong command line are golden`() throws {
    var transcript = ""
    for arguments in Self.commandLines {
      let outcome = try BuiltProgram.run(Program.path, arguments)
      #expect(outcome.output.isEmpty, "nothing goes to standard output: \(arguments)")
      #expect(outcome.status == 2, "\(arguments)")
      transcript += "$ chat-inspect \(arguments.joined(separator: " "))\n\(outcome.errors)\n"
    }
    expectGolden(transcript, named: "errors.txt")
  }

  @Test func `an empty file is called empty`() throws {
    try withTemporaryDirectory { directory in
      try Data().write(to: directory.appendingPathComponent("empty.pcap"))
      let outcome = try Program.run("read", "empty.pcap", in: directory)
      #expect(outcome.status == 2)
      #expect(outcome.errors == "chat-inspect: empty.pcap: the file is empty\n")
    }
  }

  @Test func `a file that is no capture is refused in one sentence`() throws {
    let outcome = try Program.run("read", "Package.swift")
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("chat-inspect: Package.swift: "))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test(.enabled(if: Program.withoutRights != nil, "setpriv and the rights to use it are missing"))
  func `a file that may not be read says so`() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("secret.pcap").path
      try Data([1]).write(to: URL(fileURLWithPath: file))
      chmod(file, 0)
      let outcome = try Program.shell("\(Program.withoutRights ?? "") $P read \(file)")
      #expect(outcome.status == 2)
      #expect(outcome.errors == "chat-inspect: \(file): permission denied\n")
    }
  }

  @Test(.enabled(if: Program.withoutRights != nil, "setpriv and the rights to use it are missing"))
  func `without the right to capture it says what to do`() throws {
    let outcome = try Program.shell("\(Program.withoutRights ?? "") $P capture -i lo")
    #expect(outcome.status == 2)
    #expect(
      outcome.errors == """
        chat-inspect: lo: you may not capture; use sudo, or allow this program once and for all: \
        sudo setcap cap_net_raw,cap_net_admin=eip \(Program.path)

        """)
  }

  @Test(arguments: ["read", "capture"])
  func `a wrong filter is shown with a caret, and is exit code 4`(command: String) throws {
    let input = command == "read" ? Program.capture("h_clean_disconnect") : "-ilo"
    let outcome = try Program.run(command, input, "-Y", "frame ==")
    #expect(outcome.status == 4)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == """
        chat-inspect: -Y: something is missing at the end of the filter
          frame ==
                  ^

        """)
  }

  @Test func `a pattern that is no regular expression is a wrong filter`() throws {
    let outcome = try Program.run(
      "read", Program.capture("h_clean_disconnect"), "-Y", "text matches \"(\"")
    #expect(outcome.status == 4)
  }

  @Test func `an unknown field is named`() throws {
    let outcome = try Program.run(
      "read", Program.capture("h_clean_disconnect"), "-T", "fields", "-e", "frame,sequenze")
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("sequenze"))
  }

  @Test func `control characters of a file's name do not reach the terminal`() throws {
    let outcome = try Program.run("read", "a\u{1B}[31mb")
    #expect(outcome.errors == "chat-inspect: a\u{FFFD}[31mb: no such file or directory\n")
  }
}

extension Program {
  /// What runs a command without the superuser's rights; nil if that is not possible here.
  static let withoutRights: String? = {
    if getuid() != 0 { return "" }
    let command = "setpriv --reuid 65534 --clear-groups --inh-caps=-all"
    let probe = try? shell("\(command) $P")
    return probe?.status == 0 ? command : nil
  }()
}
