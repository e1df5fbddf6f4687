import ChatWire
import TestSupport
import Testing

/// What our server does with classic clients in the room (PROTOCOL.md 9.2).
@Suite struct ClassicServerTests {
  // MARK: text

  @Test func `each fragment is acknowledged and the message is what they are together`() {
    let bench = ClassicServerBench.established()
    bench.receive(.data("Hel", 0, last: false), .data("lo", 1))
    #expect(bench.takeWritten() == [.ack(0), .ack(1)])
    #expect(bench.takeTexts() == ["Hello"])
  }

  @Test func `the vectors of the original programs are taken`() throws {
    let bench = ClassicServerBench.established()
    bench.receive(bytes: try #require(bytes(hex: "000000030400006b6e667a0048656c")))
    bench.receive(bytes: try #require(bytes(hex: "000000020400017ce8636c016c6f")))
    bench.receive(bytes: try #require(bytes(hex: "00000000040000d41d8cd901")))
    bench.receive(
      bytes: try #require(bytes(hex: "0000000904ffff216a30f201c3a9e29c93f09f9880")))
    bench.receive(bytes: try #require(bytes(hex: "00000003070000276b6c4600616e61")))
    bench.receive(bytes: try #require(bytes(hex: "0000000208000099914b93007b7d")))
    bench.receive(
      bytes: try #require(bytes(hex: "0000000a06000042ae252300446973636f6e6e656374")))
    #expect(
      bench.takeWritten() == [
        .ack(0), .ack(1), .ack(0), .ack(65_535), ClassicSample(.ack, "NICK OK: ana"),
        ClassicSample(.listResponse, #"["ana", "bob"]"#), ClassicSample(.ack, "Disconnect ACK"),
      ])
    #expect(bench.takeTexts() == ["Hello", "", "é✓😀"])
  }

  @Test func `a boundary may fall inside a character`() {
    let bench = ClassicServerBench.established()
    let euro = Array("€".utf8)
    for (index, byte) in euro.enumerated() {
      var frame: [UInt8] = []
      encodeClassicFrame(
        .data, sequence: UInt16(index), payload: [byte], isLast: index == 2, into: &frame)
      bench.receive(bytes: frame)
    }
    #expect(bench.takeWritten() == [.ack(0), .ack(1), .ack(2)])
    #expect(bench.takeTexts() == ["€"])
  }

  @Test func `a message that is not UTF-8 is acknowledged and goes to nobody`() {
    let bench = ClassicServerBench.established()
    var frame: [UInt8] = []
    encodeClassicFrame(.data, sequence: 0, payload: [0x61, 0xFF], isLast: true, into: &frame)
    bench.receive(bytes: frame)
    #expect(bench.takeWritten() == [.ack(0)])
    #expect(bench.takeSaid() == [.discarded(.notUTF8(offset: 1))])
  }

  @Test func `inside a message a repeated fragment is acknowledged and not appended again`() {
    let bench = ClassicServerBench.established()
    bench.receive(
      .data("a", 0, last: false), .data("a", 0, last: false), .data("b", 1, last: false),
      .data("b", 1, last: false), .data("c", 2))
    #expect(bench.takeWritten() == [.ack(0), .ack(0), .ack(1), .ack(1), .ack(2)])
    #expect(bench.takeTexts() == ["abc"])
  }

  @Test func `the same sequence with other bytes is appended`() {
    let bench = ClassicServerBench.established()
    bench.receive(.data("a", 0, last: false), .data("b", 1, last: false), .data("c", 1))
    #expect(bench.takeTexts() == ["abc"])
  }

  @Test func `sequence 0 in the middle of a message abandons what was gathered`() {
    let bench = ClassicServerBench.established()
    bench.receive(.data("aa", 0, last: false), .data("b", 1, last: false), .data("c", 0))
    #expect(
      bench.takeSaid() == [.discarded(.abandoned(byteCount: 3)), .text(Array("c".utf8))])
    #expect(bench.takeWritten() == [.ack(0), .ack(1), .ack(0)])
  }

  @Test func `two equal messages in a row are two messages`() {
    let bench = ClassicServerBench.established()
    bench.receive(.data("hi"), .data("hi"))
    #expect(bench.takeTexts() == ["hi", "hi"])
  }

  @Test func `with no message open a repeated last fragment is acknowledged and ignored`() {
    let bench = ClassicServerBench.established()
    bench.receive(.data("a", 0, last: false), .data("b", 1), .data("b", 1))
    #expect(bench.takeWritten() == [.ack(0), .ack(1), .ack(1)])
    #expect(bench.takeTexts() == ["ab"])
    // Another one begins a message: original servers look at no sequence.
    bench.receive(.data("c", 1))
    #expect(bench.takeTexts() == ["c"])
  }

  @Test func `every last flag but 0 ends a message`() {
    let bench = ClassicServerBench.established()
    var frame = ClassicSample.data("x").bytes
    frame[11] = 0x80
    bench.receive(bytes: frame)
    #expect(bench.takeTexts() == ["x"])
  }

  @Test func `a message that is too long is acknowledged and goes to nobody`() {
    var configuration = ClassicServerConfiguration()
    configuration.messageByteCountMax = 8
    let bench = ClassicServerBench.established(configuration)
    bench.receive(.data("12345", 0, last: false), .data("6789", 1), .data("next"))
    #expect(bench.takeWritten() == [.ack(0), .ack(1), .ack(0)])
    #expect(
      bench.takeSaid() == [.discarded(.tooLong(byteCount: 9)), .text(Array("next".utf8))])
  }

  @Test func `a frame longer than the longest message closes at its header`() {
    var configuration = ClassicServerConfiguration()
    configuration.messageByteCountMax = 5_000
    let bench = ClassicServerBench.established(configuration)
    let long = ClassicSample.data(String(repeating: "x", count: 5_000))
    bench.receive(long)
    #expect(bench.takeTexts().count == 1)
    bench.receive(bytes: Array(ClassicSample.data(long.text + "x").bytes[..<12]))
    #expect(bench.takeSaid() == [.ended(.frameTooLong(byteCount: 5_001, limit: 5_000))])
  }

  // MARK: damage

  @Test func `a bad checksum is answered with NACK and the sixth in a row closes`() {
    let bench = ClassicServerBench.established()
    for round in 1...5 {
      bench.receive(bytes: ClassicSample.data("x", 7).bytes.damaged)
      #expect(bench.session.nackCount == round)
    }
    bench.receive(.data("good", 0))
    #expect(bench.session.nackCount == 0)
    #expect(bench.takeWritten() == Array(repeating: .nack(7), count: 5) + [.ack(0)])
    _ = bench.takeSaid()
    for _ in 1...6 { bench.receive(bytes: ClassicSample.data("x", 7).bytes.damaged) }
    #expect(bench.takeWritten() == Array(repeating: .nack(7), count: 6))
    #expect(bench.takeSaid() == [.ended(.tooManyNacks)])
  }

  @Test func `only a good DATA clears the count of NACKs`() {
    let bench = ClassicServerBench.established()
    bench.receive(bytes: ClassicSample.data("x").bytes.damaged)
    bench.receive(ClassicSample(.setNick, "ana"), .listRequest, ClassicSample(.ack, "x"))
    #expect(bench.session.nackCount == 1)
  }

  @Test func `a damaged request is not obeyed but answered with NACK`() {
    let bench = ClassicServerBench.established()
    for sample in [
      ClassicSample(.setNick, "ana"), .listRequest, .channel(loss: 1), .disconnect,
    ] {
      bench.receive(bytes: sample.bytes.damaged)
    }
    #expect(bench.takeWritten() == Array(repeating: .nack(0), count: 4))
    #expect(bench.takeSaid() == [])
  }

  @Test func `junk is one damaged frame and the next frame is found behind it`() {
    let bench = ClassicServerBench.established()
    bench.receive(bytes: Array("\0\0\0\u{1}!junk junk".utf8) + ClassicSample.data("x", 3).bytes)
    #expect(bench.takeWritten().map(\.type) == [.nack, .ack])
    #expect(bench.takeTexts() == ["x"])
  }

  // MARK: requests

  @Test func `SET_NICK names the nickname that was given`() {
    let bench = ClassicServerBench.established()
    bench.nickname = "ana2"
    bench.receive(ClassicSample(.setNick, "  ana \n"))
    #expect(bench.takeSaid() == [.nicknameWanted("ana")])
    #expect(bench.takeWritten() == [ClassicSample(.ack, "NICK OK: ana2")])
  }

  @Test func `a nickname that is not UTF-8 is not answered`() {
    let bench = ClassicServerBench.established()
    var frame: [UInt8] = []
    encodeClassicFrame(.setNick, sequence: 0, payload: [0xFF], isLast: false, into: &frame)
    bench.receive(bytes: frame)
    #expect(bench.takeSaid() == [])
    #expect(bench.takeWritten() == [])
    #expect(bench.session.state == .established)
  }

  @Test func `LIST_REQUEST is answered whatever its payload is`() {
    let bench = ClassicServerBench.established()
    bench.names = ["é", "a\"b"]
    bench.receive(ClassicSample(.listRequest, "nonsense"))
    #expect(bench.takeWritten() == [ClassicSample(.listResponse, #"["\u00e9", "a\"b"]"#)])
  }

  @Test func `a list stays within what our clients read and says what is missing`() throws {
    let bench = ClassicServerBench.established()
    bench.names = (1...5_000).map { "guest-\($0)" }
    bench.receive(.listRequest)
    let payload = try #require(bench.takeWritten().first).text
    #expect(payload.utf8.count <= JSONValue.byteCountMax)
    let names = try ClassicRoster(decoding: payload.utf8.span.bytes).names
    #expect(names.count > 1_000)
    #expect(names.last == "... and \(5_000 - names.count + 1) more")
    #expect(Array(names.dropLast()) == Array(bench.names.prefix(names.count - 1)))
  }

  @Test func `nothing is decoded until a question is answered`() {
    let bench = ClassicServerBench.established()
    bench.answers = false
    bench.receive(ClassicSample(.setNick, "ana"), .data("x"))
    #expect(bench.takeSaid() == [.nicknameWanted("ana")])
    #expect(bench.takeWritten() == [])
    bench.session.list(["this is not what was asked"])
    bench.settle()
    #expect(bench.takeWritten() == [])
    bench.session.giveNickname("ana")
    bench.settle()
    #expect(bench.takeWritten() == [ClassicSample(.ack, "NICK OK: ana"), .ack(0)])
    #expect(bench.takeTexts() == ["x"])
  }

  @Test func `DISCONNECT is answered and closes`() {
    let bench = ClassicServerBench.established()
    bench.session.broadcast(name: "ana", text: "too late")
    bench.session.broadcast(name: "ana", text: "too late")
    bench.receive(ClassicSample(.disconnect, "whatever"), .data("ignored"))
    #expect(bench.takeWritten().last == ClassicSample(.ack, "Disconnect ACK"))
    #expect(bench.takeSaid() == [.ended(.disconnected)])
  }

  @Test func `the end of the stream ends the session behind what was sent`() {
    let bench = ClassicServerBench.established()
    bench.session.receive((ClassicSample.data("bye").bytes + [0, 0]).span.bytes)
    bench.session.endOfStream()
    bench.settle()
    #expect(bench.takeWritten() == [.ack(0)])
    #expect(bench.takeSaid() == [.text(Array("bye".utf8)), .ended(.closedByClient)])
  }

  @Test(arguments: [0, 1, 2, 3, 5, 9, 10, 100, 255] as [UInt8])
  func `other types are ignored`(_ code: UInt8) {
    let bench = ClassicServerBench.established()
    bench.receive(ClassicSample(ClassicType(rawValue: code), "x"), .data("y"))
    #expect(bench.takeWritten() == [.ack(0)])
    #expect(bench.takeTexts() == ["y"])
  }

  @Test func `closing writes what is queued and ends`() {
    let bench = ClassicServerBench.established()
    bench.session.broadcast(name: "ana", text: "1")
    bench.session.broadcast(name: "ana", text: "2")
    bench.session.close()
    bench.receive(.data("not read any more"))
    #expect(bench.takeWritten().map(\.text) == ["[ana] 1", "[ana] 2"])
    #expect(bench.takeSaid() == [.ended(.closed)])
    #expect(!bench.drain())
    #expect(!bench.session.wantsInput)
  }

  // MARK: writes

  @Test func `writes are at least 2 ms apart and an acknowledgement goes first`() {
    let bench = ClassicServerBench.established()
    bench.pass(.seconds(1))
    for number in 1...3 { bench.session.broadcast(name: "ana", text: "\(number)") }
    bench.receive(.data("x"))
    #expect(
      zip(bench.times, bench.times.dropFirst()).allSatisfy { $0.nanoseconds(to: $1) >= 2_000_000 })
    #expect(
      bench.takeWritten().map(\.text) == ["[ana] 1", "ACK for seq 0", "[ana] 2", "[ana] 3"])
  }

  @Test func `a frame that is due is held until the client has had time`() {
    let bench = ClassicServerBench.established()
    bench.pass(.seconds(1))
    bench.session.broadcast(name: "ana", text: "1")
    bench.session.broadcast(name: "ana", text: "2")
    let start = bench.now
    #expect(bench.drain())
    #expect(bench.takeWritten().map(\.text) == ["[ana] 1"])
    #expect(bench.deadline == start.advanced(by: .milliseconds(2)))
    bench.now = start.advanced(by: .microseconds(1_999))
    #expect(bench.drain())
    #expect(bench.takeWritten() == [])
    bench.now = start.advanced(by: .milliseconds(2))
    #expect(bench.drain())
    #expect(bench.takeWritten().map(\.text) == ["[ana] 2"])
    #expect(bench.deadline == .distantFuture)
  }

  @Test func `the ACK is written before the application hears of the text`() {
    let bench = ClassicServerBench.established()
    bench.pass(.seconds(1))
    bench.session.broadcast(name: "ana", text: "1")
    #expect(bench.drain())
    bench.session.receive(ClassicSample.data("x").bytes.span.bytes)
    // The broadcast is written, and the ACK must wait; so must the text.
    #expect(bench.drain())
    #expect(bench.takeSaid() == [])
    bench.pass(.milliseconds(2))
    #expect(bench.takeWritten().last == .ack(0))
    #expect(bench.takeTexts() == ["x"])
  }

  @Test func `what waits is counted in bytes`() {
    let bench = ClassicServerBench.established()
    bench.pass(.seconds(1))
    #expect(bench.session.queuedByteCount == 0)
    let frames = ClassicBroadcastFrames(name: "ana", text: "hello")
    #expect(frames.byteCount == 12 + 11)
    bench.session.broadcast(frames)
    bench.session.broadcast(frames)
    #expect(bench.session.queuedByteCount == 46)
    #expect(bench.drain())
    #expect(bench.session.queuedByteCount == 23)
    bench.pass(.milliseconds(2))
    #expect(bench.session.queuedByteCount == 0)
  }

  @Test func `input is decoded one frame at a time and only when its answer is written`() {
    var configuration = ClassicServerConfiguration()
    configuration.messageByteCountMax = 100
    let bench = ClassicServerBench.established(configuration)
    bench.pass(.seconds(1))
    #expect(bench.session.wantsInput)
    for _ in 0..<20 { bench.session.receive(ClassicSample.data("x").bytes.span.bytes) }
    #expect(!bench.session.wantsInput)
    #expect(bench.drain())
    #expect(bench.takeWritten() == [.ack(0)])
    #expect(bench.takeTexts() == ["x"])
    #expect(bench.session.queuedByteCount == ClassicSample.ack(0).bytes.count)
    bench.pass(.milliseconds(100))
    #expect(bench.takeWritten().count == 19)
    #expect(bench.session.wantsInput)
  }
}
