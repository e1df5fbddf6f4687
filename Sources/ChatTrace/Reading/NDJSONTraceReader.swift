// A written trace is read line by line, and a line straight into a record: `JSONCursor` gives the
// values, `WrittenRecord` puts them where they belong. What NDJSON does not say is either found
// again from what came before (the dialect of a session, which copy repaired a frame) or stays
// absent (docs/TRACE.md, "Reading a trace again").

internal import ChatWire

/// Reads a trace that was written as NDJSON, from blocks of bytes handed in one after another.
///
/// The records go to a sink, as those of a capture do. Memory is bounded: by the longest line, and
/// by what is kept of streams and damaged frames.
public struct NDJSONTraceReader: Sendable {
  /// The most bytes of a line; the summary of a great many streams is the longest there is.
  public static let lineLengthMax = 64 << 20
  /// Streams have numbers below this, since those who count them keep a list.
  public static let streamCountMax = 1 << 24
  /// How many streams, and how many frames that wait for their repair, are remembered.
  static let memoryMax = 1 << 16

  /// How many records were read, the summary included.
  public private(set) var recordCount: UInt64 = 0
  /// The lines that were read.
  private var lineCount: UInt64 = 0
  /// Bytes of an unfinished line in which no end was found.
  private var searched = 0
  private var hasBegun = false
  private var summary: TraceSummary?
  private var memory = TraceMemory()
  /// The payload of the frame in hand.
  private var payload: [UInt8] = []

  private let lineLengthMax: Int

  /// A reader at the beginning of a trace; a longer line is refused.
  public init(lineLengthMax: Int = lineLengthMax) {
    self.lineLengthMax = lineLengthMax
  }

  /// Takes the next block: whole lines are done with, the rest is to be handed in again.
  ///
  /// Throws for a line that cannot be read; everything before it has been given to the sink.
  public mutating func read(
    block: RawSpan, isLastBlock: Bool, into sink: inout some TraceSink
  ) throws(CaptureFileError) -> FileProgress {
    var progress = FileProgress()
    while !sink.isDone {
      guard let end = lineEnd(block, from: progress.consumed) else {
        let rest = progress.consumed..<block.byteCount
        guard rest.count <= lineLengthMax else { throw tooLong }
        guard isLastBlock else {
          searched = rest.count
          progress.minimumBytes = rest.count &+ 1
          return progress
        }
        progress.warning = try lastLine(block.extracting(rest), into: &sink)
        progress.consumed = block.byteCount
        break
      }
      guard end &- progress.consumed <= lineLengthMax else { throw tooLong }
      lineCount &+= 1
      do throws(LineFault) {
        try read(line: block.extracting(progress.consumed..<end), into: &sink)
      } catch {
        throw complaint(error)
      }
      progress.consumed = end &+ 1
      searched = 0
    }
    progress.isEnd = true
    return progress
  }

  /// Ends the trace: gives the sink the summary, if there was one.
  public mutating func finish(into sink: inout some TraceSink) {
    if let summary { sink.finish(summary) }
    summary = nil
  }

  // MARK: lines

  private func lineEnd(_ block: RawSpan, from start: Int) -> Int? {
    var index = start &+ searched
    while index < block.byteCount {
      if block.uint8(at: index) == 0x0A { return index }
      index &+= 1
    }
    return nil
  }

  /// A line without an end: a whole one all the same, or one that was cut.
  private mutating func lastLine(
    _ line: RawSpan, into sink: inout some TraceSink
  ) throws(CaptureFileError) -> String? {
    lineCount &+= 1
    do throws(LineFault) {
      try read(line: line, into: &sink)
      return nil
    } catch {
      guard error == .ends, recordCount > 0 else { throw complaint(error) }
      return "the file ends inside line \(lineCount); everything before it was read"
    }
  }

  private func complaint(_ fault: LineFault) -> CaptureFileError {
    switch fault {
    case .ends: CaptureFileError(message: "line \(lineCount): it ends too early to be JSON")
    case .wrong(let sentence): CaptureFileError(message: "line \(lineCount): \(sentence)")
    }
  }

  private var tooLong: CaptureFileError {
    CaptureFileError(
      message: "line \(lineCount &+ 1): it has more than \(lineLengthMax) bytes, so it "
        + "is no line of a trace")
  }

  private mutating func read(
    line: RawSpan, into sink: inout some TraceSink
  ) throws(LineFault) {
    var record = WrittenRecord()
    payload.removeAll(keepingCapacity: true)
    guard try record.read(line, payload: &payload) else { return }
    guard summary == nil else {
      throw .wrong("a record behind the summary: there is more than one trace in the file")
    }
    recordCount &+= 1
    if !hasBegun {
      hasBegun = true
      sink.begin(at: record.event.time)
    }
    guard record.event.kind != .summary else {
      record.summary.time = record.event.time
      summary = record.summary
      return
    }
    memory.complete(&record.event)
    unsafe sink.record(&record.event, payload: payload.span.bytes)
  }
}

/// What is remembered of earlier records to complete later ones.
struct TraceMemory: Sendable {
  /// Streams of the classic dialect.
  private var classicStreams: Set<Int> = []
  /// Frames of which no copy has got through yet.
  private var broken: Set<UInt64> = []

  /// Adds what the record itself does not say.
  mutating func complete(_ event: inout TraceEvent) {
    switch event.kind {
    case .frame:
      if event.dialect == .classic {
        guard classicStreams.count < NDJSONTraceReader.memoryMax else { return }
        classicStreams.insert(event.stream)
      } else {
        findRepair(&event)
      }
    case .session, .junk:
      if classicStreams.contains(event.stream) { event.dialect = .classic }
    case .tcp, .gap, .fault, .summary: break
    }
  }

  private mutating func findRepair(_ event: inout TraceEvent) {
    guard let attempt = event.attempt else { return }
    let isLost = event.disposition == .dropped || event.disposition == .corrupted
    if attempt == 1, event.checksum != .bad, !isLost, broken.isEmpty { return }
    let side: UInt64 = event.direction == .clientToServer ? 0 : 1
    let place = UInt64(event.stream) << 17 | side << 16 | UInt64(event.sequence)
    if attempt == 1 {
      if event.checksum == .bad || isLost {
        if broken.count < NDJSONTraceReader.memoryMax { broken.insert(place) }
      } else {
        broken.remove(place)
      }
    } else if event.checksum == .good, !isLost, broken.remove(place) != nil {
      event.isRepair = true
    }
  }
}
