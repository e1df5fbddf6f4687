internal import ChatPosix

/// Lines with their numbers that wait to be written; those that are written go away in front.
struct LogBatch {
  /// All lines that came, one behind the other.
  private(set) var bytes: [UInt8] = []
  /// Where the first line begins that is not written.
  private(set) var start = 0
  private var lines: [(number: UInt64, end: Int)] = []
  private var writtenCount = 0
  /// The number of the last line that was written or skipped.
  private(set) var last: UInt64

  /// - Parameter last: the lines up to this number are in the file.
  init(last: UInt64) {
    self.last = last
  }

  var isEmpty: Bool { writtenCount == lines.count }

  /// Takes a line, unless it is in the file.
  mutating func append(number: UInt64, line: ArraySlice<UInt8>) {
    guard number > (lines.last?.number ?? last) else { return }
    bytes += line
    lines.append((number, bytes.count))
  }

  /// Where the first lines end that together have at most a size; `start` if the first is larger.
  func end(byteCountMax: Int) -> Int {
    lines[writtenCount...].last { $0.end - start <= byteCountMax }?.end ?? start
  }

  /// Where the first line ends.
  var firstEnd: Int { isEmpty ? start : lines[writtenCount].end }

  /// Takes away the lines up to a place, which is the end of one.
  mutating func removeWritten(through end: Int) {
    while writtenCount < lines.count, lines[writtenCount].end <= end {
      last = lines[writtenCount].number
      writtenCount += 1
    }
    start = max(start, end)
    guard isEmpty else { return }
    bytes.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    (start, writtenCount) = (0, 0)
  }
}

/// Where the logging process writes.
protocol LogSink {
  /// Writes the batch, and takes away from it what is written for good; throws if that is not all
  /// of it, and may be called again.
  mutating func write(_ batch: inout LogBatch) throws(SystemError)
}
