import Foundation
import TestSupport
import Testing

/// `diff`, as a user starts it.
@Suite struct DiffTests {
  private func capture(_ name: String) -> String {
    Program.repository.appendingPathComponent("captures/\(name)").path
  }

  @Test(arguments: ["wire", "protocol", "meaning"])
  func `a capture is the same as itself, and as itself on another link`(level: String) throws {
    for other in ["h_clean_disconnect.pcap", "h_clean_disconnect.vlan.pcap"] {
      let outcome = try Program.run(
        "diff", capture("h_clean_disconnect.pcap"), capture(other), "--level", level)
      #expect(outcome.status == 0)
      #expect(outcome.output == "the same, on the level of \(level)\n")
      #expect(outcome.errors.isEmpty)
    }
  }

  @Test func `another conversation is different, for people and for programs`() throws {
    let files = [capture("a_handshake_one_message.pcap"), capture("h_clean_disconnect.pcap")]
    let text = try BuiltProgram.run(Program.path, ["diff"] + files)
    #expect(text.status == 1)
    #expect(text.output.hasPrefix("first difference\n"))
    #expect(text.output.contains("+ \(files[1]), frame "))
    let objects = try BuiltProgram.run(Program.path, ["diff", "-T", "ndjson"] + files)
    #expect(objects.status == 1)
    let lines = objects.output.split(separator: "\n")
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["schema_version"] as? Int == 1)
    }
    #expect(lines.last?.contains("\"verdict\":\"different\"") == true)
    let quiet = try BuiltProgram.run(Program.path, ["diff", "-q"] + files)
    #expect(quiet.status == 1 && quiet.output.isEmpty)
  }

  @Test func `what is missing in a capture makes it inconclusive, not different`() throws {
    let outcome = try Program.run(
      "diff", capture("b_three_clients.pcap"), capture("b_three_clients.badsum.pcap"))
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("inconclusive: no difference was found"))
  }

  @Test func `wrong options are told in a sentence`() throws {
    let file = capture("h_clean_disconnect.pcap")
    for (arguments, words) in [
      (
        [file, file, "--ignore", "txt"], "--ignore txt: there is no such field; did you mean text?"
      ),
      ([file, file, "--stream-a", "0"], "--stream-a and --stream-b belong together"),
      ([file, file, "--stream-a", "0", "--stream-b", "9"], "stream 9 is not a chat stream"),
      ([file, file, "-c", "0"], "-c 0: at least one difference"),
      (["-", "-"], "both recordings are standard input"),
      ([file, "no such file"], "no such file"),
    ] {
      let outcome = try BuiltProgram.run(Program.path, ["diff"] + arguments)
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}
