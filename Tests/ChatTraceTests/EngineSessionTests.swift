import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Sessions made by hand: handshakes, endings, windows, and what breaks the rules.
@Suite("Sessions") struct EngineSessionTests {
  /// A handshake with window 4, fragments of 16 bytes.
  static func opened(mode: UInt8 = 2, clientISN: UInt16 = 100, serverISN: UInt16 = 500) -> Dialogue
  {
    var dialogue = Dialogue()
    dialogue.client(native(.syn, clientISN, syn(mode: mode)))
    dialogue.server(native(.synAck, serverISN, synAck(mode: mode, acknowledges: clientISN)))
    dialogue.client(native(.handshakeAck, serverISN, [7, 8, 1, 2, 3, 4, 5, 6, 7, 8]))
    return dialogue
  }

  static func syn(mode: UInt8 = 2, window: UInt8 = 4) -> [UInt8] {
    SimulatedSession.options([(1, [1]), (2, [mode]), (3, [0, window]), (4, [0, 16])])
  }

  static func synAck(mode: UInt8 = 2, window: UInt8 = 4, acknowledges: UInt16) -> [UInt8] {
    syn(mode: mode, window: window)
      + SimulatedSession.options([
        (5, [0, 16, 0, 0]), (6, SimulatedSession.two(Int(acknowledges))),
        (7, [1, 2, 3, 4, 5, 6, 7, 8]), (8, Array("ana".utf8)), (9, Array("srv".utf8)),
      ])
  }

  static func data(_ sequence: UInt16, _ text: String, isLast: Bool = true, isCopy: Bool = false)
    -> [UInt8]
  {
    native(.data, sequence, Array(text.utf8), flags: (isLast ? 1 : 0) | (isCopy ? 2 : 0))
  }

  static func ack(_ sequence: UInt16, _ nextExpected: UInt16, _ window: UInt16 = 4) -> [UInt8] {
    native(.ack, sequence, acknowledgement(nextExpected, window))
  }

  static func nack(_ sequence: UInt16, _ nextExpected: UInt16) -> [UInt8] {
    native(.nack, sequence, acknowledgement(nextExpected, 4))
  }

  static func fins(_ dialogue: inout Dialogue, client: UInt16, server: UInt16) {
    dialogue.client(native(.fin, client, Array("bye".utf8), flags: 1))
    dialogue.server(ack(client, client &+ 1))
    dialogue.server(native(.fin, server, flags: 1))
    dialogue.client(ack(server, server &+ 1))
  }

  static func trace(_ dialogue: Dialogue, ending: Int = 1) -> Trace {
    EngineAnalysisTests.trace(dialogue, ending: ending)
  }

  // MARK: handshake

  @Test func `the handshake gives the values in force`() {
    let trace = Self.trace(Self.opened())
    let session = trace.records.first { $0.event.kind == .session }?.event
    #expect(session?.state == .established)
    #expect(session?.mode == .selectiveRepeat)
    #expect(session?.window == 4)
    #expect(session?.fragmentSize == 16)
    let options = trace.frames[1].event.options
    #expect(options.map(\.name).prefix(4) == ["version", "mode", "window", "fragment"])
    #expect(options.contains(Option("nickname", .text("ana"))))
    #expect(trace.frames[1].event.nickname == "ana")
    #expect(trace.frames[1].causes(.handshakeAnswers) == [1])
    #expect(trace.frames[2].causes(.handshakeCompletes) == [2])
    #expect(trace.frames[1].event.roundTripNanoseconds == 1_000_000)
    #expect(!trace.frames.contains { $0.has(.handshakeChanged) || $0.has(.handshakeMalformed) })
  }

