// Nobody should have to say what kind of file it is: a capture begins with a number of its own, and
// a trace in NDJSON with a brace.

/// Reads a capture, or a trace that was written as NDJSON, whichever it is.
public struct TraceFileReader: ~Copyable {
  /// What a file can be.
  public enum Form: Sendable {
    /// Packets, as pcap or pcapng.
    case capture
    /// Records of a trace, as NDJSON.
    case ndjson
  }

  /// What the file is; nil until enough of it is known.
  public private(set) var form: Form?
  private var engine: TraceEngine
  private var ndjson = NDJSONTraceReader()

  /// White space in front of the first record is looked through so far.
  private static let blankMax = 4_096

  /// A reader at the beginning of a file; the options are for captures.
  public init(options: TraceOptions) {
    engine = TraceEngine(options: options)
  }

  /// Packets, or records of a trace, that have been read.
  public var recordCount: UInt64 { form == .ndjson ? ndjson.recordCount : engine.packets }

  /// Finds out what the file is, if `block` is enough of its beginning.
  ///
  /// More bytes than are there are needed as long as `form` is nil; at the end of the file it never
  /// is.
  public mutating func recognise(_ block: RawSpan, isLastBlock: Bool) {
    guard form == nil else { return }
    for index in 0..<block.byteCount {
      switch block.uint8(at: index) {
      case 0x20, 0x09, 0x0A, 0x0D: continue
      case UInt8(ascii: "{"): form = Self.isPcapng(block) ? .capture : .ndjson
      default: form = .capture
      }
      return
    }
    if isLastBlock || block.byteCount >= Self.blankMax { form = .capture }
  }

  /// Takes the next block of the file; see `TraceEngine.read`.
  public mutating func read(
    block: RawSpan, isLastBlock: Bool, into sink: inout some TraceSink
  ) throws(CaptureFileError) -> FileProgress {
    recognise(block, isLastBlock: isLastBlock)
    switch form {
    case .capture:
      return try engine.read(block: block, isLastBlock: isLastBlock, into: &sink)
    case .ndjson:
      return try ndjson.read(block: block, isLastBlock: isLastBlock, into: &sink)
    case nil:
      var progress = FileProgress()
      progress.minimumBytes = block.byteCount &+ 1
      return progress
    }
  }

  /// Ends the trace: what a capture leaves to be said, and the summary if there is one.
  public mutating func finish(into sink: inout some TraceSink) {
    switch form {
    case .ndjson: ndjson.finish(into: &sink)
    case .capture, nil: engine.finish(into: &sink)
    }
  }

  /// The magic number of pcapng is white space, and its length may hold a brace.
  private static func isPcapng(_ block: RawSpan) -> Bool {
    guard block.byteCount >= 4 else { return false }
    return CaptureFileSignature(block.uint32(at: 0, .little)) == .pcapng
  }
}
