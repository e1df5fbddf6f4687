internal import ChatPosix
internal import ChatProgram

/// The recording on the disk: a thread writes it, so that a slow disk holds up nobody.
///
/// What is appended is with the kernel a hundredth of a second later at most. The thread looks for
/// more every hundredth of a second while there is some, so whoever appends hardly ever has to wake
/// it. What does not fit in the queue is refused. A disk that is full ends the recording, which is
/// said once; nothing else ends.
final class RecordingFile: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    /// Where in `bytes` another file begins.
    var borders: [Int] = []
    /// Bytes that were appended and are not written.
    var waitingByteCount = 0
    var writtenByteCount: UInt64 = 0
    var path: String
    var failure: String?
    var isWriterAsleep = false
    var isClosing = false
    var isWriterDone = false
  }

  static let waitingByteCountMax = 64 << 20
  private static let pauseNanoseconds: Int64 = 10_000_000
  /// How long the last bytes may make no progress.
  private static let patienceNanoseconds: Int64 = 10_000_000_000

  let target: RecordingTarget
  private let state: Locked<State>
  private let waitingByteCountMax: Int

  /// Opens the first file.
  init(
    _ target: RecordingTarget, waitingByteCountMax: Int = RecordingFile.waitingByteCountMax
  ) throws(Failure) {
    self.target = target
    self.waitingByteCountMax = waitingByteCountMax
    do throws(SystemError) {
      let first = try target.open(file: 1)
      state = Locked(State(path: first.path))
      try Thread.detach("recording") { [self] in run(first) }
    } catch {
      throw Failure("-w \(target.name): the recording cannot be written: \(error.message)")
    }
  }

  // MARK: for the proxy

  /// Takes whole blocks, or refuses them because too much waits, or because nothing is written any
  /// more; returns at once.
  ///
  /// - Parameter isRequired: A file is nothing without these: they are taken even if much waits.
  func append(_ bytes: [UInt8], isRequired: Bool = false) -> Bool {
    guard !bytes.isEmpty else { return true }
    let (isTaken, mustWake) = state.withLock { state -> (Bool, Bool) in
      guard state.failure == nil,
        isRequired || state.waitingByteCount + bytes.count <= waitingByteCountMax
      else { return (false, false) }
      state.bytes += bytes
      state.waitingByteCount += bytes.count
      return (true, state.isWriterAsleep)
    }
    if mustWake { state.change { $0.isWriterAsleep = false } }
    return isTaken
  }

  /// What is appended from now on goes to the next file.
  func beginNext() {
    state.withLock { $0.borders.append($0.bytes.count) }
  }

  /// The file being written, how much has been written to all of them, and what went wrong.
  var report: RecordingReport {
    state.withLock {
      RecordingReport(
        path: $0.path == "-" ? target.name : $0.path, byteCount: $0.writtenByteCount,
        failure: $0.failure)
    }
  }

  /// Waits until everything is written, as long as there is progress.
  func close() {
    state.change { $0.isClosing = true }
    var seen = state.withLock { $0.writtenByteCount }
    while true {
      let deadline = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
      let isDone = state.wait(untilNanoseconds: deadline) { state -> Bool? in
        if state.isWriterDone { return true }
        return state.writtenByteCount != seen ? false : nil
      }
      switch isDone {
      case true?: return
      case false?: seen = state.withLock { $0.writtenByteCount }
      case nil:
        Diagnostics.say(
          "\(target.name): the end of the recording is missing, because nobody takes it")
        return
      }
    }
  }

  // MARK: the thread

  private func run(_ first: (path: String, descriptor: Int32)) {
    var files = RecordingFiles(target, first: first)
    var bytes: [UInt8] = []
    var borders: [Int] = []
    while true {
      bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
      borders = []
      let hasMore = state.wait { state -> Bool? in
        if !state.bytes.isEmpty || !state.borders.isEmpty {
          swap(&bytes, &state.bytes)
          swap(&borders, &state.borders)
          return true
        }
        if state.isClosing { return false }
        state.isWriterAsleep = true
        return nil
      }
      guard hasMore == true else { break }
      do throws(SystemError) {
        try write(bytes, borders, to: &files)
      } catch {
        fail(error, files.path)
        break
      }
      if !state.withLock({ $0.isClosing }) { pause() }
    }
    state.change { $0.isWriterDone = true }
  }

  private func write(
    _ bytes: [UInt8], _ borders: [Int], to files: inout RecordingFiles
  ) throws(SystemError) {
    var start = 0
    for border in borders {
      try write(bytes, start..<border, to: &files)
      start = border
      try files.beginNext()
      let path = files.path
      state.change { $0.path = path }
    }
    try write(bytes, start..<bytes.count, to: &files)
  }

  /// Writes in pieces, so that progress is seen.
  private func write(
    _ bytes: [UInt8], _ range: Range<Int>, to files: inout RecordingFiles
  ) throws(SystemError) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = Self.pieceEnd(bytes, from: start, to: range.upperBound)
      try files.write(bytes, start..<end)
      let count = end - start
      state.change { state in
        state.waitingByteCount -= count
        state.writtenByteCount &+= UInt64(count)
      }
      start = end
    }
  }

  /// Where whole blocks of a mebibyte or so end.
  private static func pieceEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
    var place = start
    while place + 8 <= end, place - start < 1 << 20 {
      let length = bytes[place + 4..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length >= 12, place + length <= end else { return end }
      place += length
    }
    return place > start ? place : end
  }

  /// The recording has come to its end before the chat has.
  private func fail(_ error: SystemError, _ path: String) {
    let reason = error == .brokenPipe ? "nobody reads it any more" : error.message
    state.change { state in
      state.failure = reason
      state.bytes = []
      state.borders = []
      state.waitingByteCount = 0
    }
    let name = path == "-" ? target.name : path
    Diagnostics.say(
      "\(name): the recording ends here: \(reason); what was written before can be read, "
        + "and the chat goes on")
  }

  /// Lets some more come together, unless the end has come.
  private func pause() {
    _ = state.wait(
      untilNanoseconds: Clock.monotonicNanoseconds() + Self.pauseNanoseconds
    ) { $0.isClosing ? true : nil }
  }
}

/// What became of a recording so far.
struct RecordingReport: Sendable {
  /// The file that is being written.
  var path = ""
  /// What was written to it and those before.
  var byteCount: UInt64 = 0
  /// Why nothing more is written.
  var failure: String?
}
