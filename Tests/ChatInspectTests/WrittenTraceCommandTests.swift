import Foundation
import TestSupport
import Testing

/// A trace that was saved is input of the commands that need no bytes.
@Suite("Saved traces") struct WrittenTraceCommandTests {
  private static let capture = Program.capture("native_sr_faults")

  private func withTrace(_ body: (String, Program.Outcome) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("trace.ndjson").path
      let saved = try Program.run("read", Self.capture, "-T", "ndjson")
      try Data(saved.output.utf8).write(to: URL(fileURLWithPath: file))
      try body(file, saved)
    }
  }

  @Test func `read prints it as it prints the capture`() throws {
    try withTrace { file, saved in
      #expect(try Program.run("read", file, "-T", "ndjson").output == saved.output)
      for options in [[], ["-Y", "type == NACK", "-V"], ["-e", "frame,notes.text"], ["-c", "3"]] {
        let fromTrace = try BuiltProgram.run(Program.path, ["read", "-r", file] + options)
        let fromCapture = try BuiltProgram.run(Program.path, ["read", Self.capture] + options)
        #expect(fromTrace.output == fromCapture.output, "\(options)")
        #expect((fromTrace.status, fromTrace.errors) == (0, ""))
      }
      let piped = try Program.run("read", "-", input: Array(saved.output.utf8))
      #expect(piped.output == (try Program.run("read", Self.capture).output))
    }
  }

  @Test func `follow and stats take it`() throws {
    try withTrace { file, _ in
      let followed = try Program.run("follow", file, "--stream", "1")
      #expect(followed.output == (try Program.run("follow", Self.capture, "--stream", "1").output))
      #expect(followed.status == 0 && !followed.output.isEmpty)
      let counted = try Program.run("stats", file)
      let expected = try Program.run("stats", Self.capture).lines.filter {
        !$0.hasPrefix("  round trip")
      }
      #expect(counted.lines == expected)
    }
  }

  @Test(arguments: [
    ["verify"], ["why", "3"], ["replay", "--to", "127.0.0.1:1"],
    ["follow", "--stream", "0", "--raw", "--direction", "c2s"],
  ])
  func `what needs the bytes says so`(command: [String]) throws {
    try withTrace { file, _ in
      let arguments = [command[0], file] + command.dropFirst()
      let outcome = try BuiltProgram.run(Program.path, arguments)
      #expect(
        outcome.errors == """
          chat-inspect: \(file): this is a trace in NDJSON, but what was asked for needs the \
          bytes: name the capture or the recording that the trace was made of

          """)
      #expect((outcome.status, outcome.output) == (2, ""))
    }
  }

  @Test func `what stands before a wrong line is printed, and the exit code is 2`() throws {
    try withTrace { _, saved in
      let lines = saved.lines.prefix(5).joined(separator: "\n") + "\n"
      let outcome = try Program.run(
        "read", "-", "-T", "ndjson", input: Array((lines + "{\"schema_version\":1}\n").utf8))
      #expect((outcome.status, outcome.output) == (2, lines))
      #expect(
        outcome.errors
          == "chat-inspect: standard input: line 6: it is no record of a trace: no \"kind\"\n")
    }
  }

  @Test func `a trace cut in its last line is warned of, and the exit code is 0`() throws {
    try withTrace { _, saved in
      let lines = saved.lines.prefix(5).joined(separator: "\n") + "\n"
      let outcome = try Program.run(
        "read", "-", "-T", "ndjson", input: Array((lines + "{\"schema_ver").utf8))
      #expect((outcome.status, outcome.output) == (0, lines))
      #expect(
        outcome.errors
          == "chat-inspect: standard input: the file ends inside line 6; "
          + "everything before it was read\n")
    }
  }

  @Test func `statistics of a trace without a summary say what is missing`() throws {
    try withTrace { _, saved in
      let lines = saved.lines.dropLast().joined(separator: "\n") + "\n"
      let outcome = try Program.run("stats", "-", input: Array(lines.utf8))
      #expect(outcome.status == 0 && outcome.output.hasPrefix("stream 0"))
      #expect(
        outcome.errors
          == "chat-inspect: standard input: the trace has no summary: packets and bytes are not "
          + "counted\n")
    }
  }
}
