import ChatWire
import TestSupport
import Testing

/// Our client on an original server (PROTOCOL.md 9.3, CLASSIC.md sections 4, 9 and 10).
@Suite struct ClassicClientTests {
  private func milliseconds(_ times: [Instant]) -> [Int64] {
    times.map { $0.nanoseconds / 1_000_000 }
  }

  // MARK: handshake

  @Test func `the handshake is that of the original client`() {
    let bench = ClassicClientBench()
    #expect(bench.takeWritten() == [.syn])
    bench.receive(ClassicClientBench.synAck)
    #expect(
      bench.takeWritten() == [
        ClassicSample(
          .handshakeAck, #"{"session_id": "20ccd443", "message": "Connection established"}"#)
      ])
    #expect(bench.session.sessionID == "20ccd443")
  }

  @Test func `LIST_REQUEST is repeated every 200 ms after HANDSHAKE_ACK until it is answered`() {
    let bench = ClassicClientBench()
    bench.receive(ClassicClientBench.synAck)
    _ = bench.takeWritten()
    bench.pass(.milliseconds(700))
    #expect(milliseconds(bench.times) == [10, 210, 410, 610])
    #expect(bench.takeWritten() == Array(repeating: .listRequest, count: 4))
    #expect(bench.session.state == .awaitingNames)
    bench.receive(ClassicClientBench.names)
    #expect(bench.takeSaid() == [.established(ClassicParameterSet()), .names(["ana", "bob"])])
    // Further answers say nothing new.
    bench.receive(ClassicClientBench.names, ClassicClientBench.names)
    bench.pass(.seconds(60))
    #expect(bench.takeSaid() == [])
    #expect(bench.takeWritten() == [])
  }

  @Test func `nothing is sent before the first list`() {
    let bench = ClassicClientBench()
    bench.session.send("hi")
    bench.session.requestNames()
    bench.receive(ClassicClientBench.synAck)
    bench.pass(.milliseconds(10))
    #expect(bench.takeWritten().map(\.type) == [.syn, .handshakeAck, .listRequest])
    bench.receive(ClassicClientBench.names)
    #expect(bench.takeWritten() == [.data("hi", 0)])
  }

  @Test func `a list that cannot be read is an answer all the same`() {
    let bench = ClassicClientBench()
    bench.receive(ClassicClientBench.synAck, ClassicSample(.listResponse, "[1]"))
    #expect(bench.takeSaid() == [.established(ClassicParameterSet())])
  }

