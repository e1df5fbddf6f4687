import ChatWire
import TestSupport
import Testing

/// Two well-behaved clients, whom nothing that happens beside them may disturb.
struct Bystanders {
  let crowd: Crowd
  let ana: Crowd.Member
  let ben: Crowd.Member

  init(_ server: TestServer) throws {
    crowd = Crowd(port: server.port)
    ana = try crowd.enter(nickname: "ana")
    ben = try crowd.enter(nickname: "ben", mode: .selectiveRepeat)
  }

  /// They say goodbye: a server that ends would wait for them.
  func leave() throws {
    let (ana, ben) = (ana, ben)
    ana.leave()
    ben.leave()
    try crowd.run(until: "the bystanders have left") { ana.outcome != nil && ben.outcome != nil }
  }

  /// Each says something, and the other hears it.
  func chat(_ topic: String, count: Int = 10) throws {
    for number in 0..<count {
      try ana.say("\(topic) \(number), says ana")
      try ben.say("\(topic) \(number), says ben")
    }
    let (ana, ben) = (ana, ben)
    func heard(_ member: Crowd.Member, from name: String) -> Int {
      member.messages.filter { $0.nickname == name && $0.text.hasPrefix("\(topic) ") }.count
    }
    try crowd.run(until: "\(topic): both hear everything") {
      heard(ana, from: "ben") == count && heard(ben, from: "ana") == count
    }
  }
}

@Suite("Hostile clients, while others chat") struct HostileClientTests {
  /// Runs a server with two bystanders; they must be able to chat before, while and after `body`
  /// runs.
  private func withBystanders(
    _ options: String..., body: (TestServer, Bystanders) throws -> Void
  ) throws {
    try withStage { stage in
      let server = try stage.server(["--rate", "0"] + options)
      let bystanders = try Bystanders(server)
      try bystanders.chat("before")
      try body(server, bystanders)
      try bystanders.chat("after")
      try server.waitForStatus("only the bystanders are left") {
        $0.integer("client_count") == 2 && $0.integer("half_open_count") == 0
      }
      try bystanders.leave()
      #expect(try server.stop() == .code(0))
    }
  }

  /// The code of the ERROR with which the server ended a connection.
  private func errorCode(_ frames: [WirePeer.Received]) -> ErrorCode? {
    frames.last { $0.type == .error }?.coded.map { ErrorCode(rawValue: $0.code) }
  }

  @Test("garbage instead of a handshake is refused with ERROR 2")
  func garbage() throws {
    try withBystanders { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.send([UInt8](repeating: 0xA5, count: 5_000))
      try bystanders.chat("during")
      #expect(errorCode(try peer.waitForEnd()) == .badHandshake)
    }
  }

  @Test("half a SYN and then silence is ended after the time for a handshake")
  func halfSyn() throws {
    try withBystanders { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.send(Array(peer.syn(nickname: "half").prefix(15)))
      try bystanders.chat("during")
      let code = errorCode(try peer.waitForEnd())
      #expect(code == .badHandshake || code == .handshakeTimeout)
    }
  }

  @Test("many handshakes that are never completed are ended with ERROR 5")
  func halfOpen() throws {
    try withBystanders { server, bystanders in
      let peers = try (0..<50).map { number in
        let peer = try WirePeer(port: server.port)
        try peer.send(peer.syn(nickname: "half-\(number)"))
        return peer
      }
      try server.waitForStatus("they are seen as half open") {
        $0.integer("half_open_count") == 50
      }
      try bystanders.chat("during")
      for peer in peers {
        let frames = try peer.waitForEnd()
        #expect(frames.contains { $0.type == .synAck })
        #expect(errorCode(frames) == .handshakeTimeout)
      }
    }
  }

  @Test("a HANDSHAKE_ACK with the id of another session is refused with ERROR 2")
  func wrongSession() throws {
    try withBystanders { server, _ in
      let peer = try WirePeer(port: server.port)
      try peer.send(peer.syn(nickname: "wrong"))
      let answer = try peer.wait(for: .synAck)
      try peer.sendHandshakeAck(
        session: [UInt8](repeating: 7, count: 8), sequence: answer.sequence)
      #expect(errorCode(try peer.waitForEnd()) == .badHandshake)
    }
  }

  @Test("a message before any SYN is refused")
  func messageFirst() throws {
    try withBystanders { server, _ in
      let peer = try WirePeer(port: server.port)
      try peer.sendNext(.data, Array("hello".utf8))
      #expect(errorCode(try peer.waitForEnd()) == .protocolViolation)
    }
  }

