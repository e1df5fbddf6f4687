import ChatWire
import TestSupport
import Testing

/// What no peer should send does not stop the sessions, and cutting changes nothing.
@Suite struct ClassicHostileTests {
  /// A conversation as bytes from the client, with where each frame begins.
  private static let clientFrames: [ClassicSample] = [
    .syn, .handshakeAck, .listRequest, ClassicSample(.setNick, "ana"), .data("Hel", 0, last: false),
    .data("lo", 1), .channel(delay: 1, seconds: 0.01), .data("😀", 0), .channel(loss: 0.5),
    .data("x", 0), .data("x", 0), .channel(), .data("y", 0), .disconnect,
  ]

  private static let serverFrames: [ClassicSample] = [
    .data("[bob] early"), ClassicClientBench.synAck, ClassicClientBench.names, .ack(0), .nack(1),
    .ack(1), ClassicSample(.ack, "NICK OK: ana"), .data("[bob] hi"), ClassicClientBench.names,
    .ack(0), ClassicSample(.ack, "Disconnect ACK"),
  ]

  private func server(_ pieces: [[UInt8]]) -> ([ClassicSample], [ClassicServerOutput]) {
    let bench = ClassicServerBench(seed: 3)
    for piece in pieces { bench.session.receive(piece.span.bytes) }
    bench.pass(.seconds(9))
    return (bench.takeWritten(), bench.takeSaid())
  }

  @Test func `a server sees the same frames however the bytes are cut`() {
    let bytes = Self.clientFrames.flatMap(\.bytes)
    let whole = server([bytes])
    #expect(whole.0.count > 8)
    #expect(whole.1.last == .ended(.disconnected))
    #expect(server(bytes.map { [$0] }) == whole)
    for cut in 0...bytes.count {
      #expect(server([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
    }
    // And when each byte is looked at by itself.
    let bench = ClassicServerBench(seed: 3)
    for byte in bytes {
      bench.receive(bytes: [byte])
      bench.pass(.milliseconds(3))
    }
    bench.pass(.seconds(3))
    #expect(bench.takeWritten() == whole.0)
    #expect(bench.takeSaid() == whole.1)
  }

  @Test func `a client sees the same frames however the bytes are cut`() {
    func client(_ pieces: [[UInt8]]) -> ([ClassicSample], [ClassicClientOutput]) {
      let bench = ClassicClientBench()
      bench.session.send("Hello")
      bench.session.setNickname("ana")
      bench.session.send("x")
      bench.session.disconnect()
      // The first three frames open the session, the others answer what is sent then.
      for piece in pieces {
        bench.receive(bytes: piece)
        bench.pass(.microseconds(10))
      }
      return (bench.takeWritten(), bench.takeSaid())
    }
    let bytes = Self.serverFrames.flatMap(\.bytes)
    let framewise = client(Self.serverFrames.map(\.bytes))
    #expect(framewise.1.last == .ended(.disconnected(isAcknowledged: true)))
    #expect(client([bytes]) == framewise)
    #expect(client(bytes.map { [$0] }) == framewise)
    for cut in stride(from: 0, through: bytes.count, by: 3) {
      #expect(client([Array(bytes[..<cut]), Array(bytes[cut...])]) == framewise, "cut at \(cut)")
    }
  }

  @Test func `a server survives mutated frames in every state`() {
    var hostile = HostileBytes(seed: 11)
    var random = SeededGenerator(seed: 12)
    for round in 0..<1_500 * effort {
      let bench = ClassicServerBench(seed: UInt64(round))
      bench.answers = !round.isMultiple(of: 10)
      // A good beginning of random length, then anything.
      for sample in Self.clientFrames.prefix(Int.random(in: 0...12, using: &random)) {
        bench.receive(sample)
      }
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let sample = Self.clientFrames.randomElement(using: &random) ?? .syn
        bench.receive(bytes: hostile.mutation(of: sample.bytes))
        if Bool.random(using: &random) { bench.session.broadcast(name: "bob", text: "hi") }
        bench.pass(.milliseconds(Int64.random(in: 0...100, using: &random)))
      }
      bench.session.endOfStream()
      bench.answers = true
      bench.session.accept(sessionID: "")
      bench.session.giveNickname("x")
      bench.session.list([])
      bench.pass(.seconds(60))
      guard case .ended? = bench.takeSaid().last else {
        Issue.record("round \(round) does not end")
        continue
      }
      #expect(bench.session.queuedByteCount == 0)
    }
  }

  @Test func `a client survives mutated frames in every state`() {
    var hostile = HostileBytes(seed: 21)
    var random = SeededGenerator(seed: 22)
    for round in 0..<1_500 * effort {
      let bench = ClassicClientBench()
      bench.session.send("Hello")
      bench.session.setNickname("ana")
      bench.session.requestNames()
      for sample in Self.serverFrames.prefix(Int.random(in: 0...10, using: &random)) {
        bench.receive(sample)
      }
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let sample = Self.serverFrames.randomElement(using: &random) ?? .syn
        bench.receive(bytes: hostile.mutation(of: sample.bytes))
        bench.pass(.milliseconds(Int64.random(in: 0...100, using: &random)))
      }
      bench.session.disconnect()
      bench.session.endOfStream()
      bench.pass(.seconds(60))
      guard case .ended? = bench.takeSaid().last else {
        Issue.record("round \(round) does not end")
        continue
      }
    }
  }

  @Test func `random bytes end in a reason or in waiting`() {
    var random = SeededGenerator(seed: 31)
    for round in 0..<300 * effort {
      let high: UInt8 = round.isMultiple(of: 2) ? 4 : 255
      let bytes = (0..<Int.random(in: 0...3_000, using: &random)).map { _ in
        UInt8.random(in: 0...high, using: &random)
      }
      let server = round.isMultiple(of: 3) ? ClassicServerBench() : .established()
      server.receive(bytes: bytes)
      server.pass(.seconds(1))
      let client = round.isMultiple(of: 3) ? ClassicClientBench() : .established()
      client.receive(bytes: bytes)
      client.pass(.seconds(1))
      #expect(server.session.queuedByteCount < 100)
      #expect(client.session.queuedByteCount == 0)
    }
  }

  @Test func `a megabyte without a frame ends a session`() {
    let junk = [UInt8](repeating: 0xAA, count: 64 << 10)
    let client = ClassicClientBench.established()
    for _ in 0..<20 { client.receive(bytes: junk) }
    #expect(client.takeSaid().last == .ended(.framingLost))
  }

  @Test func `commands that do not fit the state do nothing`() {
    let bench = ClassicServerBench()
    bench.session.accept(sessionID: "x")
    bench.session.refuse("x")
    bench.session.giveNickname("x")
    bench.session.list(["x"])
    bench.session.broadcast(name: "x", text: "y")
    bench.settle()
    #expect(bench.takeWritten() == [])
    #expect(bench.session.state == .awaitingSYN)
    let client = ClassicClientBench.established()
    client.session.disconnect()
    client.receive(ClassicSample(.ack, "Disconnect ACK"))
    _ = client.takeWritten()
    client.session.setNickname("x")
    client.session.requestNames()
    client.session.configureChannel(ClassicChannelConfig())
    client.session.disconnect()
    #expect(!client.drain())
    #expect(client.takeWritten() == [])
  }
}
