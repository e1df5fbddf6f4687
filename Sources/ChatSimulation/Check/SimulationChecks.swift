package import ChatWire

/// All checkers of one connection: they see every byte that a side gets, every frame that it sends
/// and every message that it delivers, and keep the first thing that is wrong.
///
/// They know what a session does from the outside only, except for the sizes of its buffers.
public struct SimulationChecks: Sendable {
  /// One side as it is seen from the outside.
  struct Side: Sendable {
    var watch: WireWatch
    var sender: SenderCheck?
    var receiver: ReceiverCheck?
    var fragments = FragmentCheck()
    /// What it was asked to send.
    var sent = SentMessages()
    /// What it delivers of what the other was asked to send.
    var delivery = DeliveryCheck()
    var isEstablished = false
    var end: SessionOutcome?
    /// Frames and damaged frames received, and control frames sent, since it was last quiet.
    var unitCount = 0
    var controlCount = 0
    /// A PING was sent since a closed window holds it back.
    var hasProbed = false
  }

  /// The first thing found.
  public private(set) var violation: SimulationViolation?
  var sides: BothSides<Side>
  private let checksum: CRC32
  let receiveBufferSizeMax: BothSides<Int>
  /// What the first SYN_ACK has settled.
  private(set) var agreement: Agreement?
  /// Whether retries and time may run out; if not, only the script ends a session with an ERROR.
  let hasLimits: Bool
  /// The codes of the ERRORs that were asked for.
  var errorsAsked: [ErrorCode] = []
  private var payload: [UInt8] = []

  package init(client: ClientConfiguration, server: ServerConfiguration, checksum: CRC32) {
    self.checksum = checksum
    hasLimits = client.tuning.timerRetriesMax < .max || server.tuning.timerRetriesMax < .max
    receiveBufferSizeMax = BothSides(
      client: client.tuning.receiveBufferSizeMax, server: server.tuning.receiveBufferSizeMax)
    sides = BothSides(
      client: Side(
        watch: WireWatch(
          limit: max(FrameLimits.controlPayloadMax, client.fragmentSizeMax), checksum: checksum)),
      server: Side(watch: WireWatch(limit: FrameLimits.controlPayloadMax, checksum: checksum)))
  }

  mutating func report(
    _ check: SimulationViolation.Check, _ side: Session.Role, at now: Instant, _ sentence: String
  ) {
    guard violation == nil else { return }
    violation = SimulationViolation(check: check, time: now, side: side, sentence: sentence)
  }

  // MARK: what happens

  package mutating func asked(_ side: Session.Role, toSend type: FrameType, _ bytes: [UInt8]) {
    sides[side].sent.append(type, bytes)
  }

  /// A side gets bytes.
  package mutating func received(_ chunk: RawSpan, by side: Session.Role) {
    var position = 0
    var units = 0
    while let header = sides[side].watch.nextFrame(
      in: chunk, position: &position, payload: &payload, unitCount: &units)
    {
      let type = FrameType(rawValue: header.typeCode)
      if type == .ack || type == .nack {
        if let answer = unsafe AcknowledgementPayload(decoding: payload.span.bytes) {
          sides[side].sender?.acknowledged(
            by: type, sequence: SequenceNumber(header.sequence), answer)
        }
      } else if type.isSequenced {
        if side == .server, agreement != nil { sides.server.isEstablished = true }
        sides[side].receiver?.arrived(SequenceNumber(header.sequence))
      } else if side == .client ? type == .synAck : type == .handshakeAck {
        sides[side].isEstablished = true
      }
    }
    sides[side].unitCount += units
  }

