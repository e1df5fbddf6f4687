internal import ChatPosix
internal import ChatProgram

/// The one way to standard output, with the pager in between if there is one.
///
/// Records are appended to `bytes`, and go out 64 KiB at a time, before input is waited for, or
/// each at once if asked. When nobody reads any more it closes quietly; other failures are kept and
/// thrown at the end, so that whoever appends need not care.
final class OutputWriter {
  private static let capacity = 64 << 10

  /// What has not been written yet.
  var bytes: [UInt8] = []
  private let flushesEachRecord: Bool
  private var pager: ChildProcess?
  private let descriptor: Int32
  private var error: SystemError?
  /// Writes in the place of this object, if nobody may be kept waiting.
  private let queue: LiveQueue?
  /// What comes is the end, and is not left out.
  private var isEnding = false

  init(flushesEachRecord: Bool = false, pager command: String? = nil) {
    self.flushesEachRecord = flushesEachRecord
    bytes.reserveCapacity(Self.capacity + (Self.capacity >> 1))
    if let command, let child = try? Pager.start(command) {
      descriptor = child.inputDescriptor
      pager = consume child
    } else {
      descriptor = 1
    }
    queue = nil
  }

  /// Output that another thread writes, and that is left out where its reader is too slow.
  init(live queue: LiveQueue) {
    flushesEachRecord = false
    descriptor = 1
    self.queue = queue
  }

  /// False once nobody reads what is written, or it cannot be written.
  var isOpen: Bool { error == nil }

  /// Lines that were left out because their reader was too slow.
  var droppedLineCount: UInt64 { queue?.droppedLineCount ?? 0 }

  /// To be called after each record.
  func endRecord() {
    if flushesEachRecord || bytes.count >= Self.capacity { flush() }
  }

  func write(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.capacity { flush() }
  }

  /// Writes what has been appended.
  func flush() {
    guard !bytes.isEmpty else { return }
    if let queue {
      if !queue.append(bytes, isKept: isEnding) { error = .brokenPipe }
    } else if error == nil {
      do throws(SystemError) {
        try writeAll(bytes, to: descriptor)
      } catch {
        self.error = error
      }
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// What is appended from now on, such as the summary, is not left out.
  func beginEnd() {
    flush()
    isEnding = true
  }

  /// Nobody reads any more, as `poll` says.
  func noteClosed() {
    error = error ?? .brokenPipe
  }

  /// Writes the rest, and waits until the pager has been left.
  ///
  /// A reader who has gone away, such as `head`, is no failure: the program ends quietly.
  func finish() throws(Failure) {
    flush()
    if let pager = pager.take() {
      guard pager.closeInputAndWait() != Pager.notFoundCode else {
        throw Failure("the pager cannot be started; set CHAT_INSPECT_PAGER or use --no-pager")
      }
    }
    if let queue { error = queue.close() }
    guard let error else { return }
    throw error == .brokenPipe
      ? Failure(silently: .done) : Failure("standard output: \(error.message)")
  }
}
