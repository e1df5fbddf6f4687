internal import ChatPosix

/// Output that must not keep anybody waiting: a thread writes it, and at most so much waits.
///
/// What does not fit is left out, whole batches at a time, and counted. The thread looks for more
/// every hundredth of a second while there is some, so whoever appends hardly ever has to wake it.
final class LiveQueue: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    /// What the thread is about to write, and from where on.
    var batch: [UInt8] = []
    var batchHead = 0
    var droppedLineCount: UInt64 = 0
    var writtenByteCount: UInt64 = 0
    var isWriterAsleep = false
    var isClosing = false
    var isWriterDone = false
    var error: SystemError?
  }

  /// How long the last bytes may make no progress.
  private static let patienceNanoseconds: Int64 = 2_000_000_000
  /// How long they may take at all: whoever has asked for the end waits.
  private static let patienceMaxNanoseconds: Int64 = 5_000_000_000
  /// How much is written at a time.
  private static let partSize = 64 << 10
  private static let pauseNanoseconds: Int64 = 10_000_000

  private let state = Locked(State())
  private let descriptor: Int32
  private let byteCountMax: Int

  /// - Parameter byteCountMax: What may wait for a reader.
  init(descriptor: Int32, byteCountMax: Int) throws(SystemError) {
    self.descriptor = descriptor
    self.byteCountMax = byteCountMax
    try Thread.detach("output") { [self] in run() }
  }

  /// Lines that were left out because their reader was too slow.
  var droppedLineCount: UInt64 { state.withLock { $0.droppedLineCount } }

  /// Takes whole lines, or leaves them out; false once nobody reads them.
  ///
  /// - Parameter isKept: They are not left out, however much waits.
  func append(_ bytes: [UInt8], isKept: Bool = false) -> Bool {
    let (isOpen, mustWake) = state.withLock { state -> (Bool, Bool) in
      guard state.error == nil else { return (false, false) }
      if !isKept, state.bytes.count + bytes.count > byteCountMax {
        state.droppedLineCount &+= Self.lineCount(bytes[...])
        return (true, false)
      }
      state.bytes += bytes
      return (true, state.isWriterAsleep)
    }
    if mustWake { state.change { $0.isWriterAsleep = false } }
    return isOpen
  }

  private static func lineCount(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 &+ ($1 == UInt8(ascii: "\n") ? 1 : 0) }
  }

  /// Waits until everything is written, unless its reader has stopped reading, or takes too long.
  ///
  /// - Returns: Why it could not be written.
  func close() -> SystemError? {
    state.change { $0.isClosing = true }
    let end = Clock.monotonicNanoseconds() + Self.patienceMaxNanoseconds
    var seen: UInt64 = 0
    while true {
      let deadline = min(end, Clock.monotonicNanoseconds() + Self.patienceNanoseconds)
      let isDone = state.wait(untilNanoseconds: deadline) { state -> Bool? in
        if state.isWriterDone || state.error != nil { return true }
        return state.writtenByteCount != seen ? false : nil
      }
      switch isDone {
      case true?: return state.withLock { $0.error }
      case false? where deadline < end: seen = state.withLock { $0.writtenByteCount }
      case false?, nil:
        // What waits is lost to whoever reads.
        return state.withLock { state in
          state.droppedLineCount &+=
            Self.lineCount(state.bytes[...]) &+ Self.lineCount(state.batch[state.batchHead...])
          return state.error
        }
      }
    }
  }

  private func run() {
    while true {
      let batch = state.wait { state -> [UInt8]? in
        if !state.bytes.isEmpty {
          state.batch.removeAll(keepingCapacity: state.batch.capacity <= 256 << 10)
          swap(&state.batch, &state.bytes)
          state.batchHead = 0
          return state.batch
        }
        if state.isClosing { return [] }
        state.isWriterAsleep = true
        return nil
      }
      guard let batch, !batch.isEmpty else { break }
      guard write(batch) else { return }
      pause()
    }
    state.change { $0.isWriterDone = true }
  }

  /// Writes part by part; says false if nobody reads them.
  private func write(_ batch: [UInt8]) -> Bool {
    var head = 0
    while head < batch.count {
      let count = min(Self.partSize, batch.count - head)
      do throws(SystemError) {
        try writeAll(batch.span.bytes.extracting(head..<(head + count)), to: descriptor)
      } catch {
        state.change { $0.error = error }
        return false
      }
      head += count
      state.change { state in
        state.batchHead = head
        state.writtenByteCount &+= UInt64(count)
      }
    }
    return true
  }

  /// Lets some more come together, unless the end has come.
  private func pause() {
    _ = state.wait(
      untilNanoseconds: Clock.monotonicNanoseconds() + Self.pauseNanoseconds
    ) { $0.isClosing ? true : nil }
  }
}
