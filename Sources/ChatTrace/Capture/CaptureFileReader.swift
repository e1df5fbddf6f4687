/// Reads the packets of a capture file, pcap or pcapng, from blocks of bytes handed in one after
/// another.
///
/// The reader does no I/O and keeps no bytes, so files, pipes and growing files look alike to it.
/// The caller holds a buffer and a position in it, and does what the last step asks for:
///
/// - `.record`: use the packet, which lies in the bytes handed in, and call again;
/// - `.needMore(minimumBytes)`: move what stands after `position` to the front of the buffer, set
///   `position` to 0, read on until at least `minimumBytes` are there (more is better) or the file
///   ends, and call again, saying with `isLastBlock` whether it has ended;
/// - `.end`, `.cutOff`: stop.
///
/// `minimumBytes` never exceeds `recordSizeMax` + 32, which bounds the buffer. Blocks without a
/// packet are passed over inside, in pieces if they are large.
public struct CaptureFileReader: Sendable {
  /// The largest record or packet block that is believed; the length of a larger one is taken as
  /// damage.
  public static let recordSizeMax = 16 << 20

  /// What the file is; nil until its header has been read.
  public private(set) var format: CaptureFileFormat?

  enum Phase: UInt8 { case fileHeader, pcap, pcapng, ended }

  var phase = Phase.fileHeader
  /// Bytes of the file before `position`.
  var fileOffset: UInt64 = 0
  var byteOrder = ByteOrder.little
  /// A little-endian pcap file of version 2.4: nearly all files there are.
  var hasPlainRecords = false

  // pcap
  var linkType = LinkType.ethernet
  var recordHeaderSize = 16
  var nanosecondsPerTick: Int64 = 1000
  var lengthOrder = PcapLengthOrder.capturedFirst

  // pcapng
  var interfaces: [PcapngInterface] = []
  var skipped = PcapngSkippedBlock()

  // recordings of a proxy
  /// The section has the interfaces of a recording: comments and statistics of it are looked for.
  private(set) var isRecording = false
  /// What is known of that section.
  var recording = PcapngRecordingSection()

  /// A reader at the beginning of a file.
  public init() {}

  /// Finds the next packet at `position` of `bytes` and advances `position` past what was consumed.
  ///
  /// `isLastBlock` says that no more bytes will follow those in `bytes`. Throws only if the file is
  /// not a capture at all; damage after a valid header is the step `.cutOff`.
  public mutating func next(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep {
    let available = bytes.byteCount &- position
    if hasPlainRecords, available >= 16 {
      let capturedLength = Int(bytes.uint32(at: position &+ 8, .little))
      if capturedLength <= min(available &- 16, Self.recordSizeMax) {
        let seconds = Int64(bytes.uint32(at: position, .little))
        let fraction = Int64(bytes.uint32(at: position &+ 4, .little))
        let record = CaptureRecord(
          time: TraceTime(
            nanoseconds: seconds &* 1_000_000_000 &+ fraction &* nanosecondsPerTick),
          linkType: linkType, offset: position &+ 16, capturedLength: capturedLength,
          originalLength: Int(bytes.uint32(at: position &+ 12, .little)))
        advance(&position, by: 16 &+ capturedLength)
        return .record(record)
      }
    }
    return try nextSlowly(in: bytes, position: &position, isLastBlock: isLastBlock)
  }

  private mutating func nextSlowly(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep {
    if phase == .fileHeader {
      let missing = try readFileHeader(in: bytes, position: &position, isLastBlock: isLastBlock)
      if let missing { return .needMore(minimumBytes: missing) }
    }
    switch phase {
    case .pcap:
      return try pcapRecord(in: bytes, position: &position, isLastBlock: isLastBlock)
    case .pcapng:
      return try pcapngPacket(in: bytes, position: &position, isLastBlock: isLastBlock)
    case .fileHeader, .ended:
      return .end
    }
  }

  /// Recognises the file; the number of bytes that it still needs for that, or nil when it is done.
  private mutating func readFileHeader(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> Int? {
    let available = bytes.byteCount &- position
    guard available >= 4 else {
      guard isLastBlock else { return 4 }
      throw available <= 0 ? .empty : .notACapture(bytes, at: position)
    }
    switch CaptureFileSignature(bytes.uint32(at: position, .little)) {
    case .pcap(let found):
      return try readPcapHeader(
        found, in: bytes, position: &position, isLastBlock: isLastBlock)
    case .pcapng:
      // Its first block is a section header, which is read, and judged, with the other blocks.
      phase = .pcapng
      return nil
    case .compressed(let name, let command):
      throw .compressed(name: name, command: command)
    case .unknown:
      throw .notACapture(bytes, at: position)
    }
  }

  // MARK: for both formats

  /// Consumes bytes.
  @inline(__always)
  mutating func advance(_ position: inout Int, by count: Int) {
    position &+= count
    fileOffset &+= UInt64(truncatingIfNeeded: count)
  }

  /// The interfaces of a section have changed.
  mutating func interfacesChanged() {
    isRecording =
      interfaces.count == 2 && interfaces[0].recordingSide == .client
      && interfaces[1].recordingSide == .server
  }

  /// Accepts a header.
  mutating func accept(_ found: CaptureFileFormat) {
    format = found
    byteOrder = found.isBigEndian ? .big : .little
  }

  /// The file can be read no further: an error as long as nothing of it has been understood.
  mutating func damage(_ sentence: String) throws(CaptureFileError) -> CaptureFileStep {
    hasPlainRecords = false
    phase = .ended
    guard format != nil else { throw CaptureFileError(message: sentence) }
    return .cutOff(sentence)
  }

  /// Too few bytes for what stands at `fileOffset`: more are needed, or the file ends too early.
  mutating func incomplete(
    _ what: String, needed: Int, available: Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep {
    guard isLastBlock else { return .needMore(minimumBytes: needed) }
    return try damage(
      "the file ends inside \(what) at byte \(fileOffset)"
        + " (\(available) of \(needed) bytes are there)\(remedy)")
  }

  /// The end of a sentence about damage.
  var remedy: String {
    format == nil ? "; nothing of it can be read" : "; everything before it was read"
  }
}