  @Test("garbage inside a session is skipped, and the next message arrives")
  func garbageInside() throws {
    try withBystanders { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "eve")
      try peer.send([UInt8](repeating: 0xEE, count: 700))
      try peer.sendNext(.data, Array("through the noise".utf8))
      try bystanders.crowd.run(until: "the message behind the garbage") {
        bystanders.ana.messages.contains { $0.text == "through the noise" }
      }
      peer.shutDown()
    }
  }

  @Test("more than 1 MiB of garbage ends the session with ERROR 11")
  func endlessGarbage() throws {
    try withBystanders { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "eve")
      let garbage = [UInt8](repeating: 0xEE, count: 64 << 10)
      for _ in 0..<20 where try peer.send(garbage) {}
      try bystanders.chat("during")
      #expect(errorCode(try peer.waitForEnd()) == .framingLost)
    }
  }

  @Test("half a frame and then silence holds up nobody, and the rest completes it")
  func halfFrame() throws {
    try withBystanders { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "slow")
      let frame = try peer.bytes(
        .data, sequence: peer.next, Array("slow but whole".utf8), isLast: true)
      try peer.send(Array(frame.prefix(frame.count / 2)))
      try bystanders.chat("during")
      try peer.send(Array(frame.suffix(frame.count - frame.count / 2)))
      try bystanders.crowd.run(until: "the message in two halves") {
        bystanders.ben.messages.contains { $0.text == "slow but whole" }
      }
      peer.shutDown()
    }
  }

  @Test("a client that vanishes in the middle of a message has left, and the half is never shown")
  func vanishes() throws {
    try withBystanders { server, bystanders in
      let leftCount = bystanders.ana.leftCount
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "gone")
      try peer.sendNext(.data, Array("the first half".utf8), isLast: false)
      _ = try peer.wait(for: .ack)
      peer.shutDown()
      try bystanders.crowd.run(until: "the others are told") {
        bystanders.ana.leftCount > leftCount && bystanders.ben.leftCount > leftCount
      }
      #expect(!bystanders.ana.messages.contains { $0.text.contains("the first half") })
    }
  }

  @Test("a message above the limit is answered with NOTICE 5, and the session goes on")
  func oversized() throws {
    try withBystanders("--max-message", "4096") { server, bystanders in
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "big")
      for number in 0..<9 {
        try peer.sendNext(.data, [UInt8](repeating: 0x61, count: 1_000), isLast: number == 8)
      }
      let notice = try peer.wait(for: .notice) { $0.coded?.code == NoticeCode.refused.rawValue }
      #expect(notice.coded?.text.isEmpty == false)
      try peer.sendNext(.data, Array("small enough".utf8))
      try bystanders.crowd.run(until: "the next message") {
        bystanders.ben.messages.contains { $0.text == "small enough" }
      }
      #expect(bystanders.ben.messages.allSatisfy { $0.text.utf8.count < 4_096 })
      peer.shutDown()
    }
  }

  @Test("a client that floods is told so with NOTICE 5, and most of it is not passed on")
  func flood() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "5")
      let bystanders = try Bystanders(server)
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "flood", window: 1_024)
      for number in 0..<1_000 { try peer.sendNext(.data, Array("flood \(number)".utf8)) }
      _ = try peer.wait(for: .notice) { $0.coded?.code == NoticeCode.refused.rawValue }
      try bystanders.chat("during", count: 3)
      let count = bystanders.ana.messages.filter { $0.nickname == "flood" }.count
      #expect((1..<1_000).contains(count))
      try server.waitForStatus("it is counted") {
        ($0.object("totals")?.integer("messages_refused") ?? 0) > 0
      }
    }
  }

  @Test("a reader that never reads is ended alone, and nobody misses a message")
  func neverReads() throws {
    try withBystanders("--max-queue", "262144", "--max-message", "65536") { server, bystanders in
      let peer = try WirePeer(port: server.port, receiveBufferSize: 4_096)
      try peer.shakeHands(nickname: "deaf", fragment: 65_535)
      // Its answers are read no more from here on.
      let text = String(repeating: "x", count: 60_000)
      let isTold = { bystanders.ana.leftCount > 0 && bystanders.ben.leftCount > 0 }
      var round = 0
      // As much as the kernel holds for it, and then some.
      while !isTold(), round < 500 {
        try bystanders.ana.say("\(round) \(text)")
        try bystanders.crowd.run(until: "ben hears round \(round)") {
          bystanders.ben.messages.contains { $0.text.hasPrefix("\(round) ") }
        }
        round += 1
      }
      try bystanders.crowd.run(until: "the others are told", isTold)
      let totals = try server.status().object("totals")
      #expect(totals?.integer("slow_clients_ended") == 1)
      peer.shutDown()
    }
  }

  @Test("a storm of connections that close at once is survived")
  func storm() throws {
    try withBystanders { server, bystanders in
      for round in 0..<10 {
        let peers = try (0..<100).map { _ in try WirePeer(port: server.port) }
        for peer in peers { peer.shutDown() }
        if round % 5 == 0 { try bystanders.chat("round \(round)") }
      }
    }
  }
}
