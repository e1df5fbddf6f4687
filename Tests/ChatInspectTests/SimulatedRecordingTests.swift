import Foundation
import TestSupport
import Testing

/// `simulate -w`: the recording reads back as the trace.
@Suite struct SimulatedRecordingTests {
  private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory.appending(path: "s.pcapng").path)
  }

  @Test(arguments: ["text", "ndjson"])
  func `a recording of a simulation is read as the simulation was printed`(
    format: String
  ) throws {
    let faults = [
      "", "drop 20%; corrupt 5%; delay 5ms jitter 3ms 10%; duplicate 5%; reorder 5% gap 3",
      "slow_close 2s c2s; corrupt length 10%; bandwidth 20kB/s s2c", "reset nth 9 c2s",
      "blackhole on 15ms off 1s; slow close 5ms s2c",
    ]
    for rules in faults {
      try withFile { file in
        let options = [
          "simulate", "--messages", "20", "--replies", "5", "--jitter", "3ms", "--faults", rules,
        ]
        let live = try BuiltProgram.run(Program.path, options + ["-T", format, "-w", file])
        let read = try Program.run("read", file, "-T", format)
        #expect(read.output == live.output, "\(rules)")
        #expect(live.status == 0 && read.status == 0 && read.errors.isEmpty)
      }
    }
  }

  @Test func `scripts are recorded too`() throws {
    let folder = Program.repository.appendingPathComponent("Tests/ChatSimulationTests/Scenarios")
    let scripts = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(!scripts.isEmpty)
    for script in scripts.prefix(6) {
      try withFile { file in
        let path = folder.appendingPathComponent(script).path
        let live = try Program.run("simulate", "--from", path, "-T", "ndjson", "-w", file)
        #expect(try Program.run("read", file, "-T", "ndjson").output == live.output, "\(script)")
      }
    }
  }

  @Test func `what is printed does not change what is recorded`() throws {
    try withFile { file in
      let all = try Program.run("simulate", "-T", "ndjson", "--faults", "drop 10%")
      let some = try Program.run(
        "simulate", "--faults", "drop 10%", "-w", file, "-Y", "type == NACK", "-c", "1")
      #expect(some.output.split(separator: "\n").count < 10)
      #expect(try Program.run("read", file, "-T", "ndjson").output == all.output)
      let piped = try Program.shell(
        "\"$P\" simulate --faults 'drop 10%' -w - | \"$P\" read - -T ndjson")
      #expect(piped.output == all.output)
    }
  }

  @Test func `a recording that cannot be is refused before anything is done`() throws {
    #expect(try Program.run("simulate", "-w", "/nonexistent/s.pcapng").status == 2)
    try withFile { file in
      for arguments in [["--transcript"], ["--compare", "gbn,sr"]] {
        let outcome = try BuiltProgram.run(
          Program.path, ["simulate", "-w", file] + arguments)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("-w records one trace"))
      }
      #expect(try Program.run("simulate", "-w", "-", "-T", "text").status == 2)
      #expect(!FileManager.default.fileExists(atPath: file))
    }
    let full = try Program.run("simulate", "-w", "/dev/full")
    #expect(full.status == 2)
    #expect(full.errors.contains("/dev/full: the recording cannot be written"))
  }
}
