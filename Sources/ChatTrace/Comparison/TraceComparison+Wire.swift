import ChatWire

// Every frame of each direction, in its order.

extension TraceComparison {
  private struct Key: Equatable {
    var typeCode: UInt8
    var sequence: UInt16
    var byteCount: UInt64
    var flags: UInt8
    var isGood: Bool
    var payloadChecksum: UInt32
  }

  mutating func compareWire(_ session: ComparedPair<StorySession>) {
    for direction in [Direction.clientToServer, .serverToClient] {
      let left = frames(traces.first, session.first.stream, direction)
      let right = frames(traces.second, session.second.stream, direction)
      let pairs = SequenceAlignment.pairs(left.map(key), right.map(key)) { i, j in
        left[i].typeCode == right[j].typeCode
      }
      for pair in pairs {
        compare(
          ComparedPair(pair.first.map { left[$0] }, pair.second.map { right[$0] }), session,
          direction)
      }
    }
  }

  private func key(_ frame: ComparedFrame) -> Key {
    Key(
      typeCode: frame.typeCode, sequence: isIgnored("sequence") ? 0 : frame.sequence,
      byteCount: isIgnored("length") ? 0 : frame.byteCount,
      flags: isIgnored("flags") ? 0 : frame.flags,
      isGood: isIgnored("checksum") || frame.isGood,
      payloadChecksum: isIgnored("payload_hex") ? 0 : frame.payloadChecksum)
  }

  private mutating func compare(
    _ pair: ComparedPair<ComparedFrame?>, _ session: ComparedPair<StorySession>,
    _ direction: Direction
  ) {
    var difference = difference(
      .wire, session, "frame", pair.first.map(Self.words), pair.second.map(Self.words),
      frames: ComparedPair(pair.first?.frame ?? 0, pair.second?.frame ?? 0))
    difference.direction = direction
    guard let left = pair.first, let right = pair.second else {
      add(difference)
      return
    }
    difference.type = FrameType(rawValue: left.typeCode).name
    for (field, first, second) in [
      ("sequence", String(left.sequence), String(right.sequence)),
      ("length", String(left.byteCount), String(right.byteCount)),
      ("flags", String(left.flags), String(right.flags)),
      ("checksum", left.isGood ? "good" : "bad", right.isGood ? "good" : "bad"),
    ] where first != second {
      difference.field = field
      difference.values = ComparedPair(first, second)
      add(difference)
    }
    if left.payloadChecksum != right.payloadChecksum, left.byteCount == right.byteCount {
      difference.field = "payload_hex"
      difference.values = ComparedPair(
        "CRC-32 " + String(left.payloadChecksum, radix: 16),
        "CRC-32 " + String(right.payloadChecksum, radix: 16))
      add(difference)
    }
  }

  private static func words(_ frame: ComparedFrame) -> String {
    "\(FrameType(rawValue: frame.typeCode).name) \(frame.sequence), \(frame.byteCount) bytes, "
      + "flags \(frame.flags)"
  }
}
