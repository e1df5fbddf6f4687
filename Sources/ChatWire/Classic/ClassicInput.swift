/// The receiving end of a classic endpoint: bytes in, one frame at a time out.
///
/// What arrives is only kept; a frame is cut off when somebody asks for it, so an endpoint that is
/// held up decodes nothing ahead.
struct ClassicInput: Sendable {
  /// What comes next in the stream.
  enum Item: Equatable {
    /// A frame with a valid checksum; its payload is in `payload`.
    case frame(FrameHeader)
    /// A frame with a bad checksum, or a run of bytes that begins with this header.
    case damaged(FrameHeader)
    /// A frame that claims more payload than `payloadMax`.
    case tooLong(byteCount: Int)
    /// No frame was found in more than 1 MiB.
    case framingLost
  }

  /// Storage above this is given back: thousands of sessions may wait with theirs empty.
  private static let keptCapacityMax = 64 << 10

  private var decoder: FrameDecoder
  private let checksum = CRC32()
  /// True if a frame that claims too much ends the matter, false if it is bytes to be skipped.
  private let refusesLongFrames: Bool
  /// True once the peer has said that nothing more will come.
  private(set) var isAtEnd = false
  /// The payload of the last `frame`.
  private(set) var payload: [UInt8] = []

  init(payloadMax: Int, refusesLongFrames: Bool) {
    decoder = FrameDecoder(.classic, limit: payloadMax)
    self.refusesLongFrames = refusesLongFrames
  }

  /// The longest payload that a frame may have.
  var payloadMax: Int {
    get { decoder.limit }
    set { decoder.limit = newValue }
  }

  /// Bytes that were not looked at yet, or belong to a frame that is not complete.
  var byteCount: Int { decoder.pendingByteCount }

  /// True unless what is here is enough for the longest frame.
  var wantsBytes: Bool {
    !isAtEnd && byteCount < Dialect.classic.headerSize &+ payloadMax
  }

  mutating func receive(_ bytes: RawSpan) {
    decoder.append(bytes)
  }

  mutating func end() {
    isAtEnd = true
  }

  /// The next item; nil if more bytes are needed.
  mutating func next() -> Item? {
    if refusesLongFrames, let length = decoder.claimedLength, length > payloadMax {
      return .tooLong(byteCount: length)
    }
    let nothing: [UInt8] = []
    var position = 0
    guard
      let unit = unsafe decoder.next(
        in: nothing.span.bytes, position: &position, checksum: checksum)
    else { return nil }
    switch unit.kind {
    case .frame:
      keep(unit)
      return .frame(unit.header)
    case .corrupt, .lost: return .damaged(unit.header)
    // Only observers get the others.
    case .overflow, .unverified, .skipped, .rest, .undecided: return .framingLost
    }
  }

  private mutating func keep(_ unit: DecodedUnit) {
    payload.removeAll(keepingCapacity: payload.capacity <= Self.keptCapacityMax)
    payload.append(
      contentsOf: decoder.buffer[unit.payloadOffset..<(unit.payloadOffset + unit.payloadCount)])
  }
}

extension FrameDecoder {
  /// The length that the header at the head claims, if a frame is expected there and its header is
  /// complete.
  var claimedLength: Int? {
    guard case .synchronised = state, let header = header(at: head) else { return nil }
    return Int(header.length)
  }
}