  @Test func `a server that answers with other values is noted`() {
    var dialogue = Dialogue()
    dialogue.client(native(.syn, 9, Self.syn(mode: 2, window: 8)))
    dialogue.client(native(.syn, 9, Self.syn(mode: 2, window: 8)))
    dialogue.server(native(.synAck, 5, Self.synAck(mode: 1, window: 3, acknowledges: 8)))
    dialogue.server(native(.synAck, 5, Self.synAck(mode: 1, window: 3, acknowledges: 9)))
    dialogue.client(Self.data(10, "hello"))
    let trace = Self.trace(dialogue)
    #expect(trace.frames[1].causes(.handshakeRepeated) == [1])
    #expect(trace.frames[2].note(.handshakeForeign)?.first == 8)
    #expect(
      trace.frames[3].note(.handshakeChanged)?.detail
        == "mode Go-Back-N, window 3 instead of 8")
    #expect(trace.frames[4].causes(.handshakeImplied) == [4])
    #expect(trace.frames[4].event.text == "hello")
    #expect(trace.frames[4].event.sender?.window == 3)
  }

  @Test(
    "malformed options are an error",
    arguments: [
      [1, 1, 1, 2, 1], [1, 1, 1], [1, 1, 1, 2, 1, 2, 3, 2, 0, 4, 4, 2, 0, 16, 3, 2, 0, 4],
      [1, 2, 1, 1, 2, 1, 2, 3, 2, 0, 4, 4, 2, 0, 16],
    ] as [[UInt8]])
  func malformed(_ options: [UInt8]) {
    var dialogue = Dialogue()
    dialogue.client(native(.syn, 1, options))
    dialogue.server(native(.error, 0, [2] + Array("bad handshake".utf8)))
    let trace = Self.trace(dialogue)
    #expect(trace.frames[0].has(.handshakeMalformed))
    #expect(trace.frames[0].note(.handshakeMalformed)?.section == "3.1")
    #expect(trace.frames[1].event.code == 2)
    #expect(trace.frames[1].event.reason == "bad handshake")
    #expect(trace.end == .refused)
  }

  // MARK: endings

  @Test func `every way to end is told`() {
    var clean = Self.opened()
    clean.client(Self.data(101, "hi"))
    clean.server(Self.ack(101, 102))
    Self.fins(&clean, client: 102, server: 501)
    #expect(Self.trace(clean).end == .clean)
    #expect(Self.trace(clean, ending: 2).end == .clean)
    #expect(Self.trace(clean, ending: 0).end == .clean)
    #expect(Self.trace(clean).frames[5].event.reason == "bye")

    var unconfirmed = clean
    unconfirmed.chunks.removeLast()
    #expect(Self.trace(unconfirmed).end == .unconfirmed)

    var abrupt = clean
    abrupt.chunks.removeLast(4)
    #expect(Self.trace(abrupt).end == .abrupt)
    #expect(Self.trace(abrupt, ending: 2).end == .reset)
    #expect(Self.trace(abrupt, ending: 0).end == .open)

    var error = abrupt
    error.server(native(.error, 0, [8] + Array("retries".utf8)))
    let trace = Self.trace(error)
    #expect(trace.end == .error)
    #expect(trace.frames.last?.note(.sessionError)?.first == 8)
    let closed = trace.records.last { $0.event.kind == .session }
    #expect(closed?.event.state == .closed)

    var full = Dialogue()
    full.client(native(.syn, 1, Self.syn()))
    full.server(native(.error, 0, [4] + Array("server full".utf8)))
    #expect(Self.trace(full).end == .refused)
  }

  @Test func `a message after FIN breaks the protocol`() {
    var dialogue = Self.opened()
    dialogue.client(native(.fin, 101, flags: 1))
    dialogue.client(Self.data(102, "more"))
    let trace = Self.trace(dialogue)
    #expect(trace.frames[4].causes(.messageAfterFin) == [4])
    #expect(trace.frames[4].note(.messageAfterFin)?.section == "7")
  }

  // MARK: acknowledgements and windows

  @Test func `answers name what they answer`() {
    var dialogue = Self.opened()
    for index in UInt16(101)...104 { dialogue.client(Self.data(index, "m\(index)")) }  // 4...7
    dialogue.server(Self.ack(101, 102))  // 8
    dialogue.server(Self.ack(103, 102))  // 9: alone
    dialogue.server(Self.nack(102, 102))  // 10: good here
    dialogue.client(Self.data(102, "m102", isCopy: true))  // 11
    dialogue.server(Self.ack(102, 104))  // 12
    dialogue.server(Self.ack(101, 102))  // 13: stale
    dialogue.server(Self.ack(104, 105))  // 14
    dialogue.server(Self.ack(104, 105))  // 15: again
    dialogue.server(Self.nack(101, 105))  // 16: stale
    let trace = Self.trace(dialogue)
    let frames = trace.frames
    #expect(frames[6].has(.windowFull))
    #expect(frames[7].causes(.acknowledges) == [4])
    #expect(frames[8].causes(.acknowledgesSelectively) == [6])
    #expect(frames[8].event.receiver == ReceiverWindow(nextExpected: 102, window: 4, buffered: 1))
    #expect(frames[9].causes(.nackLostLater) == [5])
    #expect(frames[10].causes(.retransmissionNack) == [5, 10])
    #expect(frames[10].event.attempt == 2)
    #expect(frames[10].event.text == nil)
    #expect(frames[11].causes(.acknowledges) == [11, 6])
    #expect(frames[11].event.receiver == ReceiverWindow(nextExpected: 104, window: 4, buffered: 0))
    #expect(frames[11].event.roundTripNanoseconds == nil)
    #expect(frames[12].has(.acknowledgementStale))
    #expect(frames[13].causes(.acknowledges) == [7])
    #expect(frames[13].event.roundTripNanoseconds == 7_000_000)
    #expect(frames[14].causes(.acknowledgementDuplicate) == [14])
    #expect(frames[15].has(.nackStale))
    #expect(
      frames[15].event.sender == SenderWindow(base: 105, next: 105, inFlight: 0, window: 4))
  }

  @Test func `a NACK tells damage from loss`() {
    var dialogue = Self.opened(mode: 1)
    var damaged = Self.data(101, "damaged")
    damaged[12] ^= 1
    dialogue.client(damaged)  // 4
    dialogue.server(Self.nack(101, 101))  // 5
    dialogue.client(Self.data(101, "damaged", isCopy: true))  // 6
    dialogue.server(Self.ack(101, 102))  // 7
    dialogue.client(Self.data(103, "ahead"))  // 8; 102 was lost before
    dialogue.server(Self.nack(102, 102))  // 9
    dialogue.client(Self.data(102, "late", isCopy: true))  // 10
    dialogue.client(Self.data(103, "ahead", isCopy: true))  // 11
    let frames = Self.trace(dialogue).frames
    #expect(frames[3].has(.corrupt) && frames[3].event.attempt == 1)
    #expect(frames[4].causes(.nackCorrupt) == [4])
    #expect(frames[5].causes(.retransmissionNack) == [4, 5])
    #expect(frames[5].event.text == "damaged")
    #expect(frames[7].note(.skipped)?.second == 102)
    #expect(frames[8].causes(.nackMissing) == [8])
    #expect(frames[9].causes(.retransmissionUnseen) == [9])
    #expect(frames[9].event.text == "late\nahead" || frames[9].event.text == "late")
    #expect(frames[10].causes(.retransmissionGoBack) == [8, 10])
  }

  @Test func `windows close and open`() {
    var dialogue = Self.opened()
    dialogue.client(Self.data(101, "a"))
    dialogue.server(Self.ack(101, 102, 0))
    dialogue.client(native(.ping, 0, [1, 2, 3, 4, 5, 6, 7, 8]))
    dialogue.server(native(.pong, 0, [1, 2, 3, 4, 5, 6, 7, 8]))
    dialogue.server(Self.ack(101, 102, 3))
    for index in UInt16(102)...106 { dialogue.client(Self.data(index, "b")) }
    let frames = Self.trace(dialogue).frames
    #expect(frames[4].has(.windowZero))
    #expect(frames[4].event.sender?.window == 0)
    #expect(frames[6].causes(.pong) == [6])
    #expect(frames[7].note(.windowUpdate)?.second == 3)
    #expect(frames[10].has(.windowFull))
    #expect(frames[12].note(.windowOverrun)?.first == 5)
    #expect(frames[12].event.receiver?.window == 3)
  }

  @Test func `sequence numbers wrap around`() {
    var dialogue = Self.opened(clientISN: 65_533)
    for index in 0..<6 {
      let sequence = UInt16(65_534) &+ UInt16(index)
      dialogue.client(Self.data(sequence, "m\(index)"))
      dialogue.server(Self.ack(sequence, sequence &+ 1))
    }
    let trace = Self.trace(dialogue)
    #expect(trace.texts == (0..<6).map { "m\($0)" })
    #expect(trace.frames.last?.event.sender?.base == 4)
    #expect(!trace.frames.contains { $0.has(.skipped) || $0.has(.outOfOrder) })
  }

  @Test func `in the middle of a message a fragment number is unknown`() {
    var dialogue = Self.opened()
    dialogue.client(Self.data(101, "one ", isLast: false))
    dialogue.client(Self.data(102, "two ", isLast: false))
    dialogue.client(Self.data(103, "three"))
    dialogue.client(Self.data(104, "four"))
    var random = SeededGenerator(seed: 1)
    var plan = WirePlan()
    plan.acknowledges = false
    plan.coalesces = false
    plan.sizes = 60_000...60_000
    let all = plan.segments(dialogue, using: &random)
    let start = all.firstIndex { $0.payload == Self.data(102, "two ", isLast: false) } ?? 0
    let frames = ChatTraceTests.trace(Wrapping().packets(Array(all[start...]))).frames
    #expect(frames.map(\.event.message) == [1, 1, 2])
    #expect(frames.map(\.event.fragment) == [nil, nil, 1])
    #expect(frames.map(\.event.text) == [nil, nil, "four"])
  }

  @Test func `payloads that break the rules are told`() {
    var dialogue = Self.opened()
    dialogue.client(native(.data, 101, [0xFF, 0xFE], flags: 1))
    dialogue.client(native(.nick, 102, Array("x".utf8), flags: 1))
    dialogue.client(native(.data, 103, Array("half".utf8)))
    dialogue.client(native(.who, 104, flags: 1))
    dialogue.client(native(.ack, 1, [1, 2, 3]))
    dialogue.client(native(FrameType(rawValue: 0x30), 0, []))
    dialogue.client(native(FrameType(rawValue: 0x41), 105, [1], flags: 1))
    dialogue.server(
      native(
        .data, 501, [0, 0, 1, 0x8B, 0xCF, 0xE5, 0x68, 0, 3] + Array("biahello".utf8), flags: 1))
    dialogue.server(native(.notice, 502, [1] + Array("caio".utf8), flags: 1))
    let frames = Self.trace(dialogue).frames
    #expect(frames[3].has(.messageInvalid))
    #expect(frames[4].event.nickname == "x")
    #expect(frames[6].has(.messageTypeChanged))
    #expect(frames[7].has(.malformed))
    #expect(frames[8].has(.unknownType))
    #expect(frames[9].event.message != nil)
    #expect(frames[10].event.text == "hello" && frames[10].event.nickname == "bia")
    #expect(frames[11].event.code == 1 && frames[11].event.nickname == "caio")
  }

  // MARK: classic

  @Test func `a classic session is told in its own terms`() throws {
    let trace = try ChatTraceTests.trace(
      file: try CaptureFixture.bytes("d_corruption.pcap"))
    let copies = trace.frames(1, .clientToServer).filter { $0.event.message == 2 }
    #expect(copies.map(\.event.attempt) == [1, 2, 3, 4, 5, 6, 7])
    for (copy, earlier) in zip(copies.dropFirst(), copies) {
      #expect(
        copy.causes(.classicRetransmission) == [earlier.event.frame, earlier.event.frame + 1])
    }
    #expect(copies.map(\.event.text) == ["abc", nil, nil, nil, nil, nil, nil])
    let ends = trace.records.filter { $0.event.end != nil }
      .sorted { $0.event.stream < $1.event.stream }.map(\.event.end)
    #expect(ends == [.clean, .reset, .abrupt, .clean])
    #expect(trace.frames(1, .clientToServer).contains { $0.has(.classicChannel) })
    let broadcast = trace.frames(0, .serverToClient).filter { $0.has(.classicBroadcast) }
    #expect(broadcast.map(\.event.text) == ["before", "after reset"])
    #expect(broadcast.map(\.event.nickname) == ["127.0.0.1:52054", "ivo"])
  }

  @Test func `classic copies are told from equal messages`() {
    var dialogue = Dialogue()
    dialogue.client(classic(.setNick, 0, "ana"))
    dialogue.client(classic(.data, 0, "abc", isLast: true))  // 2
    dialogue.client(classic(.data, 0, "xyz", isLast: true))  // 3: not waited
    dialogue.server(classic(.ack, 0, "ACK for seq 0"))
    dialogue.server(classic(.ack, 0, "ACK for seq 0"))
    dialogue.client(classic(.data, 0, "xyz", isLast: true))  // 6: a third message
    dialogue.server(classic(.nack, 0, "NACK for seq 0"))
    dialogue.client(classic(.data, 0, "xyz", isLast: true))  // 8: its copy
    let frames = Self.trace(dialogue).frames
    #expect(frames.map(\.event.message) == [nil, 1, 2, nil, nil, 3, nil, 3])
    #expect(frames.map(\.event.attempt) == [nil, 1, 1, nil, nil, 1, nil, 2])
    #expect(frames[2].causes(.classicPipelined) == [2])
    #expect(frames.map(\.event.text) == [nil, "abc", "xyz", nil, nil, "xyz", nil, nil])
    #expect(frames[7].causes(.classicRetransmission) == [6, 7])
  }
}
