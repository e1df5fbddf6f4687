/// How far the engine has come with the bytes of a capture file.
public struct FileProgress: Sendable {
  /// How many bytes of the block are done with; the rest has to be handed in again with more behind
  /// it.
  public var consumed = 0
  /// How many bytes the next block needs at least.
  public var minimumBytes = 1
  /// The file has been read to its end, or to where it cannot be read further.
  public var isEnd = false
  /// What to say to the user: the file is cut off or damaged.
  public var warning: String?

  /// No progress.
  public init() {}
}

extension TraceEngine {
  /// Takes the next block of a capture file.
  ///
  /// Consumes whole records only. `isLastBlock` says that nothing follows those bytes. Throws only
  /// for a file that is no capture; damage behind a good beginning is a warning.
  public mutating func read(
    block: RawSpan, isLastBlock: Bool, into sink: inout some TraceSink
  ) throws(CaptureFileError) -> FileProgress {
    var progress = FileProgress()
    while true {
      switch try fileReader.next(
        in: block, position: &progress.consumed, isLastBlock: isLastBlock)
      {
      case .record(let record):
        if fileReader.isRecording {
          recorded(block, record: record, into: &sink)
        } else {
          packet(block, record: record, into: &sink)
        }
        if sink.isDone {
          progress.isEnd = true
          return progress
        }
      case .needMore(let minimumBytes):
        progress.minimumBytes = minimumBytes
        return progress
      case .end:
        endRecordedFile(into: &sink)
        progress.isEnd = true
        return progress
      case .cutOff(let sentence):
        endRecordedFile(into: &sink)
        progress.isEnd = true
        progress.warning = sentence
        return progress
      }
    }
  }
}
