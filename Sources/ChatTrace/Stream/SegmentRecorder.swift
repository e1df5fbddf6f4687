/// Keeps what a reassembler gives out, so that the engine can deal with it afterwards: the path of
/// segments that are not simply the next one.
struct SegmentRecorder: ByteStreamSink {
  enum Output {
    case bytes([UInt8], moreFollows: Bool)
    case gap(offset: UInt64, length: UInt64)
    case differs
  }

  var outputs: [Output] = []

  mutating func bytes(_ bytes: RawSpan, at offset: UInt64, moreFollows: Bool) {
    let copy = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    outputs.append(.bytes(copy, moreFollows: moreFollows))
  }

  mutating func gap(offset: UInt64, length: UInt64) {
    outputs.append(.gap(offset: offset, length: length))
  }

  mutating func remark(_ remark: TCPRemark) {
    switch remark {
    case .overlapDiffers: outputs.append(.differs)
    case .retransmission, .overlap, .outOfOrder, .keepAlive, .late, .beforeBeginning,
      .implausible, .synChanged, .finChanged, .dataAfterFin:
      break  // The normal course of TCP: frames are not touched by it.
    }
  }
}