  /// A side sends a frame.
  package mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, at now: Instant
  ) {
    guard let header = FrameHeader(.native, in: frame, at: 0),
      frame.byteCount == Dialect.native.headerSize + Int(header.length)
    else { return report(.frames, side, at: now, "sends bytes that are not one frame.") }
    let payload = frame.extracting(Dialect.native.headerSize..<frame.byteCount)
    let type = FrameType(rawValue: header.typeCode)
    guard checksum.frameChecksum(header: header, payload: payload) == header.checksum else {
      return report(.frames, side, at: now, "sends \(type.name) with a wrong checksum.")
    }
    guard transmission.type == type, transmission.sequence.rawValue == header.sequence,
      transmission.byteCount == frame.byteCount,
      transmission.isLast == (header.flags & FrameHeader.lastFlag != 0)
    else { return report(.frames, side, at: now, "describes \(type.name) otherwise than it is.") }
    if type.isSequenced {
      sequenced(transmission, header, payload, by: side, at: now)
    } else {
      control(transmission, header, payload, by: side, at: now)
    }
  }

  private mutating func sequenced(
    _ transmission: Transmission, _ header: FrameHeader, _ payload: RawSpan,
    by side: Session.Role, at now: Instant
  ) {
    let name = transmission.type.name
    guard header.flags & FrameHeader.reservedFlags == 0 else {
      return report(.frames, side, at: now, "sets reserved flags on \(name).")
    }
    guard sides[side].isEstablished, let agreement else {
      return report(.frames, side, at: now, "sends \(name) before the handshake is complete.")
    }
    if let found = sides[side].sender?.sent(
      header, payload: payload, isCopy: transmission.isRetransmission)
    {
      return report(found.check, side, at: now, found.sentence)
    }
    guard !transmission.isRetransmission else { return }
    let sent = sides[side].sent
    if let sentence = sides[side].fragments.sent(
      header, payload: payload, fragmentSize: agreement.fragmentSizeMax, of: sent)
    {
      report(.frames, side, at: now, sentence)
    }
  }

  private mutating func control(
    _ transmission: Transmission, _ header: FrameHeader, _ payload: RawSpan,
    by side: Session.Role, at now: Instant
  ) {
    let type = transmission.type
    sides[side].controlCount += 1
    if type == .ping { sides[side].hasProbed = true }
    guard header.flags == 0 else {
      return report(.frames, side, at: now, "sets flags on \(type.name), a control frame.")
    }
    guard payload.byteCount <= FrameLimits.controlPayloadMax else {
      return report(
        .frames, side, at: now, "sends \(type.name) with \(payload.byteCount) bytes of payload.")
    }
    if transmission.cause != .control {
      return report(.frames, side, at: now, "gives a reason for sending \(type.name).")
    }
    if type == .ack || type == .nack {
      guard let answer = AcknowledgementPayload(decoding: payload) else {
        return report(.frames, side, at: now, "sends \(type.name) without its four bytes.")
      }
      if let sentence = sides[side].receiver?.sent(type, answer) {
        report(.acknowledgement, side, at: now, sentence)
      } else if sides[side].receiver == nil {
        report(.frames, side, at: now, "sends \(type.name) before the handshake.")
      }
    } else if type == .synAck, agreement == nil {
      begin(header, payload)
    }
  }

  /// The first SYN_ACK says what both sides have to obey.
  private mutating func begin(_ header: FrameHeader, _ payload: RawSpan) {
    guard let options = try? HandshakeOptions.decode(payload, for: .synAck),
      let mode = options.arqMode, let window = options.window, let fragment = options.fragment,
      let acknowledged = options.acknowledges
    else { return }
    let begun = Agreement(
      mode: mode, windowSize: Int(window), fragmentSizeMax: Int(fragment))
    agreement = begun
    let clientSequence = SequenceNumber(acknowledged)
    let serverSequence = SequenceNumber(header.sequence)
    sides.server.watch.limit = max(FrameLimits.controlPayloadMax, begun.fragmentSizeMax)
    for side in Session.Role.both {
      let own = side == .client ? clientSequence : serverSequence
      let other = side == .client ? serverSequence : clientSequence
      sides[side].sender = SenderCheck(begun, initialSequence: own, checksum: checksum)
      sides[side].receiver = ReceiverCheck(
        begun, initialSequence: other, bufferSizeMax: receiveBufferSizeMax[side])
    }
  }

  // MARK: afterwards

  /// A side delivers a message.
  package mutating func delivered(
    _ type: FrameType, _ bytes: [UInt8], by side: Session.Role, at now: Instant
  ) {
    let sent = sides[side.opposite].sent
    if let sentence = sides[side].delivery.delivered(type, bytes, of: sent) {
      report(.delivery, side, at: now, sentence)
    }
  }

  /// A side says that a message was too large.
  package mutating func oversized(_ byteCount: Int, by side: Session.Role, at now: Instant) {
    let sent = sides[side.opposite].sent
    if let sentence = sides[side].delivery.oversized(byteCount, of: sent) {
      report(.delivery, side, at: now, sentence)
    }
  }
}
