import Foundation
import TestSupport
import Testing

/// Reading captures: files, pipes, limits, and how the output ends.
@Suite struct ReadTests {
  private static let hello = Program.capture("a_handshake_one_message")

  private func kinds(_ outcome: Program.Outcome) throws -> [String] {
    try outcome.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["kind"] as? String)
    }
  }

  @Test func `a file is read the same by name, by -r and through a pipe`() throws {
    let named = try Program.run("read", Self.hello, "-T", "ndjson")
    #expect(named.status == 0)
    #expect(named.errors.isEmpty)
    #expect(try kinds(named).last == "summary")
    #expect(try kinds(named).contains("frame"))
    let piped = try Program.run(
      "read", "-T", "ndjson", "-", input: Program.bytes("a_handshake_one_message"))
    #expect(piped.output == named.output)
    #expect(try Program.run("read", "-T", "ndjson", "-r", Self.hello).output == named.output)
    #expect(try Program.run("-r", Self.hello, "-Tndjson").output == named.output)
    #expect(try Program.run("read", Self.hello, "-T", "json").output == named.output)
  }

  @Test func `the file may stand after the options`() throws {
    let outcome = try Program.run("read", "-T", "ndjson", "-c", "1", "-n", "-t", "ad", Self.hello)
    #expect(outcome.status == 0)
  }

  @Test(arguments: [1, 2, 3])
  func `-c counts printed frames, and the summary still closes the output`(count: Int) throws {
    let kinds = try kinds(Program.run("read", Self.hello, "-T", "ndjson", "-c", "\(count)"))
    #expect(kinds.filter { $0 == "frame" }.count == count)
    #expect(kinds.last == "summary")
  }

  @Test func `naming fields asks for them`() throws {
    let arguments = ["-e", "frame", "-c", "2", "-Y", "frame"]
    let inferred = try BuiltProgram.run(Program.path, ["read", Self.hello] + arguments)
    let asked = try BuiltProgram.run(
      Program.path, ["read", Self.hello, "-T", "fields"] + arguments)
    #expect(inferred.output == asked.output)
    #expect(inferred.lines == ["1", "2"])
  }

  @Test func `a stream that does not exist prints only the summary`() throws {
    let outcome = try Program.run("read", Self.hello, "-T", "ndjson", "--stream", "99")
    #expect(outcome.status == 0)
    #expect(try kinds(outcome) == ["summary"])
    let complaint = "chat-inspect: stream 99 is not a chat stream; these are: 0\n"
    #expect(outcome.errors == complaint)
    let table = try Program.run("read", Self.hello, "--stream", "99")
    #expect((table.status, table.output, table.errors) == (0, "", complaint))
  }

  @Test func `relative times count from the first packet, whatever is printed`() throws {
    let whole = try Program.run("read", Self.hello)
    let chosen = try Program.run("read", Self.hello, "-Y", "frame == 6", "-c", "1")
    #expect(chosen.lines.count > 1)
    #expect(chosen.lines[1].contains("0.153058"))
    #expect(whole.lines.contains(chosen.lines[1]))
  }

  @Test func `a part of a capture gets no ledger in text, since it would look like the whole's`()
    throws
  {
    #expect(try Program.run("read", Self.hello).output.contains("verdict"))
    #expect(try !Program.run("read", Self.hello, "-c", "2").output.contains("verdict"))
  }

  @Test(arguments: ["read", "stats", "follow"])
  func `a capture without packets says so and is no failure`(command: String) throws {
    let header = Array(try Program.bytes("h_clean_disconnect").prefix(24))
    let outcome = try Program.run(command, "-", input: header)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "chat-inspect: standard input: the capture holds no packets\n")
  }

  @Test func `a capture that was cut off is read to the cut, with one warning`() throws {
    let file = Program.capture("h_clean_disconnect.cutfile")
    let outcome = try Program.run("read", file, "-T", "ndjson")
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("chat-inspect: \(file): "))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try kinds(outcome).last == "summary")
  }

  @Test func `a packet larger than one read is read whole`() throws {
    let packet = [UInt8](repeating: 0, count: 262_144)
    var capture = Array(try Program.bytes("h_clean_disconnect").prefix(24))
    for _ in 0..<3 {
      capture += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0] + packet
    }
    let outcome = try Program.run("read", "-", "-T", "ndjson", input: capture)
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.lines.last?.contains("\"packets\":3") == true)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a capture that is piped in as it happens is printed as it happens`() throws {
    let capture = try Program.bytes("a_handshake_one_message")
    let program = try RunningProgram("read", "-", "-T", "ndjson")
    try program.write(capture.dropLast(100))
    #expect(program.waitForOutput().contains("\"frame\""))
    try program.write(capture.suffix(100))
    try program.closeInput()
    let outcome = try program.finish()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\"summary\""))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["text", "ndjson"])
  func `when nobody reads any more it ends quietly`(format: String) throws {
    let program = try RunningProgram("read", "-", "-T", format)
    try program.closeOutput()
    try program.write(Program.bytes("h_clean_disconnect"))
    try program.closeInput()
    let outcome = try program.finish()
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test func `head ends it quietly`() throws {
    let outcome = try Program.shell("{ $P read \(Self.hello); echo status $? >&2; } | head -1")
    #expect(outcome.lines.count == 1)
    #expect(outcome.errors == "status 0\n")
  }

  @Test func `a full disk is an error`() throws {
    let outcome = try Program.shell("$P read \(Self.hello) >/dev/full")
    #expect(outcome.status == 2)
    #expect(outcome.errors == "chat-inspect: standard output: no space left on device\n")
  }

  @Test func `follow finds the only chat stream, through a pipe too`() throws {
    let named = try Program.run("follow", Self.hello)
    #expect(named.status == 0)
    #expect(!named.output.isEmpty)
    #expect(try Program.run("follow", Self.hello, "--stream", "0").output == named.output)
    let piped = try Program.shell("cat \(Self.hello) | $P follow -")
    #expect(piped.output == named.output)
  }

  @Test func `follow --raw writes bytes of one direction`() throws {
    let outcome = try Program.run("follow", Self.hello, "--raw", "--direction", "c2s")
    #expect(outcome.status == 0)
    #expect(!outcome.output.isEmpty)
  }

  @Test func `following a stream that is no chat names those that are`() throws {
    let outcome = try Program.run("follow", Self.hello, "--stream", "99")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("stream 99 is not a chat stream"))
  }

  @Test func `stats prints text or JSON`() throws {
    #expect(try !Program.run("stats", Self.hello).output.isEmpty)
    let json = try Program.run("stats", Self.hello, "--json")
    #expect(json.status == 0)
    #expect(!json.lines.isEmpty)
    let one = try Program.run("stats", Program.capture("b_three_clients"), "--stream", "1")
    #expect(one.lines.filter { $0.hasPrefix("stream ") }.count == 1)
    #expect(try Program.run("stats", Self.hello, "--stream", "99").status == 2)
    for line in json.lines {
      #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
    }
  }
}
