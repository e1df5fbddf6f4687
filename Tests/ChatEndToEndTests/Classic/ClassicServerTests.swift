import TestSupport
import Testing

@Suite("Our client on a server of the original dialect") struct ClassicServerTests {
  @Test("it opens a session, one frame in a write, and speaks, is named and lists")
  func session() throws {
    try withStage { stage in
      try ClassicPeerServer.run(.init(names: ["zoe"])) { server in
        let client = try stage.client(port: server.port, nick: "ana", ["--classic"])
        let session = try client.wait(forKind: "session")
        #expect(session.object.string("dialect") == "classic")
        try server.wait(for: "the nickname") { $0.nickname == "ana" }
        try client.say("Hello, 😀 wörld")
        try server.wait(for: "the message") { $0.messages == ["Hello, 😀 wörld"] }
        try client.wait(forDelivered: 1)
        let here = try client.whoIsHere()
        #expect(here.map { $0.string("nickname") } == ["zoe", "ana"])
        server.broadcast("[zoe] good day")
        try client.wait(forMessage: "good day", from: "zoe")
        #expect(try client.finish() == .code(0))

        let noted = server.noted
        #expect(noted.fault == nil)
        // Byte for byte as the original client has it.
        #expect(
          noted.syn == #"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#)
        let opening = ClassicPeerFrame(ClassicPeerType.syn, noted.syn ?? "")
        #expect(noted.opening == opening.bytes)
        #expect(
          noted.handshakeAck
            == #"{"session_id": "20ccd443", "message": "Connection established"}"#)
        // Fragments of three characters, each valid by itself, counted from 0.
        let fragments = noted.frames.filter { $0.type == ClassicPeerType.data }
        #expect(fragments.map(\.text) == ["Hel", "lo,", " 😀 ", "wör", "ld"])
        #expect(fragments.map(\.sequence) == [0, 1, 2, 3, 4])
        #expect(fragments.map(\.isLast) == [false, false, false, false, true])
        #expect(noted.frames.last?.type == ClassicPeerType.disconnect)
      }
    }
  }

  @Test("a fragment that is refused with NACK is sent again, and only that")
  func nack() throws {
    try withStage { stage in
      try ClassicPeerServer.run(.init(nackCount: 3)) { server in
        let sent = try stage.script(port: server.port, "--classic", "--send", "again")
        #expect(sent.status == 0)
        #expect(server.noted.messages == ["again"])
        let fragments = server.noted.frames.filter { $0.type == ClassicPeerType.data }
        #expect(fragments.map(\.text) == ["aga", "aga", "aga", "aga", "in"])
      }
    }
  }

  @Test("a server that answers no fragment for 5 s is exit 5, and nothing is sent twice")
  func silent() throws {
    try withStage { stage in
      try ClassicPeerServer.run(.init(isSilent: true)) { server in
        let sent = try stage.script(port: server.port, "--classic", "--send", "hello?")
        #expect(sent.status == 5)
        #expect(sent.errors.contains("5s") || sent.errors.contains("5 s"))
        #expect(server.noted.frames.filter { $0.type == ClassicPeerType.data }.count == 1)
      }
    }
  }

  @Test("a server that closes in the middle is exit 5")
  func closes() throws {
    try withStage { stage in
      try ClassicPeerServer.run(.init(closesOnData: true)) { server in
        let sent = try stage.script(port: server.port, "--classic", "--send", "hello?")
        #expect(sent.status == 5)
        #expect(!sent.errors.isEmpty)
        #expect(server.noted.messages.isEmpty)
      }
    }
  }

  @Test("a message that comes before the SYN-ACK is shown")
  func early() throws {
    try withStage { stage in
      try ClassicPeerServer.run(.init(broadcastsFirst: "[zoe] early")) { server in
        let client = try stage.client(port: server.port, ["--classic"])
        try client.wait(forKind: "session")
        try client.wait(forMessage: "early", from: "zoe")
        #expect(try client.finish() == .code(0))
      }
    }
  }

  @Test("a native client on such a server is exit 5, with a hint")
  func native() throws {
    try withStage { stage in
      try ClassicPeerServer.run { server in
        let sent = try stage.script(port: server.port, "--send", "hello?")
        #expect(sent.status == 5)
        #expect(!sent.errors.isEmpty)
      }
    }
  }
}