  @Test func `what the server answers holds, even upwards`() {
    let bench = ClassicClientBench()
    bench.receive(
      ClassicSample(
        .ack,
        #"{"status": "ok", "protocol": "sr", "max_fragment_size": 50, "window_size": 8}"#))
    #expect(
      bench.session.parameters
        == ClassicParameterSet(mode: .selectiveRepeat, window: 8, fragmentCharacters: 50))
    #expect(bench.takeWritten().last?.text.hasPrefix(#"{"session_id": null"#) == true)
    let silent = ClassicClientBench()
    silent.receive(ClassicSample(.ack, #"{"status": "ok", "protocol": 5, "window_size": 0}"#))
    #expect(silent.session.parameters == ClassicParameterSet())
  }

  @Test func `a status other than ok is a refusal with its message`() {
    let bench = ClassicClientBench()
    bench.receive(ClassicSample(.ack, #"{"status": "error", "message": "Full."}"#))
    #expect(bench.takeSaid() == [.ended(.refused("Full."))])
    let wordless = ClassicClientBench()
    wordless.receive(ClassicSample(.ack, #"{"status": "no"}"#))
    #expect(wordless.takeSaid() == [.ended(.refused("Unknown error"))])
  }

  @Test(arguments: ["hello", "{}", #"{"message": "x"}"#, #"{"status": 1}"#])
  func `an answer to SYN that is none ends the session`(_ text: String) {
    let bench = ClassicClientBench()
    bench.receive(ClassicSample(.ack, text))
    #expect(bench.takeSaid() == [.ended(.badAnswer)])
  }

  @Test func `DATA may come before the answer to SYN`() {
    let bench = ClassicClientBench()
    bench.receive(.data("[ana] early"), ClassicClientBench.synAck)
    #expect(bench.takeSaid() == [.broadcast(nickname: "ana", text: "early")])
    #expect(bench.session.state == .awaitingNames)
  }

  @Test func `the handshake is given up after 20 seconds`() {
    let bench = ClassicClientBench()
    bench.pass(.milliseconds(19_999))
    #expect(bench.takeSaid() == [])
    bench.pass(.milliseconds(1))
    #expect(bench.takeSaid() == [.ended(.handshakeTimeout)])
    let half = ClassicClientBench()
    half.receive(ClassicClientBench.synAck)
    half.pass(.seconds(20))
    #expect(half.takeSaid() == [.ended(.handshakeTimeout)])
  }

  @Test func `nothing is resent on a guess, not even SYN`() {
    let bench = ClassicClientBench()
    bench.pass(.seconds(15))
    #expect(bench.takeWritten() == [.syn])
    bench.receive(.nack(0))
    #expect(bench.takeWritten() == [.syn])
  }

  // MARK: text

  @Test func `a text is cut into characters and sent one fragment after the other`() {
    let bench = ClassicClientBench.established()
    let number = bench.session.send("Héllo😀")
    #expect(bench.drain())
    #expect(bench.takeWritten() == [.data("Hél", 0, last: false)])
    bench.receive(.ack(0))
    #expect(bench.takeWritten() == [.data("lo😀", 1)])
    #expect(bench.takeSaid() == [])
    bench.receive(.ack(1))
    #expect(bench.takeSaid() == [.delivered(message: number ?? 0)])
    bench.session.send("x")
    #expect(bench.drain())
    #expect(bench.takeWritten() == [.data("x", 0)])
  }

  @Test func `a fragment has no more bytes than fit into a TCP segment`() {
    let bench = ClassicClientBench()
    bench.receive(ClassicSample(.ack, #"{"status": "ok", "max_fragment_size": 65535}"#))
    bench.receive(ClassicClientBench.names)
    _ = bench.takeWritten()
    bench.session.send(String(repeating: "€", count: 1_000))
    #expect(bench.drain())
    for sequence in 0..<3 { bench.receive(.ack(UInt16(sequence))) }
    let sizes = bench.takeWritten().map(\.text.utf8.count)
    #expect(sizes == [1_398, 1_398, 204])
  }

  @Test func `an empty text sends nothing`() {
    let bench = ClassicClientBench.established()
    #expect(bench.session.send("") == nil)
    #expect(bench.drain())
    #expect(bench.takeWritten() == [])
  }

  @Test func `a text with too many fragments is not sent`() {
    var configuration = ClassicClientConfiguration()
    configuration.parameters.fragmentCharacters = 1
    let bench = ClassicClientBench(configuration)
    bench.receive(ClassicSample(.ack, #"{"status": "ok"}"#), ClassicClientBench.names)
    _ = (bench.takeSaid(), bench.takeWritten())
    let number = bench.session.send(String(repeating: "x", count: 65_537))
    bench.session.send(String(repeating: "x", count: 65_536))
    #expect(bench.drain())
    #expect(bench.takeSaid() == [.unsendable(message: number ?? 0)])
    #expect(bench.takeWritten() == [.data("x", 0, last: false)])
    #expect(bench.session.undeliveredMessageCount == 1)
    #expect(bench.session.queuedByteCount == 65_536)
  }

  // MARK: stop-and-wait

  @Test func `a NACK has the same fragment sent again, five times`() {
    let bench = ClassicClientBench.established()
    bench.session.send("abcdef")
    #expect(bench.drain())
    for round in 1...5 {
      bench.receive(.nack(0))
      #expect(bench.session.retryCount == round)
    }
    #expect(bench.takeWritten() == Array(repeating: .data("abc", 0, last: false), count: 6))
    bench.receive(.ack(0))
    #expect(bench.session.retryCount == 0)
    for _ in 1...6 { bench.receive(.nack(1)) }
    #expect(bench.takeWritten() == Array(repeating: .data("def", 1), count: 6))
    #expect(bench.takeSaid() == [.ended(.retriesExhausted)])
    #expect(bench.session.undeliveredMessageCount == 1)
  }

  @Test func `answers to another sequence are ignored`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    #expect(bench.drain())
    _ = bench.takeWritten()
    bench.receive(.ack(1), .nack(1), .ack(65_535))
    #expect(bench.takeWritten() == [])
    #expect(bench.takeSaid() == [])
    bench.receive(.ack(0))
    #expect(bench.takeSaid() == [.delivered(message: 1)])
    // And those that nobody waits for.
    bench.receive(.ack(0), .nack(0))
    #expect(bench.takeWritten() == [])
    #expect(bench.takeSaid() == [])
  }

  @Test func `NICK OK and Disconnect ACK do not acknowledge a fragment`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    #expect(bench.drain())
    bench.receive(
      ClassicSample(.ack, "NICK OK: ana"), ClassicSample(.ack, "Disconnect ACK"),
      ClassicClientBench.synAck)
    #expect(bench.takeSaid() == [.nickname("ana")])
    #expect(bench.session.undeliveredMessageCount == 1)
    // A server with words of its own is believed.
    bench.receive(ClassicSample(.ack, "got it"))
    #expect(bench.takeSaid() == [.delivered(message: 1)])
  }

  @Test func `the text of an answer counts more than the unprotected sequence field`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    #expect(bench.drain())
    bench.receive(ClassicSample(.ack, "ACK for seq 0", sequence: 9))
    #expect(bench.takeSaid() == [.delivered(message: 1)])
  }

  @Test func `five seconds without an answer to a fragment end the session`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    #expect(bench.drain())
    bench.pass(.seconds(4))
    bench.receive(.nack(0))
    bench.pass(.milliseconds(4_999))
    #expect(bench.takeSaid() == [])
    bench.pass(.milliseconds(1))
    #expect(bench.takeSaid() == [.ended(.silent)])
    #expect(bench.takeWritten().count == 2)
  }

  @Test func `an answer that is here counts although its time has passed`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    #expect(bench.drain())
    bench.session.receive(ClassicSample.ack(0).bytes.span.bytes)
    bench.now = bench.now.advanced(by: .seconds(6))
    #expect(bench.drain())
    #expect(bench.takeSaid() == [.delivered(message: 1)])
  }

  @Test func `an idle session is not silent`() {
    let bench = ClassicClientBench.established()
    bench.pass(.seconds(1_000))
    #expect(bench.session.state == .established)
    #expect(bench.deadline == .distantFuture)
  }

  // MARK: requests

  @Test func `commands are carried out in order, one exchange at a time`() {
    let bench = ClassicClientBench.established()
    bench.session.setNickname("ana")
    bench.session.send("x")
    bench.session.requestNames()
    bench.session.configureChannel(ClassicChannelConfig())
    bench.session.disconnect()
    #expect(bench.session.send("too late") == nil)
    #expect(bench.drain())
    #expect(bench.takeWritten() == [ClassicSample(.setNick, "ana")])
    bench.receive(.ack(0))
    #expect(bench.takeWritten() == [])
    bench.receive(ClassicSample(.ack, "NICK OK: ana2"))
    #expect(bench.takeWritten() == [.data("x", 0)])
    bench.receive(.ack(0))
    #expect(bench.takeWritten() == [.listRequest])
    bench.receive(ClassicClientBench.names)
    #expect(bench.takeWritten() == [.channel(), .disconnect])
    #expect(bench.session.state == .leaving)
    bench.receive(ClassicSample(.ack, "Disconnect ACK"))
    #expect(
      bench.takeSaid() == [
        .nickname("ana2"), .delivered(message: 1), .names(["ana", "bob"]),
        .ended(.disconnected(isAcknowledged: true)),
      ])
    #expect(bench.session.queuedByteCount == 0)
  }

  @Test func `a request without an answer is given up and the session goes on`() {
    let bench = ClassicClientBench.established()
    bench.session.setNickname("ana")
    bench.session.requestNames()
    bench.session.send("x")
    bench.pass(.seconds(10))
    #expect(bench.takeSaid() == [.unanswered(.nickname), .unanswered(.names)])
    #expect(bench.takeWritten().last == .data("x", 0))
  }

  @Test func `a refused request is sent again`() {
    let bench = ClassicClientBench.established()
    bench.session.setNickname("ana")
    #expect(bench.drain())
    bench.receive(.nack(0))
    #expect(bench.takeWritten() == Array(repeating: ClassicSample(.setNick, "ana"), count: 2))
  }

  @Test func `a goodbye without an answer is a goodbye`() {
    let bench = ClassicClientBench.established()
    bench.session.disconnect()
    bench.pass(.seconds(5))
    #expect(bench.takeSaid() == [.ended(.disconnected(isAcknowledged: false))])
    let closed = ClassicClientBench.established()
    closed.session.disconnect()
    closed.session.endOfStream()
    _ = closed.drain()
    #expect(closed.takeWritten() == [.disconnect])
    #expect(closed.takeSaid() == [.ended(.disconnected(isAcknowledged: false))])
    let refused = ClassicClientBench.established()
    refused.session.disconnect()
    _ = refused.drain()
    for _ in 1...6 { refused.receive(.nack(0)) }
    #expect(refused.takeSaid() == [.ended(.disconnected(isAcknowledged: false))])
  }

  // MARK: what arrives

  @Test func `broadcasts are read as nickname and text and never acknowledged`() {
    let bench = ClassicClientBench.established()
    bench.receive(
      .data("[ana] Hello"), .data("[zé] x\ny] hey", 7, last: false), .data("no name"),
      .data("[ana] "))
    var frame: [UInt8] = []
    encodeClassicFrame(.data, sequence: 0, payload: [0x61, 0xFF], isLast: true, into: &frame)
    bench.receive(bytes: frame)
    #expect(
      bench.takeSaid() == [
        .broadcast(nickname: "ana", text: "Hello"),
        .broadcast(nickname: "zé", text: "x\ny] hey"),
        .broadcast(nickname: nil, text: "no name"),
        .broadcast(nickname: "ana", text: ""),
        .broadcast(nickname: nil, text: "a\u{FFFD}"),
      ])
    #expect(bench.takeWritten() == [])
  }

  @Test func `a damaged frame is dropped`() {
    let bench = ClassicClientBench.established()
    bench.receive(bytes: ClassicSample.data("[ana] x").bytes.damaged)
    bench.receive(.data("[ana] y"))
    #expect(bench.takeSaid() == [.broadcast(nickname: "ana", text: "y")])
    #expect(bench.takeWritten() == [])
  }

  @Test func `types that no server sends are ignored`() {
    let bench = ClassicClientBench.established()
    bench.receive(.syn, .handshakeAck, .disconnect, ClassicSample(.setNick, "x"), .channel())
    #expect(bench.takeSaid() == [])
    #expect(bench.takeWritten() == [])
  }

  @Test func `the end of the stream ends the session behind what was received`() {
    let bench = ClassicClientBench.established()
    bench.session.send("x")
    bench.session.receive(ClassicSample.data("[ana] bye").bytes.span.bytes)
    bench.session.endOfStream()
    #expect(!bench.drain())
    #expect(
      bench.takeSaid() == [.broadcast(nickname: "ana", text: "bye"), .ended(.closedByServer)])
    #expect(bench.session.undeliveredMessageCount == 1)
    #expect(!bench.drain())
    #expect(!bench.session.wantsInput)
  }
}
