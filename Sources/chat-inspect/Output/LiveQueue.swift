internal import ChatPosix

/// Output that must not keep anybody waiting: a thread writes it, and at most so much waits.
///
/// What does not fit is left out, whole batches at a time, and counted. The thread looks for more
/// every hundredth of a second while there is some, so whoever appends hardly ever has to wake it.
final class LiveQueue: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var lineCount = 0
    var droppedLineCount: UInt64 = 0
    var writtenByteCount: UInt64 = 0
    var isWriterAsleep = false
    var isClosing = false
    var isWriterDone = false
    var error: SystemError?
  }

  static let byteCountMax = 4 << 20
  /// How long the last bytes may make no progress.
  private static let patienceNanoseconds: Int64 = 2_000_000_000
  private static let pauseNanoseconds: Int64 = 10_000_000

  private let state = Locked(State())
  private let descriptor: Int32

  init(descriptor: Int32) throws(SystemError) {
    self.descriptor = descriptor
    try Thread.detach("output") { [self] in run() }
  }

  /// Lines that were left out because their reader was too slow.
  var droppedLineCount: UInt64 { state.withLock { $0.droppedLineCount } }

  /// Takes lines, or leaves them out; false once nobody reads them.
  func append(_ bytes: [UInt8], lineCount: Int) -> Bool {
    let (isOpen, mustWake) = state.withLock { state -> (Bool, Bool) in
      guard state.error == nil else { return (false, false) }
      if state.bytes.count + bytes.count > Self.byteCountMax {
        state.droppedLineCount &+= UInt64(lineCount)
        return (true, false)
      }
      state.bytes += bytes
      state.lineCount += lineCount
      return (true, state.isWriterAsleep)
    }
    if mustWake { state.change { $0.isWriterAsleep = false } }
    return isOpen
  }

  /// Waits until everything is written, unless its reader has stopped reading.
  ///
  /// - Returns: Why it could not be written.
  func close() -> SystemError? {
    state.change { $0.isClosing = true }
    var seen: UInt64 = 0
    while true {
      let deadline = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
      let isDone = state.wait(untilNanoseconds: deadline) { state -> Bool? in
        if state.isWriterDone || state.error != nil { return true }
        return state.writtenByteCount != seen ? false : nil
      }
      switch isDone {
      case true?: return state.withLock { $0.error }
      case false?: seen = state.withLock { $0.writtenByteCount }
      case nil:
        // Whoever reads has stopped; what waits is lost to them.
        return state.withLock { state in
          state.droppedLineCount &+= UInt64(state.lineCount)
          return state.error
        }
      }
    }
  }

  private func run() {
    var bytes: [UInt8] = []
    while true {
      bytes.removeAll(keepingCapacity: bytes.capacity <= 256 << 10)
      let hasMore = state.wait { state -> Bool? in
        if !state.bytes.isEmpty {
          swap(&bytes, &state.bytes)
          state.lineCount = 0
          return true
        }
        if state.isClosing { return false }
        state.isWriterAsleep = true
        return nil
      }
      guard hasMore == true else { break }
      do throws(SystemError) {
        try writeAll(bytes, to: descriptor)
      } catch {
        state.change { $0.error = error }
        return
      }
      let count = UInt64(bytes.count)
      let isClosing = state.change { state in
        state.writtenByteCount &+= count
        return state.isClosing
      }
      if !isClosing { pause() }
    }
    state.change { $0.isWriterDone = true }
  }

  /// Lets some more come together, unless the end has come.
  private func pause() {
    _ = state.wait(
      untilNanoseconds: Clock.monotonicNanoseconds() + Self.pauseNanoseconds
    ) { $0.isClosing ? true : nil }
  }
}
