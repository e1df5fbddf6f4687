internal import ChatWire

/// Watches what one side sends and the acknowledgements that it gets: what is in flight is known
/// from the frames, not from the session.
///
/// At most min(W, A) frames are in flight, first transmissions take the numbers one after the
/// other, a copy is of a frame in flight that is not known to have arrived, is marked as a copy,
/// and has the bytes of the first.
struct SenderCheck: Sendable {
  private struct InFlight: Sendable {
    var header: FrameHeader
    var payloadChecksum: UInt32
    var isMarked: Bool
  }

  private let mode: ARQMode
  private let window: Int
  private let checksum: CRC32
  private var frames: [InFlight]
  private let mask: Int
  private(set) var base: SequenceNumber
  private(set) var next: SequenceNumber
  /// The window last advertised.
  private(set) var advertised: Int

  init(_ agreement: Agreement, initialSequence: SequenceNumber, checksum: CRC32) {
    mode = agreement.mode
    window = agreement.windowSize
    self.checksum = checksum
    advertised = agreement.windowSize
    base = initialSequence.next
    next = base
    var size = 1
    while size < agreement.windowSize { size *= 2 }
    mask = size - 1
    frames = Array(
      repeating: InFlight(
        header: FrameHeader(length: 0, typeCode: 0, sequence: 0, checksum: 0, flags: 0),
        payloadChecksum: 0, isMarked: false),
      count: size)
  }

  var inFlightCount: Int { base.distance(to: next) }

  /// This side got an ACK or NACK.
  mutating func acknowledged(
    by type: FrameType, sequence: SequenceNumber, _ payload: AcknowledgementPayload
  ) {
    let distance = base.distance(to: payload.nextExpected)
    if distance <= inFlightCount {
      base = payload.nextExpected
      advertised = min(window, Int(payload.window))
    } else if !payload.nextExpected.precedes(base) {
      return
    }
    if mode == .selectiveRepeat, type == .ack, base.distance(to: sequence) < inFlightCount {
      frames[Int(sequence.rawValue) & mask].isMarked = true
      while base != next, frames[Int(base.rawValue) & mask].isMarked { base = base.next }
    }
  }

  /// This side sends a sequenced frame.
  mutating func sent(
    _ header: FrameHeader, payload: RawSpan, isCopy: Bool
  ) -> (check: SimulationViolation.Check, sentence: String)? {
    let sequence = SequenceNumber(header.sequence)
    let isFlagged = header.flags & FrameHeader.retransmissionFlag != 0
    guard base.distance(to: sequence) < inFlightCount else {
      return first(header, payload: payload, isFlagged: isFlagged, isCopy: isCopy)
    }
    let original = frames[Int(sequence.rawValue) & mask]
    guard isFlagged else {
      return (.frames, "sends frame \(sequence.rawValue) again without RETRANSMISSION.")
    }
    guard isCopy else {
      return (.frames, "calls a copy of frame \(sequence.rawValue) its first transmission.")
    }
    if original.isMarked {
      return (
        .window, "sends frame \(sequence.rawValue) again, which is known to have arrived."
      )
    }
    guard original.header.typeCode == header.typeCode, original.header.length == header.length,
      original.header.flags & FrameHeader.lastFlag == header.flags & FrameHeader.lastFlag,
      original.payloadChecksum == checksum.checksum(of: payload)
    else {
      return (.frames, "sends other bytes as frame \(sequence.rawValue) than the first time.")
    }
    return nil
  }

  private mutating func first(
    _ header: FrameHeader, payload: RawSpan, isFlagged: Bool, isCopy: Bool
  ) -> (check: SimulationViolation.Check, sentence: String)? {
    let sequence = SequenceNumber(header.sequence)
    guard sequence == next else {
      return (
        .window,
        "sends frame \(sequence.rawValue), but the next number is \(next.rawValue) and the window "
          + "begins at \(base.rawValue)."
      )
    }
    if isFlagged || isCopy {
      return (.frames, "marks frame \(sequence.rawValue) as a copy, but it was not sent before.")
    }
    let limit = min(window, advertised)
    guard inFlightCount < limit else {
      return (
        .window,
        "sends frame \(sequence.rawValue) with \(inFlightCount) frames in flight and a window of "
          + "\(limit)."
      )
    }
    frames[Int(sequence.rawValue) & mask] = InFlight(
      header: header, payloadChecksum: checksum.checksum(of: payload), isMarked: false)
    next = next.next
    return nil
  }
}
