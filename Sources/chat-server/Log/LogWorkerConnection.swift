internal import ChatPosix

/// A logging process that was started, and the socket to it; used by one thread.
final class LogWorkerConnection {
  /// How to start one.
  struct Start: Sendable {
    var arguments: [String]
    var executable: String
  }

  /// The number of the process.
  var identifier: Int32 { process.identifier }
  /// It has closed the socket: it has ended, or is about to.
  private(set) var hasEnded = false

  private let process: OwnProcess
  private let socket: StreamSocket
  private var decoder = LogFrameDecoder()
  private var input = [UInt8](repeating: 0, count: 16 << 10)
  private var output: [UInt8] = []
  private var outputStart = 0
  private static let outputSizeMax = 256 << 10

  /// Starts a process.
  init(_ start: Start) throws(SystemError) {
    let pair = try StreamSocketPair()
    process = try OwnProcess.start(
      arguments: start.arguments, socket: pair.second.rawValue, executable: start.executable)
    socket = pair.first
  }

  /// Fetches records to send from the queue, if all that was fetched before is sent.
  func fetch(from state: Locked<LogChannel.State>) {
    guard outputStart == output.count else { return }
    let (firstNumber, records) = state.withLock {
      $0.queue.takeUnsent(byteCountMax: Self.outputSizeMax)
    }
    output.removeAll(keepingCapacity: true)
    outputStart = 0
    var line: [UInt8] = []
    for (number, record) in zip(firstNumber..., records) {
      line.removeAll(keepingCapacity: true)
      record.appendLine(number: number, to: &line)
      LogFrame.record(number: number, line: line[...]).encode(into: &output)
    }
  }

  /// Waits until the process has sent something, takes something, or somebody wakes.
  func wait(for wakeUp: WakeUp, nanoseconds: Int64?) {
    let interest: WakeablePoll.Interest =
      outputStart < output.count ? [.readable, .writable] : .readable
    var entries = [
      Poll.Entry(socket.rawValue, interest), Poll.Entry(wakeUp.pollDescriptor, .readable),
    ]
    Poll.wait(for: &entries, nanoseconds: nanoseconds)
    wakeUp.clear()
  }

  /// Sends as much as the socket takes.
  func send() {
    while outputStart < output.count {
      switch socket.write(output, from: outputStart) {
      case .bytes(let count): outputStart += count
      case .wouldBlock: return
      // What it has said before its end is still to be read.
      case .endOfStream, .failed: outputStart = output.count
      }
    }
  }

  /// What the process has said.
  func receive() -> [LogFrame] {
    var frames: [LogFrame] = []
    switch socket.read(into: &input) {
    case .bytes(let count):
      decoder.append(input[..<count])
      do throws(LogFrameError) {
        while let frame = try decoder.next() { frames.append(frame) }
      } catch {
        hasEnded = true
      }
    case .wouldBlock: break
    case .endOfStream, .failed: hasEnded = true
    }
    return frames
  }

  /// Says that nothing more comes: the process ends when it has written what it got.
  func sayEnd() {
    outputStart = output.count
    socket.shutDownWriting()
  }

  /// Waits for the end of the process, which is helped along.
  func end() {
    process.kill()
    process.waitForEnd()
  }
}
