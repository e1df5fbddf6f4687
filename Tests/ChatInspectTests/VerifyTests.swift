import Foundation
import TestSupport
import Testing

/// `verify`, as a user starts it.
@Suite struct VerifyTests {
  private static let misbehaving = Program.repository
    .appendingPathComponent("captures/misbehaving_server.pcapng").path

  /// A recording of a simulated conversation over a bad line.
  private func withSimulation<Result>(
    _ arguments: [String] = [], _ body: (String) throws -> Result
  ) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appending(path: "s.pcapng").path
    let faults = "drop 15%; corrupt 5%; duplicate 5%; reorder 5%; delay 5ms 10%"
    let outcome = try BuiltProgram.run(
      Program.path,
      ["simulate", "--faults", faults, "--messages", "30", "--replies", "10", "-w", file]
        + arguments)
    #expect(outcome.status == 0)
    return try body(file)
  }

  @Test(arguments: ["gbn", "sr"])
  func `our own sessions keep to the protocol`(mode: String) throws {
    try withSimulation(["--protocol", mode]) { file in
      let outcome = try Program.run("verify", file)
      #expect(outcome.status == 0)
      #expect(outcome.lines.last == "conformant: both peers keep to the protocol")
      #expect(try Program.run("verify", file, "--hidden-faults", "none").status == 0)
      #expect(try Program.shell("cat '\(file)' | \"$P\" verify - -q").status == 0)
    }
  }

  @Test func `a breach is told with its frame, its rule and its peer`() throws {
    let outcome = try Program.run("verify", Self.misbehaving)
    #expect(outcome.status == 1)
    #expect(outcome.lines.contains("  frame 6  server  4.2 row 1  arq.nack_missing"))
    #expect(outcome.lines.last == "violated: the server breaks the protocol")
    #expect(outcome.errors.isEmpty)
    for width in ["20", "40", "200"] {
      let narrow = try Program.run(
        "verify", Self.misbehaving, environment: ["COLUMNS": width])
      #expect(narrow.lines.last == outcome.lines.last)
    }
  }

  @Test func `quiet says nothing but the exit code`() throws {
    let violated = try Program.run("verify", Self.misbehaving, "-q")
    #expect(violated.status == 1 && violated.output.isEmpty && violated.errors.isEmpty)
    let cut = try Program.run("verify", Program.capture("b_three_clients.midstream"), "--quiet")
    #expect(cut.status == 3 && cut.output.isEmpty && cut.errors.isEmpty)
  }

  @Test func `for programs there is an object for each finding and each connection`() throws {
    let outcome = try Program.run("verify", Self.misbehaving, "-T", "ndjson")
    #expect(outcome.status == 1)
    let objects = try outcome.lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["kind"] as? String } == ["finding", "verdict", "summary"])
    #expect(objects.allSatisfy { $0["schema_version"] as? Int == 1 })
    let finding = try #require(objects.first)
    #expect(finding["side"] as? String == "server" && finding["blame"] as? String == "peer")
    #expect(finding["frame"] as? Int == 6 && finding["row"] as? Int == 1)
    #expect(finding["because"] as? [Int] == [12])
    #expect(objects.last?["verdict"] as? String == "violated")
  }

  @Test func `one connection can be chosen of several`() throws {
    let file = Program.capture("c_sr_and_gbn")
    let one = try Program.run("verify", file, "--stream", "1")
    #expect(one.status == 0)
    #expect(one.lines.first?.hasPrefix("stream 1 ") == true)
    #expect(!one.output.contains("stream 0"))
    let none = try Program.run("verify", file, "--stream", "7")
    #expect(none.status == 2)
    #expect(none.errors.contains("stream 7 is not a chat stream; these are: 0, 1"))
    #expect(try Program.run("verify", file, "--stream", "-1").status == 2)
  }

  @Test func `faults beside the capture are put down to the network, unless there are none`()
    throws
  {
    let file = Program.capture("native_mixed_reorder")
    let lenient = try Program.run("verify", file)
    #expect(lenient.status == 0)
    #expect(lenient.output.contains("frames are disturbed on its side, unseen"))
    #expect(try Program.run("verify", file, "--hidden-faults", "both").status == 0)
    let strict = try Program.run("verify", file, "--hidden-faults", "none")
    #expect(strict.status == 1)
    #expect(strict.output.contains(" more (-T ndjson has them)"))
    #expect(try Program.run("verify", file, "--hidden-faults", "moon").status == 2)
  }

  @Test func `a file that cannot be judged is told from one that cannot be read`() throws {
    let cut = try Program.run("verify", Program.capture("i_big_512.holes"))
    #expect(cut.status == 3)
    #expect(cut.output.contains("in doubt: "))
    #expect(cut.lines.last?.hasPrefix("inconclusive: no breach was found, but ") == true)
    #expect(try Program.run("verify", "/nonexistent").status == 2)
    #expect(try Program.run("verify", Program.repository.path + "/README.md").status == 2)
    #expect(try Program.run("verify").status == 2)
    // The header of a capture without packets.
    let header: [UInt8] = [
      0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
    ]
    let empty = try Program.run("verify", "-", input: header)
    #expect(empty.status == 3)
    #expect(empty.output.isEmpty)
    #expect(empty.errors.contains("there is no chat in it to examine"))
  }
}
