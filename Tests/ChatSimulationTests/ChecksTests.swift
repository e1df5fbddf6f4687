import ChatSimulation
import ChatWire
import TestSupport
import Testing

/// A conversation as the checkers see it, made by hand, so that it can be wrong.
private struct Observed {
  var checks: SimulationChecks
  let checksum = CRC32()
  let now = Instant.zero

  /// After a handshake with numbers 100 and 200.
  init(mode: ARQMode = .goBackN, window: UInt16 = 2, fragment: UInt16 = 4) {
    var client = ClientConfiguration()
    client.tuning.timerRetriesMax = .max
    var server = ServerConfiguration()
    server.tuning.timerRetriesMax = .max
    checks = SimulationChecks(client: client, server: server, checksum: checksum)
    var options = HandshakeOptions()
    options.version = 1
    options.mode = mode.rawValue
    options.window = window
    options.fragment = fragment
    options.maxMessage = 1_000
    options.acknowledges = 100
    options.session = [1, 2, 3, 4, 5, 6, 7, 8]
    options.nickname = [0x61]
    var payload: [UInt8] = []
    try? options.encode(for: .synAck, into: &payload)
    travel(.synAck, 200, payload, from: .server)
    travel(.handshakeAck, 200, [7, 8, 1, 2, 3, 4, 5, 6, 7, 8], from: .client)
  }

  func bytes(
    _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8], isLast: Bool, isCopy: Bool
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    Frame(
      type, sequence: SequenceNumber(sequence), payload: payload, isLast: isLast,
      isRetransmission: isCopy)?.encode(into: &bytes, checksum: checksum)
    return bytes
  }

  /// A side sends a frame, which does not arrive.
  mutating func send(
    _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [], isLast: Bool = false,
    isCopy: Bool = false, cause: Transmission.Cause? = nil, from side: Session.Role = .client
  ) {
    let frame = bytes(type, sequence, payload, isLast: isLast, isCopy: isCopy)
    let usual: Transmission.Cause = type.isSequenced ? (isCopy ? .timeout : .first) : .control
    checks.sent(
      Transmission(
        type: type, sequence: SequenceNumber(sequence), byteCount: frame.count, isLast: isLast,
        cause: cause ?? usual),
      frame.span.bytes, by: side, at: now)
  }

  /// A side sends a frame, which arrives.
  mutating func travel(
    _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [], isLast: Bool = false,
    isCopy: Bool = false, from side: Session.Role = .client
  ) {
    send(type, sequence, payload, isLast: isLast, isCopy: isCopy, from: side)
    let frame = bytes(type, sequence, payload, isLast: isLast, isCopy: isCopy)
    checks.received(frame.span.bytes, by: side.opposite)
  }

  mutating func acknowledge(
    _ sequence: UInt16, next: UInt16, window: UInt16 = 2
  ) {
    var payload: [UInt8] = []
    AcknowledgementPayload(nextExpected: SequenceNumber(next), window: window)
      .encode(into: &payload)
    travel(.ack, sequence, payload, from: .server)
  }

  mutating func ask(_ text: String, of side: Session.Role = .client) {
    checks.asked(side, toSend: .data, Array(text.utf8))
  }

  var sentence: String? { checks.violation.map { "\($0.check.rawValue): \($0.sentence)" } }
}

@Suite("Checks") struct ChecksTests {
  /// A conversation and what is wrong with it.
  private struct Wrong: Sendable {
    var name: String
    var happens: @Sendable (inout Observed) -> Void
  }

