import TestSupport
import Testing

@Suite("Settings of both programs") struct ConfigurationTests {
  @Test("a file sets both, the environment goes before it, and the command line before that")
  func layers() throws {
    try withStage { stage in
      let path = try stage.file(
        "config.toml",
        """
        [server]
        name = "From the file"
        motd = "Greeting from the file"
        window-size = 8

        [client]
        nickname = "filed"
        window-size = 32
        """)
      let server = try stage.server(
        ["--config", path, "--max-fragment-size", "50"],
        environment: ["CHAT_MOTD": "Greeting from the environment"])
      let client = try stage.start(
        "chat-client", ["--config", path, "--json"],
        environment: ["CHAT_HOST": "127.0.0.1", "CHAT_PORT": "\(server.port)"])
      let ana = TestClient(client)
      let session = try ana.wait(forKind: "session")
      #expect(session.nickname == "filed")
      #expect(session.object.string("server") == "From the file")
      #expect(session.object.integer("window") == 8)
      #expect(session.object.integer("fragment") == 50)
      try ana.wait(forKind: "notice", with: "Greeting from the environment")
      #expect(try ana.finish() == .code(0))
    }
  }
}
