import Foundation
import TestSupport
import Testing

/// `chat-inspect why` as a program.
@Suite struct WhyTests {
  private static let faults = Program.capture("native_sr_faults")
  private static let disconnect = Program.capture("h_clean_disconnect")

  private func objects(_ outcome: Program.Outcome) throws -> [[String: Any]] {
    try outcome.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return try #require(object as? [String: Any])
    }
  }

  @Test func `a chain, a tree and an end read as the golden file has them`() throws {
    var text = ""
    for question in [
      "native_sr_faults 423", "native_sr_faults 390 --effects", "native_gbn_clean 142",
      "native_gbn_clean 147", "native_gbn_clean 150", "native_gbn_clean end --stream 1",
      "native_mixed_reorder end --stream 2", "d_corruption end --stream 1", "d_corruption 17",
      "d_corruption end --stream 2", "f_delay 18", "h_clean_disconnect 12",
      "h_clean_disconnect end --stream 0", "a_handshake_one_message 1 --effects",
    ] {
      let words = question.split(separator: " ").map(String.init)
      let outcome = try BuiltProgram.run(
        Program.path, ["why", Program.capture(words[0])] + words.dropFirst(),
        environment: ["COLUMNS": "80"])
      #expect(outcome.status == 0)
      #expect(outcome.errors.isEmpty)
      text += "$ chat-inspect why \(question)\n\(outcome.output)\n"
    }
    expectGolden(text, named: "why.txt")
  }

  @Test func `the help is as the golden file has it`() throws {
    let outcome = try Program.run("help", "why")
    #expect(outcome.status == 0)
    expectGolden(outcome.output, named: "help-why.txt")
  }

  @Test func `a capture is explained the same through a pipe`() throws {
    let named = try Program.run("why", Self.faults, "407")
    let piped = try Program.run("why", "-", "407", input: Program.bytes("native_sr_faults"))
    #expect(named.status == 0)
    #expect(piped.output == named.output)
  }

  @Test func `NDJSON has a step for each frame, the first being what was asked`() throws {
    let lines = try objects(Program.run("why", Self.faults, "407", "-T", "ndjson"))
    #expect(lines.compactMap { $0["frame"] as? Int } == [407, 398, 390])
    #expect(lines.compactMap { $0["depth"] as? Int } == [0, 1, 2])
    #expect(lines.allSatisfy { $0["schema_version"] as? Int == 1 })
    #expect(lines[0]["because"] as? [Int] == [398])
    #expect(lines[0]["id"] as? String == "arq.retransmission.nack")
    #expect(lines[1]["relation"] as? String == "request")
    #expect(lines.last?["kind"] as? String == "root")
    #expect(lines.last?["id"] as? String == "damaged")
    #expect(lines.last?["frames"] as? [Int] == [390])
    let effects = try objects(Program.run("why", Self.faults, "390", "--effects", "-Tjson"))
    #expect(effects.first?["frame"] as? Int == 390)
    #expect(effects[1]["parent"] as? Int == 390)
    #expect(effects.last?["kind"] as? String == "left_out")
  }

  @Test func `what cannot be explained is one clear sentence`() throws {
    for (arguments, complaint) in [
      (["99"], "\(Self.disconnect): there is no frame 99: the frames are numbered from 1 to 25"),
      (["0"], "'0' is neither the number of a frame, from 1, nor the word end"),
      (["x"], "'x' is neither the number of a frame, from 1, nor the word end"),
      (["1", "--stream", "0"], "--stream goes with end: frames are numbered over all streams"),
      (["end", "--effects"], "--effects needs the number of a frame"),
      (["end", "--stream=-1"], "--stream -1: streams are numbered from 0"),
    ] {
      let outcome = try BuiltProgram.run(Program.path, ["why", Self.disconnect] + arguments)
      #expect(outcome.status == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors == "chat-inspect: \(complaint)\n")
    }
    let several = try Program.run("why", Self.disconnect, "end")
    #expect(several.status == 2)
    #expect(several.errors.contains("there are 2 chat streams; choose one with --stream"))
    #expect(try Program.run("why", Self.disconnect, "end", "--stream", "9").status == 2)
    #expect(try Program.run("why", "no-such-file", "1").status == 2)
  }

  @Test func `a capture without chat has nothing to explain`() throws {
    let header = Array(try Program.bytes("h_clean_disconnect").prefix(24))
    let frame = try Program.run("why", "-", "1", input: header)
    #expect(frame.status == 2)
    #expect(frame.errors.contains("there is no frame 1: there is no chat in the capture"))
    let end = try Program.run("why", "-", "end", input: header)
    #expect(end.status == 0)
    #expect(end.errors == "chat-inspect: standard input: the capture holds no packets\n")
  }

  @Test func `a capture that was cut off is explained as far as it goes, with its warning`() throws
  {
    let outcome = try Program.run("why", Program.capture("h_clean_disconnect.cutfile"), "12")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("frame 12, "))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func `colours are put on if asked for`() throws {
    let plain = try Program.run("why", Self.faults, "407", "--color", "never")
    let coloured = try Program.run("why", Self.faults, "407", "--color", "always")
    #expect(!plain.output.contains("\u{1B}"))
    #expect(coloured.output.contains("\u{1B}[33mwarning: bad checksum"))
  }
}
