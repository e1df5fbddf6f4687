import TestSupport
import Testing

/// A proxy between clients and a server, all of them real.
@Suite("Proxy") struct ProxyTests {
  @Test("People talk through a proxy that loses and damages frames, and the trace says all of it")
  func conversation() throws {
    try withStage { stage in
      let server = try stage.server()
      let proxy = try stage.proxy(
        before: server.port, "--faults", "drop DATA c2s nth 2; corrupt ACK s2c nth 1")
      let ben = try stage.client(port: proxy.port, nick: "ben", [])
      try ben.whoIsHere()
      let ana = try stage.client(port: proxy.port, nick: "ana", ["--protocol", "sr"])
      try ana.whoIsHere()
      for number in 1...5 { try ana.say("message \(number)") }
      for number in 1...5 { try ben.wait(forMessage: "message \(number)", from: "ana") }
      #expect(try ana.finish() == .code(0))
      #expect(try ben.finish() == .code(0))
      let exit = try proxy.stop()
      #expect(exit == .code(130))
      let records = try proxy.records()
      #expect(records.contains { $0.string("disposition") == "dropped" })
      #expect(records.contains { $0.string("disposition") == "corrupted" })
      #expect(records.last?.string("kind") == "summary")
      let ends = records.compactMap { $0.string("end") }
      #expect(ends == ["clean", "clean"])
    }
  }
}
