internal import ChatPosix

/// The log in a directory: `chat-server.jsonl`, and older files `chat-server.1.jsonl`,
/// `chat-server.2.jsonl`, ...
///
/// The process may be killed between any two system calls, and the next one goes on from what is
/// there. A line counts once it is whole, with its end; one that is not is cut off. A rotation
/// renames from the oldest file to the newest, so that a record is always under some name, and one
/// that was broken off leaves a gap in the numbers, which the next one fills.
final class LogFile: LogSink {
  static let name = "chat-server.jsonl"

  /// How the directory is kept.
  struct Limits {
    /// A file does not get larger, unless a single line is.
    var fileSizeMax: Int
    /// How many files there are at most, the current one included.
    var fileCount: Int
  }

  private let directory: Directory
  private let limits: Limits
  /// The current file.
  private var file: FileDescriptor
  private var identity: FileIdentity
  /// Its size, as far as it is written for good.
  private var size: Int
  /// Behind `size` there may be something that has to be cut off.
  private var isDirty = false

  /// Uses a directory, which nobody else may do at the same time.
  init(_ directory: consuming Directory, _ limits: Limits) throws(SystemError) {
    let file = try Self.open(in: directory)
    size = try LogTail.cutTornLine(file)
    identity = try file.identity()
    self.file = file
    self.directory = directory
    self.limits = limits
  }

  /// The name of a file: 0 is the current one.
  static func name(_ number: Int) -> String {
    number == 0 ? name : "chat-server.\(number).jsonl"
  }

  /// The last record of a run that is in one of the files; 0 if none is.
  func lastRecord(ofRun run: String) throws(SystemError) -> UInt64 {
    for number in 0..<max(limits.fileCount, 1) {
      // A rotation that was broken off may have left a gap.
      guard try directory.identity(of: Self.name(number)) != nil else { continue }
      let file = try FileDescriptor.openForReading(directory.path(of: Self.name(number)))
      guard let record = try LogTail.lastRecord(file) else { continue }
      return record.run == run ? record.number : 0
    }
    return 0
  }

  func write(_ batch: inout LogBatch) throws(SystemError) {
    try cutDirt()
    try reopenIfReplaced()
    while !batch.isEmpty {
      var end = batch.end(byteCountMax: max(0, limits.fileSizeMax - size))
      if end == batch.start, size > 0 {
        try rotate()
        try reopen()
        continue
      }
      end = max(end, batch.firstEnd)
      try write(&batch, through: end)
    }
  }

  /// Writes the lines up to a place; if that fails, those that were written whole stay.
  private func write(_ batch: inout LogBatch, through end: Int) throws(SystemError) {
    var done = batch.start
    do throws(SystemError) {
      while done < end { done += try file.write(batch.bytes, done..<end) }
    } catch {
      let whole = batch.end(byteCountMax: done - batch.start)
      try? keep(whole, of: &batch, isCut: done > whole)
      throw error
    }
    try keep(end, of: &batch, isCut: false)
  }

  /// Makes sure of the lines up to a place, which have been written.
  private func keep(
    _ end: Int, of batch: inout LogBatch, isCut: Bool
  ) throws(SystemError) {
    // What fails from here on is written once more, from here.
    isDirty = true
    let newSize = size + end - batch.start
    if isCut { try file.truncate(to: newSize) }
    try file.synchronizeData()
    isDirty = false
    size = newSize
    batch.removeWritten(through: end)
  }

  /// Cuts off what an attempt that failed has left.
  private func cutDirt() throws(SystemError) {
    guard isDirty else { return }
    try file.truncate(to: size)
    isDirty = false
  }

  /// Opens the current file.
  private static func open(
    in directory: borrowing Directory
  ) throws(SystemError) -> FileDescriptor {
    let file = try FileDescriptor.openForAppending(directory.path(of: name), permissions: 0o640)
    // So that the name survives a power failure; not all file systems can do that.
    try? directory.synchronize()
    return file
  }

  /// Opens the file that now has the name of the current one, and cuts off a line that is not
  /// whole.
  private func reopen() throws(SystemError) {
    let file = try Self.open(in: directory)
    let size = try LogTail.cutTornLine(file)
    identity = try file.identity()
    self.size = size
    self.file = file
  }

  /// Somebody may have moved the file away, or removed it; also after a rotation that failed.
  private func reopenIfReplaced() throws(SystemError) {
    let current = try directory.identity(of: Self.name)
    if current != identity { try reopen() }
  }

  /// Makes room for a new current file; the oldest goes away if there are too many.
  ///
  /// Only the files up to the first gap have to move: behind it a rotation was broken off.
  private func rotate() throws(SystemError) {
    let oldest = limits.fileCount - 1
    guard oldest > 0 else { return try directory.remove(Self.name) }
    var gap = 1
    while gap < oldest, try directory.identity(of: Self.name(gap)) != nil { gap += 1 }
    for number in stride(from: gap, to: 0, by: -1) {
      try directory.rename(Self.name(number - 1), to: Self.name(number))
    }
  }
}
