import ChatWire

/// What is known of a pcapng section that is, or may be, a proxy's recording.
struct PcapngRecordingSection: Sendable {
  /// Sections so far.
  var number = 0
  /// Which file of a recording it is, from 1, if it says so.
  var part: UInt64?
  /// The options of the packet that was given out last.
  var packetOptions = 0..<0
  /// When the recording ended, or its file, if it did so in an orderly way.
  var endTime: TraceTime?

  /// A section begins whose options lie in `start ..< end`.
  mutating func begin(in bytes: RawSpan, from start: Int, to end: Int, _ order: ByteOrder) {
    number += 1
    part = nil
    for comment in PcapngOptions.comments(in: bytes, start..<end, order) where part == nil {
      part = RecordingMark.object(comment, in: bytes).flatMap { RecordingMark.number($0["part"]) }
    }
  }
}

/// The options of a block.
enum PcapngOptions {
  /// Where the comments lie.
  static func comments(in bytes: RawSpan, _ range: Range<Int>, _ order: ByteOrder) -> [Range<Int>] {
    var comments: [Range<Int>] = []
    var offset = range.lowerBound
    while offset &+ 4 <= range.upperBound {
      let code = bytes.uint16(at: offset, order)
      let start = offset &+ 4
      let end = start &+ Int(bytes.uint16(at: offset &+ 2, order))
      // What follows a damaged option is left alone.
      guard code != 0, end <= range.upperBound else { break }
      if code == PcapngCode.comment { comments.append(start..<end) }
      offset = start &+ (end &- start &+ 3) & ~3
    }
    return comments
  }
}
