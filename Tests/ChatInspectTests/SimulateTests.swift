import Foundation
import TestSupport
import Testing

/// Simulated conversations, as a user starts them.
@Suite struct SimulateTests {
  private func frames(_ outcome: Program.Outcome) throws -> [[String: Any]] {
    try outcome.lines.compactMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["kind"] as? String == "frame" ? object : nil
    }
  }

  @Test(arguments: ["text", "ndjson"])
  func `two runs with one seed are equal to the byte, with another they are not`(
    format: String
  ) throws {
    let arguments = [
      "simulate", "--faults", "drop 20%; corrupt 5%; delay 5ms jitter 3ms 10%", "--messages",
      "30", "--jitter", "4ms", "-T", format, "--seed",
    ]
    let first = try BuiltProgram.run(Program.path, arguments + ["7"])
    #expect(first.status == 0)
    #expect(try BuiltProgram.run(Program.path, arguments + ["7"]).output == first.output)
    #expect(try BuiltProgram.run(Program.path, arguments + ["8"]).output != first.output)
  }

  @Test(arguments: ["gbn", "sr"])
  func `every message is in the trace, whatever was lost`(mode: String) throws {
    let outcome = try Program.run(
      "simulate", "--protocol", mode, "--window-size", "4", "--max-fragment-size", "40",
      "--messages", "25", "--size", "100", "--faults", "drop 15%; corrupt length 2%", "-T",
      "ndjson")
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("chat-inspect: 25 of 25 messages arrived in "))
    let frames = try frames(outcome)
    let texts = frames.compactMap { $0["text"] as? String }
    for message in 1...25 {
      #expect(texts.contains { $0.hasPrefix("message \(message) ") && $0.utf8.count == 100 })
    }
    #expect(frames.contains { $0["disposition"] as? String == "dropped" })
    #expect(frames.contains { $0["retransmission"] as? Bool == true })
    #expect(frames.first?["time"] as? String == "0.010000000")
    let windows = frames.compactMap { ($0["sender"] as? [String: Any])?["in_flight"] as? Int }
    #expect(windows.allSatisfy { $0 <= 4 })
  }

  @Test func `without faults every frame is forwarded and the bytes add up`() throws {
    let outcome = try Program.run("simulate", "--messages", "5", "--replies", "3", "-T", "ndjson")
    let frames = try frames(outcome)
    #expect(frames.allSatisfy { $0["disposition"] as? String == "forwarded" })
    #expect(!outcome.output.contains("\"kind\":\"fault\""))
    let summary =
      try JSONSerialization.jsonObject(
        with: Data((outcome.lines.last ?? "").utf8)) as? [String: Any]
    let stream = (summary?["streams"] as? [[String: Any]])?.first
    let client = stream?["c2s"] as? [String: Any]
    #expect(client?["bytes"] as? Int == client?["frame_bytes"] as? Int)
    #expect((client?["bytes"] as? Int ?? 0) > 500)
  }

  @Test func `filters, fields and counts work as in read`() throws {
    let dropped = try Program.run(
      "simulate", "--faults", "drop nth 2,4 DATA", "-Y", "disposition == dropped", "-e", "type",
      "-e", "sequence")
    #expect(dropped.output == "DATA\t1002\nDATA\t1004\n")
    let faults = try Program.run(
      "simulate", "--faults", "drop nth 2 DATA", "-Y", "kind == fault", "-e", "rule", "-e",
      "action")
    #expect(faults.output == "drop DATA nth 2\tdrop\n")
    let one = try Program.run("simulate", "-c", "1", "-e", "type", "-Y", "type == DATA")
    #expect(one.output == "DATA\n")
    #expect(try Program.run("simulate", "-Y", "type = = 3").status == 4)
  }

  @Test func `what a line does beyond losing frames is simulated and told`() throws {
    let reset = try Program.run(
      "simulate", "--faults", "reset DATA nth 3", "-Y", "kind in {fault, tcp}", "-T", "ndjson")
    #expect(reset.status == 0)
    #expect(reset.lines.suffix(2).first?.contains(#""event":"reset""#) == true)
    #expect(reset.errors.contains("2 of 10 messages arrived"))
    let slow = try Program.run(
      "simulate", "--faults", "bandwidth 4kB/s c2s; slow_close 2s c2s", "-Y",
      "action == \"slow close 2s\"", "-e", "rule", "-e", "direction", "-e", "notes.id")
    #expect(slow.status == 0)
    #expect(slow.output == "slow_close 2s c2s\tc2s\tfault.slow_close\n")
    let transcript = try Program.run(
      "simulate", "--faults", "blackhole on 15ms off 1s; slow close 5ms s2c", "--transcript")
    #expect(transcript.output.contains("is lost (blackhole on 15ms off 1s)"))
  }

  @Test func `protocols and windows stand side by side`() throws {
    let outcome = try Program.run(
      "simulate", "--compare", "gbn,sr,sr:1", "--faults", "drop 10%", "--messages", "200")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    expectGolden(outcome.output, named: "simulate-compare.txt")
    let lines = try Program.run(
      "simulate", "--compare", "1,16", "--protocol", "sr", "-T", "ndjson"
    ).lines.map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(lines.map { $0?["window_size"] as? Int } == [1, 16])
    #expect(lines.allSatisfy { $0?["protocol"] as? String == "sr" })
    #expect(lines.allSatisfy { $0?["messages_delivered"] as? Int == 10 })
    let times = lines.compactMap { $0?["time_seconds"] as? Double }
    #expect(times.count == 2 && times[0] > times[1] * 5)
  }

  @Test func `a script says what happens, and options change its settings`() throws {
    let script = """
      # One lost frame.
      mode sr
      window 4
      faults drop DATA c2s nth 1
      0ms client send "hello"
      0ms client send "world"
      0ms client finish "bye"
      """
    let texts = try frames(
      Program.run("simulate", "--from", "-", "-T", "ndjson", input: Array(script.utf8))
    ).compactMap { $0["text"] as? String }
    #expect(texts.sorted() == ["hello", "world"])
    let transcript = try Program.run(
      "simulate", "--from", "-", "--transcript", input: Array(script.utf8))
    #expect(transcript.status == 0)
    expectGolden(transcript.output, named: "simulate-transcript.txt")
    let other = try Program.run(
      "simulate", "--from", "-", "--protocol", "gbn", "--transcript", input: Array(script.utf8))
    #expect(other.output.contains("established: gbn, window 4"))
  }

  @Test func `giving up with an ERROR is an answer, not a failure`() throws {
    let outcome = try Program.run(
      "simulate", "--faults", "drop DATA", "--messages", "1", "-Y", "type == ERROR", "-e", "code")
    #expect(outcome.status == 0)
    #expect(outcome.output == "8\n")
    #expect(outcome.errors.contains("0 of 1 messages arrived"))
    #expect(outcome.errors.contains("ERROR 8, retries exhausted"))
  }

  @Test func `a run that does not come to its end fails and says how to repeat it`() throws {
    let outcome = try Program.run("simulate", "--limit", "25ms", "--seed", "3")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("it was not over at its time limit"))
    #expect(outcome.errors.contains("chat-inspect simulate --protocol gbn"))
    #expect(outcome.errors.contains("--limit 25ms --seed 3"))
  }

  @Test func `what is wrong is said in one sentence, with the right exit code`() throws {
    let cases: [[String]] = [
      ["--faults", "drp 10% c2s"], ["--faults", "drop 10% c2s; corrupt payloat"],
      ["--window-size", "0"], ["--window-size", "16385"], ["--max-fragment-size", "65536"],
      ["--messages", "-1"], ["--size", "5-2"], ["--rtt", "20"], ["--timeout", "0ms"],
      ["--retries", "many"], ["--compare", "gbn,tcp"], ["--compare", ""],
      ["--compare", "gbn", "--transcript"], ["--protocol", "tcp"], ["--from", "no/such.chat"],
      ["--faults", "drop", "--faults-file", "x"], ["--messages", "1000000", "--size", "100000"],
      ["-c", "0"], ["-T", "fields"],
    ]
    var report = ""
    for arguments in cases {
      let outcome = try BuiltProgram.run(Program.path, ["simulate"] + arguments)
      #expect(outcome.output.isEmpty)
      report += "$ chat-inspect simulate \(arguments.joined(separator: " "))\n"
      report += outcome.errors + "exit \(outcome.status)\n\n"
    }
    let script = try Program.run(
      "simulate", "--from", "-", input: Array("mode sr\nwndow 4\n".utf8))
    report += "$ echo 'mode sr; wndow 4' | chat-inspect simulate --from -\n"
    report += script.errors + "exit \(script.status)\n"
    expectGolden(report, named: "simulate-errors.txt")
  }
}
