public import ChatPosix

/// A local socket, which only this user can open, at which a program is asked and told things.
///
/// Whoever connects sends one line, gets one line, and that is the end. One is served at a time, on
/// a thread of its own, so an asker that is slow, silent or sends garbage takes nothing from what
/// the program does: it has so many seconds and so many bytes.
public final class LineServer: Sendable {
  /// Where it listens.
  public let path: String
  private let wakeUp: WakeUp
  private let thread: Locked<Thread?>

  /// Listens at a path; a socket there that nobody answers any more is replaced.
  ///
  /// - Parameters:
  ///   - lineByteCountMax: the longest line that is answered.
  ///   - askerNanoseconds: how long one may take to ask, and then to read.
  ///   - answer: makes the answer to a line, both without the end of the line; called on the thread
  ///     of this object for each who asks.
  public init(
    path: String, lineByteCountMax: Int, askerNanoseconds: Int64 = 5_000_000_000,
    answer: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) throws(SocketError) {
    self.path = path
    do throws(SystemError) {
      wakeUp = try WakeUp()
    } catch {
      throw .system(error)
    }
    let loop = LineLoop(
      try LocalSocket.listen(at: path), wakeUp, lineByteCountMax, askerNanoseconds, answer)
    do throws(SystemError) {
      thread = Locked(try Thread.start("control") { loop.run() })
    } catch {
      throw .system(error)
    }
  }

  deinit {
    stop()
  }

  /// Waits until the thread has ended, and removes the path; may be called more than once.
  public func stop() {
    let running = thread.withLock { running in
      defer { running = nil }
      return running
    }
    guard let running else { return }
    wakeUp.signal()
    // The loop goes away with its thread, and the listener, which removes the path, with the loop.
    running.join()
  }
}

/// What the thread of a `LineServer` does.
private final class LineLoop: Sendable {
  private let listener: LocalListener
  private let wakeUp: WakeUp
  private let lineByteCountMax: Int
  private let askerNanoseconds: Int64
  private let answer: @Sendable ([UInt8]) -> [UInt8]

  init(
    _ listener: consuming LocalListener, _ wakeUp: WakeUp, _ lineByteCountMax: Int,
    _ askerNanoseconds: Int64, _ answer: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) {
    self.listener = listener
    self.wakeUp = wakeUp
    self.lineByteCountMax = lineByteCountMax
    self.askerNanoseconds = askerNanoseconds
    self.answer = answer
  }

  func run() {
    while wait(for: listener.pollDescriptor, .readable, until: nil) {
      if let asker = listener.accept() { serve(asker) }
    }
  }

  private func serve(_ asker: borrowing StreamSocket) {
    let deadline = Clock.monotonicNanoseconds() + askerNanoseconds
    guard let line = readLine(of: asker, until: deadline) else { return }
    let bytes = answer(line) + [UInt8(ascii: "\n")]
    // Making the answer may have taken a while, which is not the asker's.
    write(bytes, to: asker, until: Clock.monotonicNanoseconds() + askerNanoseconds)
  }

  /// The first line; nil if none comes in time, or it is too long.
  private func readLine(of asker: borrowing StreamSocket, until deadline: Int64) -> [UInt8]? {
    var line: [UInt8] = []
    var block = [UInt8](repeating: 0, count: min(lineByteCountMax, 64 << 10))
    while line.count <= lineByteCountMax {
      switch asker.read(into: &block) {
      case .bytes(let count):
        let end = block[..<count].firstIndex(of: UInt8(ascii: "\n"))
        line += block[..<(end ?? count)]
        if end != nil { return line.count <= lineByteCountMax ? line : nil }
      case .wouldBlock:
        guard wait(for: asker.rawValue, .readable, until: deadline) else { return nil }
      case .endOfStream, .failed: return nil
      }
    }
    return nil
  }

  private func write(
    _ bytes: [UInt8], to asker: borrowing StreamSocket, until deadline: Int64
  ) {
    var done = 0
    while done < bytes.count {
      switch asker.write(bytes, from: done) {
      case .bytes(let count): done += count
      case .wouldBlock:
        guard wait(for: asker.rawValue, .writable, until: deadline) else { return }
      case .endOfStream, .failed: return
      }
    }
  }

  /// Waits for something; false if the time is over, or the thread is to end.
  private func wait(
    for descriptor: Int32, _ interest: WakeablePoll.Interest, until deadline: Int64?
  ) -> Bool {
    while true {
      let rest = deadline.map { $0 - Clock.monotonicNanoseconds() }
      if let rest, rest <= 0 { return false }
      var entries = [
        Poll.Entry(descriptor, interest), Poll.Entry(wakeUp.pollDescriptor, .readable),
      ]
      Poll.wait(for: &entries, nanoseconds: rest)
      // Nobody clears it: whatever is waited for next ends at once, too.
      if !entries[1].result.isEmpty { return false }
      if !entries[0].result.isEmpty { return true }
    }
  }
}
