import ChatPosix
import Foundation
import TestSupport
import Testing

@Suite("A client whose server goes away") struct ReconnectionTests {
  @Test("it connects again by itself, and says what was not confirmed, once")
  func again() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      try ana.say("before")
      try ana.wait(forDelivered: 1)
      server.process.signal(SIGKILL)
      try ana.wait(forKind: "disconnected")
      try ana.say("meanwhile 1")
      try ana.say("meanwhile 2")
      let next = try stage.server("--port", "\(server.port)")
      #expect(next.port == server.port)
      let ben = try stage.client(next, nick: "ben")
      try ana.wait(for: "a new session") {
        $0.kind == "session" && $0.object.boolean("reconnected") == true
      }
      try ana.wait(forDelivered: 3)
      // What ben did not hear was said before ben came; nothing comes twice.
      try ana.say("after")
      try ben.wait(forMessage: "after")
      let heard = try ben.events("message").map(\.text)
      #expect(Set(heard).count == heard.count)
      #expect(!heard.contains("before"))
      #expect(try next.status().object("totals")?.integer("messages_received") ?? 0 >= 3)
      #expect(try ana.finish() == .code(0))
    }
  }

  @Test("a script does not: it exits with 5, and says that the message was not confirmed")
  func script() throws {
    try withStage { stage in
      // Somebody who accepts, and says nothing.
      let listener = try StreamListener(host: "127.0.0.1", port: 0)
      let port = listener.address().port
      let client = try stage.start(
        "chat-client", ["--host", "127.0.0.1", "--port", "\(port)", "--send", "hello"])
      var entries = [Poll.Entry(listener.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
      guard case .connection(let socket, _) = listener.accept() else {
        throw TestFailure("nobody connects")
      }
      socket.resetOnClose()
      _ = consume socket
      #expect(try client.waitForExit() == .code(5))
      #expect(client.output.text == "")
      #expect(!client.errors.text.isEmpty)
    }
  }
}
