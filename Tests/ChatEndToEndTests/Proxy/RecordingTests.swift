import Foundation
import TestSupport
import Testing

/// What a proxy records.
@Suite("Recordings of a proxy") struct RecordingTests {
  /// A conversation through a proxy with these options.
  private static func converse(
    _ stage: Stage, _ options: [String], messages: Int = 6
  ) throws -> TestProxy {
    let server = try stage.server()
    let proxy = try stage.proxy(
      before: server.port,
      [
        "--faults",
        "drop DATA c2s nth 2; corrupt 10% s2c; duplicate 10%; delay 5ms jitter 5ms 20%",
        "--seed", "7",
      ] + options)
    let ben = try stage.client(port: proxy.port, nick: "ben", [])
    try ben.whoIsHere()
    let ana = try stage.client(port: proxy.port, nick: "ana", ["--protocol", "sr"])
    try ana.whoIsHere()
    for number in 1...messages { try ana.say("message \(number) olá 你好") }
    for number in 1...messages {
      try ben.wait(forMessage: "message \(number) olá 你好", from: "ana")
    }
    _ = try ana.finish()
    _ = try ben.finish()
    return proxy
  }

  @Test("Reading the recording prints what the proxy has printed", arguments: ["ndjson", "text"])
  func equal(format: String) throws {
    try withStage { stage in
      let file = "\(stage.directory)/session.pcapng"
      let proxy = try Self.converse(stage, ["-w", file, "-T", format])
      #expect(try proxy.stop() == .code(130))
      let read = try stage.run("chat-inspect", "read", file, "-T", format)
      #expect(read.status == 0)
      #expect(read.errors.isEmpty)
      let live = proxy.process.output.text
      for (line, expected) in zip(read.output.split(separator: "\n"), live.split(separator: "\n"))
      where line != expected {
        Issue.record("\(line)\ninstead of\n\(expected)")
        return
      }
      let isSame = read.output == live
      #expect(isSame)
      #expect(live.contains("message 3 olá 你好"))
    }
  }

  @Test("The files of a ring, one behind the other, are the recording")
  func ring() throws {
    try withStage { stage in
      let proxy = try Self.converse(
        stage, ["-w", "\(stage.directory)/ring.pcapng", "-b", "filesize:8"], messages: 60)
      #expect(try proxy.stop(15) == .code(143))
      let names = try FileManager.default.contentsOfDirectory(atPath: stage.directory)
        .filter { $0.hasPrefix("ring_") }.sorted()
      #expect(names.count > 2)
      let joined = "\(stage.directory)/joined.pcapng"
      let bytes = try names.flatMap {
        try Data(contentsOf: URL(fileURLWithPath: "\(stage.directory)/\($0)"))
      }
      try Data(bytes).write(to: URL(fileURLWithPath: joined))
      let read = try stage.run("chat-inspect", "read", joined, "-T", "ndjson")
      let isSame = read.output == proxy.process.output.text
      #expect(isSame)
    }
  }

  @Test("A recording goes to standard output, and then nothing else does")
  func standardOutput() throws {
    try withStage { stage in
      let file = "\(stage.directory)/out.pcapng"
      let server = try stage.server()
      let path = BuiltProgram.path("chat-inspect")
      let shell = try stage.start(
        "/bin/sh",
        [
          "-c",
          "exec \(path) proxy --listen 0 --upstream 127.0.0.1:\(server.port) -w - > \(file)",
        ])
      let proxy = try TestProxy(shell, stage: stage)
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      try ana.whoIsHere()
      _ = try ana.finish()
      #expect(try proxy.stop() == .code(130))
      let read = try stage.run("chat-inspect", "read", file, "-T", "ndjson")
      #expect(read.output.contains("\"end\":\"clean\""))
      #expect(read.errors.isEmpty)
    }
  }

  @Test("A file that may not grow any more ends with a whole block, and the chat goes on")
  func limited() throws {
    try withStage { stage in
      let file = "\(stage.directory)/short.pcapng"
      let server = try stage.server()
      let path = BuiltProgram.path("chat-inspect")
      let shell = try stage.start(
        "/bin/sh",
        [
          "-c",
          "ulimit -f 8; exec \(path) proxy --listen 0 --upstream 127.0.0.1:\(server.port) "
            + "-w \(file) -T none",
        ])
      let proxy = try TestProxy(shell, stage: stage)
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      try ana.whoIsHere()
      for number in 1...80 { try ana.say("message \(number)") }
      try proxy.process.errors.wait(forLineWith: "the recording ends here: file too large")
      try ana.whoIsHere()
      #expect(try ana.finish() == .code(0))
      #expect(try proxy.stop() == .code(130))
      let said = proxy.process.errors.lines.filter { $0.contains("the recording ends here") }
      #expect(said.count == 1)
      let read = try stage.run("chat-inspect", "read", file, "-T", "ndjson")
      #expect(read.status == 0)
      #expect(read.errors.isEmpty, "no block is cut: \(read.errors)")
      #expect(read.output.contains("\"kind\":\"summary\""))
    }
  }
}