  private static let wrongs: [Wrong] = [
    Wrong(name: "nothing") {
      $0.ask("abcdef")
      $0.travel(.data, 101, Array("abcd".utf8))
      $0.acknowledge(101, next: 102)
      $0.travel(.data, 102, Array("ef".utf8), isLast: true)
      $0.checks.delivered(.data, Array("abcdef".utf8), by: .server, at: .zero)
    },
    Wrong(name: "more than the window in flight") {
      $0.ask("abcdefghijkl")
      $0.travel(.data, 101, Array("abcd".utf8))
      $0.travel(.data, 102, Array("efgh".utf8))
      $0.travel(.data, 103, Array("ijkl".utf8), isLast: true)
    },
    Wrong(name: "more than the advertised window in flight") {
      $0.ask("abcdefgh")
      $0.travel(.data, 101, Array("abcd".utf8))
      $0.acknowledge(101, next: 102, window: 0)
      $0.travel(.data, 102, Array("efgh".utf8), isLast: true)
    },
    Wrong(name: "a number is left out") {
      $0.ask("abcd")
      $0.travel(.data, 102, Array("abcd".utf8), isLast: true)
    },
    Wrong(name: "a number is used again") {
      $0.ask("abcd")
      $0.ask("efgh")
      $0.travel(.data, 101, Array("abcd".utf8), isLast: true)
      $0.acknowledge(101, next: 102)
      $0.travel(.data, 101, Array("efgh".utf8), isLast: true)
    },
    Wrong(name: "a copy without the flag") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abcd".utf8), isLast: true)
      $0.send(.data, 101, Array("abcd".utf8), isLast: true, cause: .timeout)
    },
    Wrong(name: "a first transmission with the flag") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abcd".utf8), isLast: true, isCopy: true)
    },
    Wrong(name: "a copy with other bytes") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abcd".utf8), isLast: true)
      $0.send(.data, 101, Array("abce".utf8), isLast: true, isCopy: true)
    },
    Wrong(name: "no LAST") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abcd".utf8))
    },
    Wrong(name: "LAST too early") {
      $0.ask("abcdef")
      $0.send(.data, 101, Array("abcd".utf8), isLast: true)
    },
    Wrong(name: "a fragment that is too short") {
      $0.ask("abcdef")
      $0.send(.data, 101, Array("abc".utf8))
    },
    Wrong(name: "a fragment that is too long") {
      $0.ask("abcdef")
      $0.send(.data, 101, Array("abcdef".utf8), isLast: true)
    },
    Wrong(name: "other bytes than those of the message") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abxd".utf8), isLast: true)
    },
    Wrong(name: "a message that nobody asked for") {
      $0.send(.data, 101, Array("abcd".utf8), isLast: true)
    },
    Wrong(name: "FIN before everything is sent") {
      $0.ask("abcd")
      $0.send(.fin, 101, isLast: true)
    },
    Wrong(name: "a message after FIN") {
      $0.send(.fin, 101, isLast: true)
      $0.ask("abcd")
      $0.send(.data, 102, Array("abcd".utf8), isLast: true)
    },
    Wrong(name: "acknowledged before it arrived") {
      $0.ask("abcd")
      $0.send(.data, 101, Array("abcd".utf8), isLast: true)
      $0.acknowledge(101, next: 102)
    },
    Wrong(name: "an acknowledgement is taken back") {
      $0.ask("abcd")
      $0.travel(.data, 101, Array("abcd".utf8), isLast: true)
      $0.acknowledge(101, next: 102)
      $0.acknowledge(100, next: 101)
    },
    Wrong(name: "a window beyond the one that was agreed on") {
      $0.acknowledge(100, next: 101, window: 3)
    },
    Wrong(name: "a message is delivered twice") {
      $0.ask("abcd")
      $0.checks.delivered(.data, Array("abcd".utf8), by: .server, at: .zero)
      $0.checks.delivered(.data, Array("abcd".utf8), by: .server, at: .zero)
    },
    Wrong(name: "messages are delivered in the wrong order") {
      $0.ask("abcd")
      $0.ask("efgh")
      $0.checks.delivered(.data, Array("efgh".utf8), by: .server, at: .zero)
    },
    Wrong(name: "a message is delivered without its end") {
      $0.ask("abcd")
      $0.checks.delivered(.data, Array("abc".utf8), by: .server, at: .zero)
    },
    Wrong(name: "a good end without all messages") {
      $0.ask("abcd")
      $0.checks.ended(.server, SessionOutcome(.clean), at: .zero)
    },
    Wrong(name: "an ERROR without reason") {
      $0.checks.ended(.server, SessionOutcome(.failed, code: .protocolViolation), at: .zero)
      $0.checks.ended(
        .client, SessionOutcome(.failedByPeer, code: .protocolViolation), at: .zero)
      $0.checks.finished(isDisturbed: false, at: .zero)
    },
    Wrong(name: "an abrupt end that nobody caused") {
      $0.checks.ended(.server, SessionOutcome(.abrupt), at: .zero)
      $0.checks.ended(.client, SessionOutcome(.clean), at: .zero)
      $0.checks.finished(isDisturbed: false, at: .zero)
    },
    Wrong(name: "too many answers") {
      for _ in 0..<10 { $0.acknowledge(100, next: 101) }
      $0.checks.quiet(.server, SessionStatus(), at: .zero)
    },
    Wrong(name: "a frame without an ACK") {
      $0.ask("abcd")
      $0.travel(.data, 101, Array("abcd".utf8), isLast: true)
      $0.checks.quiet(.server, SessionStatus(), at: .zero)
    },
    Wrong(name: "a closed window that is not probed") {
      $0.checks.received(
        $0.bytes(.synAck, 200, [], isLast: false, isCopy: false).span.bytes, by: .client)
      $0.acknowledge(100, next: 101, window: 0)
      var status = SessionStatus()
      status.queuedMessageCount = 1
      $0.checks.quiet(.client, status, at: .zero)
    },
    Wrong(name: "more frames kept than the window") {
      var status = SessionStatus()
      status.bufferedFrameCount = 3
      $0.checks.quiet(.server, status, at: .zero)
    },
    Wrong(name: "more bytes queued than there were to send") {
      var status = SessionStatus()
      status.queuedByteCount = 10_000
      $0.checks.quiet(.client, status, at: .zero)
    },
  ]

  @Test func `each checker says what is wrong in one sentence`() {
    var text = ""
    for wrong in Self.wrongs {
      var observed = Observed()
      wrong.happens(&observed)
      #expect((observed.sentence == nil) == (wrong.name == "nothing"), "\(wrong.name)")
      text += "\(wrong.name)\n  \(observed.sentence ?? "fine")\n"
    }
    expectGolden(text, named: "checks.txt")
  }

  @Test func `a frame before the handshake is found`() {
    var checks = SimulationChecks(
      client: ClientConfiguration(), server: ServerConfiguration(), checksum: CRC32())
    var bytes: [UInt8] = []
    Frame(.data, sequence: SequenceNumber(1), payload: [1], isLast: true)?
      .encode(into: &bytes, checksum: CRC32())
    checks.sent(
      Transmission(
        type: .data, sequence: SequenceNumber(1), byteCount: bytes.count, isLast: true,
        cause: .first),
      bytes.span.bytes, by: .client, at: .zero)
    #expect(checks.violation?.check == .frames)
  }

  @Test func `a Selective Repeat frame that has arrived is not to be sent again`() {
    var observed = Observed(mode: .selectiveRepeat, window: 4)
    for text in ["abcd", "efgh"] { observed.ask(text) }
    observed.send(.data, 101, Array("abcd".utf8), isLast: true)
    observed.travel(.data, 102, Array("efgh".utf8), isLast: true)
    observed.acknowledge(102, next: 101, window: 4)
    observed.send(.data, 101, Array("abcd".utf8), isLast: true, isCopy: true)
    #expect(observed.sentence == nil)
    observed.send(.data, 102, Array("efgh".utf8), isLast: true, isCopy: true)
    #expect(observed.checks.violation?.check == .window)
  }
}
