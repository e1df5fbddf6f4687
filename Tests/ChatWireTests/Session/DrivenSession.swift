import ChatWire
import TestSupport
import Testing

/// One session under a script: frames, commands and time go in, outputs in words come out.
///
/// Every drain also checks the contract: it ends, a frame is whole and valid, and the next deadline
/// lies ahead.
struct DrivenSession {
  var session: Session
  var now = Instant.zero
  /// When it wants to be asked again.
  var deadline = Instant.distantFuture
  /// The answer to a request; nil leaves it without one.
  var grant: SessionGrant? = SessionLoop.grant
  /// All frames that it sent.
  var sent: [[UInt8]] = []
  /// What it delivered.
  var delivered: [[UInt8]] = []
  private var isEndSaid = false

  init(_ session: Session) {
    self.session = session
  }

  // MARK: roles

  /// The initial sequence numbers of the scripts; a server's is that of `SessionLoop.grant`.
  static let clientSequence: UInt16 = 1_000
  static let serverSequence: UInt16 = 65_530

  static func client(_ configuration: ClientConfiguration = ClientConfiguration()) -> Self {
    Self(
      Session(
        client: configuration, initialSequence: SequenceNumber(clientSequence), checksum: CRC32(),
        at: .zero))
  }

  static func server(_ configuration: ServerConfiguration = ServerConfiguration()) -> Self {
    Self(Session(server: configuration, checksum: CRC32(), at: .zero))
  }

  /// A client whose handshake took `roundTrip`.
  static func establishedClient(
    _ configuration: ClientConfiguration = ClientConfiguration(),
    roundTrip: Duration = .zero
  ) -> Self {
    var driven = client(configuration)
    _ = driven.drain()
    driven.now = driven.now.advanced(by: roundTrip)
    _ = driven.take(
      frame(
        .synAck, serverSequence,
        synAckOptions(
          mode: configuration.mode, window: UInt16(configuration.windowSize),
          fragment: UInt16(configuration.fragmentSizeMax))))
    driven.sent = []
    return driven
  }

  /// A server whose client asked for this, and whose handshake took `roundTrip`.
  static func establishedServer(
    _ configuration: ServerConfiguration = ServerConfiguration(), mode: ARQMode = .goBackN,
    window: UInt16 = 16, fragment: UInt16 = 1_024, roundTrip: Duration = .zero
  ) -> Self {
    var driven = server(configuration)
    _ = driven.take(
      frame(.syn, clientSequence, synOptions(mode: mode, window: window, fragment: fragment)))
    driven.now = driven.now.advanced(by: roundTrip)
    _ = driven.take(handshakeAck())
    driven.sent = []
    return driven
  }

  // MARK: driving

  /// Takes all outputs.
  mutating func drain(
    outputsMax: Int = 100_000, sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String] {
    var words: [String] = []
    for _ in 0..<outputsMax {
      var buffer: [UInt8] = []
      let output = session.nextOutput(at: now, into: &buffer)
      if case .transmit(let transmission) = output {
        #expect(transmission.byteCount == buffer.count, sourceLocation: sourceLocation)
        sent.append(buffer)
        words.append(describe(buffer, transmission))
        continue
      }
      #expect(buffer.isEmpty, sourceLocation: sourceLocation)
      switch output {
      case .transmit: break
      case .request:
        words.append("request")
        if let grant { session.accept(grant) }
      case .established: words.append("established")
      case .deliver(let type, let bytes):
        delivered.append(bytes)
        words.append("deliver \(type.name) \(brief(bytes))")
      case .oversized(let type, let count): words.append("oversized \(type.name) \(count)")
      case .peerFinished(let reason): words.append("peer finished '\(reason)'")
      case .wait(let until):
        #expect(until > now, "the deadline is in the past", sourceLocation: sourceLocation)
        deadline = until
        return words
      case .ended(let end):
        if !isEndSaid { words.append("ended \(describe(end))") }
        isEndSaid = true
        deadline = .distantFuture
        return words
      }
    }
    Issue.record("a drain does not end", sourceLocation: sourceLocation)
    return words
  }

  /// Hands frames over in one read and drains.
  mutating func take(
    _ frames: [UInt8]..., sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String] {
    let bytes = frames.flatMap { $0 }
    session.receive(bytes.span.bytes)
    return drain(sourceLocation: sourceLocation)
  }

  /// Lets time pass without a drain before its end.
  mutating func wait(
    _ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String] {
    now = now.advanced(by: duration)
    return drain(sourceLocation: sourceLocation)
  }

  /// Goes from deadline to deadline up to a moment; each output with its time in milliseconds.
  mutating func run(
    until end: Duration, sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String] {
    let end = Instant.zero.advanced(by: end)
    var words = drain(sourceLocation: sourceLocation).map { "\(milliseconds): \($0)" }
    var steps = 0
    while deadline <= end, steps < 100_000 {
      steps += 1
      now = deadline
      words += drain(sourceLocation: sourceLocation).map { "\(milliseconds): \($0)" }
    }
    #expect(steps < 100_000, "deadlines make no progress", sourceLocation: sourceLocation)
    now = max(now, end)
    return words
  }

  /// A command, then a drain.
  mutating func send(_ type: FrameType, _ text: String) throws -> [String] {
    try session.send(type, Array(text.utf8))
    return drain()
  }

  var milliseconds: Int64 { now.nanoseconds / 1_000_000 }
}

/// A sent frame in words.
private func describe(_ bytes: [UInt8], _ transmission: Transmission) -> String {
  guard let header = FrameHeader(.native, in: bytes.span.bytes, at: 0) else { return "short" }
  let payload = Array(bytes[11...])
  guard
    CRC32().frameChecksum(header: header, payload: payload.span.bytes) == header.checksum,
    Int(header.length) == payload.count, header.sequence == transmission.sequence.rawValue,
    header.typeCode == transmission.type.rawValue
  else { return "invalid frame" }
  let type = FrameType(rawValue: header.typeCode)
  switch type {
  case .ack, .nack:
    guard let said = AcknowledgementPayload(decoding: payload.span.bytes) else { return "bad ACK" }
    return
      "\(type.name) \(header.sequence) next \(said.nextExpected.rawValue) window \(said.window)"
  case .error: return "ERROR \(payload.first ?? 0)"
  case .ping: return "PING"
  case .pong: return "PONG \(payload.last ?? 0)"
  default: break
  }
  var words = type.isSequenced ? "\(type.name) \(header.sequence)" : type.name
  if header.flags & FrameHeader.lastFlag != 0 { words += " LAST" }
  if header.flags & FrameHeader.retransmissionFlag != 0 { words += " again" }
  if transmission.isRetransmission { words += " (\(transmission.cause))" }
  return words
}

/// A text, or how long it is.
private func brief(_ bytes: [UInt8]) -> String {
  bytes.count <= 40 ? String(decoding: bytes, as: UTF8.self) : "of \(bytes.count) bytes"
}

/// How a session ended, in words.
func describe(_ end: SessionOutcome) -> String {
  var words = "\(end.ending)"
  if let code = end.code { words += " \(code.rawValue)" }
  if end.code == nil, !end.text.isEmpty { words += " '\(end.text)'" }
  return words
}
