// Where a direction begins whose SYN was not seen, or not yet. Captures that are disordered may
// have the SYN behind the first data, and those that begin in the middle have none: only a few more
// packets tell which. Until then the segments of the direction are held here with their times, and
// taken afterwards as if they had just come, so that both directions keep their order.

/// A segment that is held until it is known where its direction begins.
struct OpeningSegment: Sendable {
  var segment: TCPSegment
  var payload: [UInt8]
  var side: Int
  var time: TraceTime?
}

extension TraceEngine {
  /// How many more packets of the capture may bring the SYN: disorder moves packets by a few
  /// places.
  static let openingPackets: UInt64 = 24
  /// How long it may take, in nanoseconds of the capture.
  static let openingAge: Int64 = 1_000_000_000
  /// Segments of one direction lie this close together; others are strays.
  private static let openingDistance: Int32 = 16 << 20

  /// Holds a segment of a direction that has not begun.
  ///
  /// False if it is to be taken at once.
  @inline(never)
  mutating func holdOpening(
    _ segment: TCPSegment, payload: RawSpan, slot: Int32, side: Int
  ) -> Bool {
    guard !segment.flags.contains(.syn), !sides[side].reassembler.hasBegun else { return false }
    if streams[Int(slot)].opening.isEmpty {
      streams[Int(slot)].openingEndsAt = packets &+ Self.openingPackets
      wait(slot)
    }
    streams[Int(slot)].opening.append(
      OpeningSegment(
        segment: segment, payload: unsafe payload.withUnsafeBytes { unsafe Array($0) }, side: side,
        time: time))
    return true
  }

  /// True if what is held must do.
  func isOpeningOver(_ slot: Int32) -> Bool {
    guard let first = streams[Int(slot)].opening.first else { return false }
    if packets >= streams[Int(slot)].openingEndsAt { return true }
    guard let since = first.time?.nanoseconds, latest != .min else { return false }
    return TCPReassembler.hasPassed(Self.openingAge, from: since, to: latest)
  }

  /// The SYN of a direction has come: its segments can be taken.
  @inline(never)
  mutating func takeOpening(slot: Int32, side: Int, into sink: inout some TraceSink) {
    let held = streams[Int(slot)].opening
    streams[Int(slot)].opening = held.filter { $0.side != side }
    replay(held.filter { $0.side == side }, slot: slot, into: &sink)
  }

  /// No SYN came: both directions begin with the lowest sequence number seen.
  @inline(never)
  mutating func endOpening(slot: Int32, into sink: inout some TraceSink) {
    let held = streams[Int(slot)].opening
    guard !held.isEmpty else { return }
    streams[Int(slot)].opening = []
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] where !sides[side].reassembler.hasBegun {
      if let first = beginning(of: held.lazy.filter { $0.side == side }.map(\.segment), side: side)
      {
        var recorder = SegmentRecorder()
        sides[side].reassembler.begin(at: first, into: &recorder)
        play(recorder.outputs, slot: slot, side: side, into: &sink)
      }
    }
    replay(held, slot: slot, into: &sink)
  }

  private mutating func replay(
    _ held: [OpeningSegment], slot: Int32, into sink: inout some TraceSink
  ) {
    let now = time
    for opening in held where !streams[Int(slot)].isOver {
      time = opening.time
      unsafe reassemble(
        opening.segment, payload: opening.payload.span.bytes, slot: slot, side: opening.side,
        into: &sink)
    }
    time = now
  }

  /// The lowest sequence number of the segments that lie together.
  private func beginning(
    of segments: some Sequence<TCPSegment>, side: Int
  ) -> UInt32? {
    let segments = Array(segments)
    func near(_ number: UInt32, _ other: UInt32) -> Bool {
      Int32(bitPattern: number &- other).magnitude <= Self.openingDistance
    }
    var best: (sequence: UInt32, neighbours: Int)?
    for segment in segments {
      let number = segment.sequenceNumber
      let neighbours = segments.count { near($0.sequenceNumber, number) }
      if neighbours > best?.neighbours ?? 0 { best = (number, neighbours) }
    }
    guard let reference = best?.sequence else { return nil }
    let together = segments.filter { near($0.sequenceNumber, reference) }
    let ordered = together.sorted {
      Int32(bitPattern: $0.sequenceNumber &- reference)
        < Int32(bitPattern: $1.sequenceNumber &- reference)
    }
    // A keep-alive lies one before the next byte, and has at most one byte.
    let acknowledged = segments.isEmpty ? nil : sides[side].reassembler.openingAcknowledgement
    let first = ordered.first { segment in
      let isShort =
        segment.payloadLength + segment.missingLength <= 1 && !segment.flags.contains(.fin)
      guard isShort else { return true }
      let following = segment.sequenceNumber &+ 1
      let isFollowed = ordered.contains {
        $0.sequenceNumber == following && segment.payloadLength + segment.missingLength == 0
      }
      return !isFollowed && acknowledged != following
    }
    return (first ?? ordered.first)?.sequenceNumber
  }

  /// True if a SYN cannot belong to what is held of its direction.
  func isForeignToOpening(_ segment: TCPSegment, slot: Int32, side: Int) -> Bool {
    let first = segment.sequenceNumber &+ 1
    return streams[Int(slot)].opening.contains {
      $0.side == side
        && !(0...Self.openingDistance).contains(
          Int32(bitPattern: $0.segment.sequenceNumber &- first))
    }
  }
}
