import Foundation
import TestSupport
import Testing

/// Whoever is killed says nothing: the others have to notice by themselves.
@Suite("A proxy among programs that are killed") struct ProxyCrashTests {
  @Test("a client that is killed leaves the server, and the others talk on")
  func client() throws {
    try withStage { stage in
      let server = try stage.server()
      let proxy = try stage.proxy(before: server.port)
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      let ben = try stage.client(port: proxy.port, nick: "ben", [])
      for client in [ana, ben] { try client.whoIsHere() }
      ben.process.signal(SIGKILL)
      try ana.wait(forKind: "left", nickname: "ben")
      try server.waitForStatus("ben has left") { $0.integer("client_count") == 1 }
      try ana.say("alone")
      try ana.wait(forDelivered: 1)
      #expect(try ana.finish() == .code(0))
      #expect(try proxy.stop() == .code(130))
      let ends = try proxy.records().compactMap { $0.string("end") }
      #expect(ends.count == 2)
      #expect(ends.contains("clean"))
      #expect(ends.contains { ["abrupt", "reset"].contains($0) })
    }
  }

  @Test("a server that is killed is missed, and its successor found, all through one proxy")
  func server() throws {
    try withStage { stage in
      let server = try stage.server()
      let proxy = try stage.proxy(before: server.port)
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      try ana.whoIsHere()
      try ana.say("before")
      try ana.wait(forDelivered: 1)
      let script = try stage.start(
        "chat-client", ["--host", "127.0.0.1", "--port", "\(proxy.port)", "--expect", "9"])
      try server.waitForStatus("both are here") { $0.integer("client_count") == 2 }
      server.process.signal(SIGKILL)
      try ana.wait(forKind: "disconnected")
      #expect(try script.waitForExit() == .code(5))
      let next = try stage.server("--port", "\(server.port)")
      try ana.say("after")
      try ana.wait(for: "a new session") {
        $0.kind == "session" && $0.object.boolean("reconnected") == true
      }
      try ana.wait(forDelivered: 2)
      #expect(try next.status().integer("client_count") == 1)
      #expect(try ana.finish() == .code(0))
      #expect(try proxy.stop() == .code(130))
      let ends = try proxy.records().compactMap { $0.string("end") }
      #expect(ends.last == "clean")
      #expect(ends.count >= 3)
    }
  }

  @Test("a proxy that is killed is missed on both sides, and what it has told stays readable")
  func proxy() throws {
    try withStage { stage in
      let server = try stage.server()
      let recording = "\(stage.directory)/killed.pcapng"
      let proxy = try stage.proxy(before: server.port, "-w", recording)
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      try ana.whoIsHere()
      try ana.say("before")
      try ana.wait(forDelivered: 1)
      let said = #""text":"before""#
      try proxy.process.output.wait(forLineWith: said)
      try waitUntil("it is recorded") {
        try stage.run("chat-inspect", "read", recording, "-T", "ndjson").output.contains(said)
      }
      let script = try stage.start(
        "chat-client", ["--host", "127.0.0.1", "--port", "\(proxy.port)", "--expect", "9"])
      try server.waitForStatus("both are here") { $0.integer("client_count") == 2 }
      proxy.process.signal(SIGKILL)
      _ = try proxy.process.waitForExit()
      try ana.wait(forKind: "disconnected")
      #expect(try script.waitForExit() == .code(5))
      try server.waitForStatus("nobody is here") { $0.integer("client_count") == 0 }
      #expect(try proxy.records().contains { $0.string("text") == "before" })
      let read = try stage.run("chat-inspect", "read", recording, "-T", "ndjson")
      #expect(read.status == 0)
      #expect(read.output.contains(said))
      let next = try stage.proxy(
        listening: "127.0.0.1", port: proxy.port, before: "127.0.0.1:\(server.port)")
      try ana.wait(for: "a new session") {
        $0.kind == "session" && $0.object.boolean("reconnected") == true
      }
      #expect(try ana.finish() == .code(0))
      #expect(try next.stop() == .code(130))
    }
  }
}
