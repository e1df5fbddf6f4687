internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// Reads a capture, or a trace in NDJSON, block by block and hands it on.
///
/// The reader of its form takes as much of a block as it understands; the rest moves to the front
/// of the same buffer, and new bytes go behind it. So memory does not grow with the file, only,
/// within a bound, with its largest record.
struct CaptureReader: ~Copyable {
  /// Bytes of one read.
  static let blockSize = 256 << 10
  /// No record of a sane capture is larger.
  static let blockSizeMax = NDJSONTraceReader.lineLengthMax + blockSize

  let source: CaptureSource
  var progress: Progress
  private let readsTraces: Bool
  /// What to say about the file, once the output is complete.
  private(set) var warnings: [String] = []

  /// With `readsTraces` false only captures are read, and a trace in NDJSON is refused.
  init(source: consuming CaptureSource, readsTraces: Bool = false, showsProgress: Bool) {
    self.readsTraces = readsTraces
    progress = Progress(total: source.size, isShown: showsProgress)
    self.source = source
  }

  /// Reads everything, or until the sink has had enough.
  ///
  /// Output is flushed whenever more input has to be waited for, so that a capture that is piped in
  /// as it happens is printed as it happens.
  mutating func read(
    into sink: inout some TraceSink, file: inout TraceFileReader, output: OutputWriter
  ) throws(Failure) {
    defer { progress.erase() }
    var buffer = [UInt8](repeating: 0, count: Self.blockSize)
    var filled = 0
    var needed = 1
    var isEmpty = true
    while !sink.isDone, output.isOpen {
      if buffer.count < max(needed, filled + 1) {
        let missing = max(needed, filled + Self.blockSize) - buffer.count
        buffer.append(contentsOf: repeatElement(0, count: missing))
      }
      if source.size == nil, source.descriptor.wouldWait() { output.flush() }
      let count = try readBytes(into: &buffer, from: filled)
      filled += count
      progress.advance(by: count)
      guard filled >= needed || count == 0 else { continue }
      if filled > 0 { isEmpty = false }
      if isEmpty { throw Failure("\(source.name): the file is empty") }

      let step = try advance(&file, buffer, filled, isLastBlock: count == 0, into: &sink)
      if let warning = step.warning { warnings.append("\(source.name): \(warning)") }
      if step.isEnd || count == 0 { break }
      needed = max(step.minimumBytes, 1)
      if step.consumed == 0 { needed = max(needed, filled + 1) }
      guard needed <= Self.blockSizeMax else {
        throw Failure("\(source.name): a record of \(needed) bytes is too large to be one")
      }
      filled -= step.consumed
      Self.moveToFront(&buffer, from: step.consumed, count: filled)
    }
  }

  private func advance(
    _ file: inout TraceFileReader, _ buffer: [UInt8], _ filled: Int, isLastBlock: Bool,
    into sink: inout some TraceSink
  ) throws(Failure) -> FileProgress {
    if file.form == nil {
      file.recognise(buffer.span.bytes.extracting(0..<filled), isLastBlock: isLastBlock)
      if file.form == .ndjson, !readsTraces {
        throw Failure(
          "\(source.name): this is a trace in NDJSON, but what was asked for needs the bytes: "
            + "name the capture or the recording that the trace was made of")
      }
    }
    do {
      return try file.read(
        block: buffer.span.bytes.extracting(0..<filled), isLastBlock: isLastBlock, into: &sink)
    } catch {
      throw Failure("\(source.name): \(error.message)")
    }
  }

  private func readBytes(into buffer: inout [UInt8], from start: Int) throws(Failure) -> Int {
    do throws(SystemError) {
      return try source.descriptor.read(into: &buffer, from: start)
    } catch {
      throw Failure("\(source.name): \(error.message)")
    }
  }

  private static func moveToFront(_ buffer: inout [UInt8], from start: Int, count: Int) {
    guard start > 0, count > 0 else { return }
    buffer.withUnsafeMutableBytes { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
    }
  }
}
