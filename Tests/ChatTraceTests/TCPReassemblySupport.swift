import ChatTrace

/// A sink that keeps everything, as a list that a test can compare.
struct RecordingSink: ByteStreamSink {
  enum Output: Equatable {
    case bytes(at: UInt64, [UInt8])
    case gap(at: UInt64, length: UInt64)

    /// Bytes of the sender's stream, whose offset `base` is offset 0 here.
    static func stream(_ range: Range<Int>, base: Int = 0) -> Self {
      .bytes(
        at: UInt64(range.lowerBound),
        Line.bytes(range.lowerBound + base..<range.upperBound + base))
    }
  }

  /// Bytes that follow each other are joined, and so are gaps.
  private(set) var outputs: [Output] = []
  private(set) var remarks: [TCPRemark] = []
  /// How many calls of `bytes` there were.
  private(set) var calls = 0
  private(set) var isMorePromised = false
  /// Set when a promise was broken, or an offset was repeated or left out.
  private(set) var isBroken = false
  private var nextOffset: UInt64 = 0
  /// Whether earlier bytes are remembered, to tell forgeries.
  var remembers = false

  mutating func bytes(_ bytes: RawSpan, at offset: UInt64, moreFollows: Bool) {
    if offset != nextOffset || bytes.isEmpty { isBroken = true }
    isMorePromised = moreFollows
    calls += 1
    nextOffset = offset &+ UInt64(bytes.byteCount)
    let copy = bytes.withUnsafeBytes { Array($0) }
    if case .bytes(let start, let earlier) = outputs.last {
      outputs[outputs.count - 1] = .bytes(at: start, earlier + copy)
    } else {
      outputs.append(.bytes(at: offset, copy))
    }
  }

  mutating func gap(offset: UInt64, length: UInt64) {
    if offset != nextOffset || length == 0 || isMorePromised { isBroken = true }
    nextOffset = offset &+ length
    if case .gap(let start, let earlier) = outputs.last {
      outputs[outputs.count - 1] = .gap(at: start, length: earlier &+ length)
    } else {
      outputs.append(.gap(at: offset, length: length))
    }
  }

  mutating func remark(_ remark: TCPRemark) {
    if isMorePromised { isBroken = true }
    remarks.append(remark)
  }

  func differs(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    guard remembers else { return false }
    for case .bytes(let start, let earlier) in outputs {
      for index in 0..<bytes.byteCount {
        let position = Int(offset) + index - Int(start)
        let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        if earlier.indices.contains(position), earlier[position] != byte { return true }
      }
    }
    return false
  }
}

/// One direction under test: segments are given by their offset in the sender's stream.
struct Line {
  var reassembler: TCPReassembler
  var sink = RecordingSink()
  let initialSequenceNumber: UInt32
  var time: Int64 = 0

  init(initialSequenceNumber: UInt32 = 1000, limits: ReassemblyLimits = .default) {
    reassembler = TCPReassembler(limits: limits)
    self.initialSequenceNumber = initialSequenceNumber
  }

  /// The byte at an offset of the sender's stream.
  static func byte(at offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (offset &* 0x9E37_79B1) >> 13)
  }

  static func bytes(_ range: Range<Int>) -> [UInt8] {
    range.map { byte(at: $0) }
  }

  func sequenceNumber(at offset: Int) -> UInt32 {
    initialSequenceNumber &+ 1 &+ UInt32(truncatingIfNeeded: offset)
  }

  mutating func syn(_ payload: [UInt8] = []) {
    reassembler.receive(
      sequenceNumber: initialSequenceNumber, isSYN: true, isFIN: false,
      payload: payload.span.bytes, missing: 0, time: time, into: &sink)
  }

  /// Bytes of the sender's stream, of which the last `missing` are cut off.
  mutating func segment(_ range: Range<Int>, missing: Int = 0, isFIN: Bool = false) {
    segment(
      at: range.lowerBound, Self.bytes(range.lowerBound..<range.upperBound - missing),
      missing: missing, isFIN: isFIN)
  }

  /// Any bytes, and `missing` more that are cut off.
  mutating func segment(at offset: Int, _ payload: [UInt8], missing: Int = 0, isFIN: Bool = false) {
    reassembler.receive(
      sequenceNumber: sequenceNumber(at: offset), isSYN: false, isFIN: isFIN,
      payload: payload.span.bytes, missing: missing, time: time, into: &sink)
  }

  mutating func acknowledge(_ offset: Int) {
    reassembler.acknowledged(upTo: sequenceNumber(at: offset))
  }

  mutating func advance(to time: Int64) {
    self.time = time
    reassembler.advance(to: time, into: &sink)
  }

  mutating func finish() {
    reassembler.finish(into: &sink)
  }
}
