internal import ChatPosix
internal import ChatProgram

/// The logging process: reads lines from the server, writes them, and says which are written.
///
/// It ends when the server has closed the socket or was killed, after it has written everything
/// that was sent.
final class LogWorker {
  private let socket: StreamSocket
  private var sink: any LogSink
  private var batch: LogBatch
  private var decoder = LogFrameDecoder()
  private static let readSizeMax = 256 << 10
  /// How long it tries to write what it has when the server is gone.
  private static let patienceNanoseconds: Int64 = 3_000_000_000

  /// - Parameter last: the last record of this run that is written.
  init(_ socket: consuming StreamSocket, _ sink: any LogSink, last: UInt64) {
    self.socket = socket
    self.sink = sink
    batch = LogBatch(last: last)
  }

  /// Works until the end of the stream.
  func run() throws(Failure) {
    var input = [UInt8](repeating: 0, count: Self.readSizeMax)
    guard Self.send(.ready(last: batch.last), on: socket) else {
      throw Failure("log-worker is a part of chat-server, which starts it by itself")
    }
    while true {
      switch socket.read(into: &input) {
      case .bytes(let count):
        decoder.append(input[..<count])
        try takeFrames()
        try writeBatch()
      case .wouldBlock:
        var entries = [Poll.Entry(socket.rawValue, .readable)]
        Poll.wait(for: &entries, nanoseconds: nil)
      case .endOfStream, .failed: return
      }
    }
  }

  private func takeFrames() throws(Failure) {
    do throws(LogFrameError) {
      while let frame = try decoder.next() {
        guard case .record(let number, let line) = frame else { throw LogFrameError() }
        batch.append(number: number, line: line)
      }
    } catch {
      throw Failure("the logging process does not understand the server", status: .peerFailed)
    }
  }

  /// Writes what has come, however long that takes; meanwhile nothing more is read.
  private func writeBatch() throws(Failure) {
    var delay: Int64 = 100_000_000
    var isFailing = false
    var endOfPatience: Int64?
    while !batch.isEmpty {
      let last = batch.last
      do throws(SystemError) {
        try sink.write(&batch)
      } catch {
        if !isFailing { Self.send(.failing(error.message), on: socket) }
        isFailing = true
        if let endOfPatience, Clock.monotonicNanoseconds() > endOfPatience {
          throw Failure("the last log records could not be written: \(error.message)")
        }
      }
      if batch.last > last { Self.send(.acknowledged(last: batch.last), on: socket) }
      if !batch.isEmpty {
        let serverIsGone = pause(nanoseconds: delay)
        if serverIsGone, endOfPatience == nil {
          endOfPatience = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
        }
        delay = min(2 * delay, endOfPatience == nil ? 2_000_000_000 : 200_000_000)
      }
    }
    if isFailing { Self.send(.recovered, on: socket) }
  }

  /// Waits; true if the server is gone.
  private func pause(nanoseconds: Int64) -> Bool {
    let end = Clock.monotonicNanoseconds() + nanoseconds
    var entries = [Poll.Entry(socket.rawValue, [])]
    Poll.wait(for: &entries, nanoseconds: nanoseconds)
    let isGone = entries[0].result.contains(.closed)
    var nothing: [Poll.Entry] = []
    if isGone { Poll.wait(for: &nothing, nanoseconds: end - Clock.monotonicNanoseconds()) }
    return isGone
  }

  /// Tells the server something, if it is still there.
  @discardableResult
  static func send(_ frame: LogFrame, on socket: borrowing StreamSocket) -> Bool {
    var bytes: [UInt8] = []
    frame.encode(into: &bytes)
    var start = 0
    while start < bytes.count {
      switch socket.write(bytes, from: start) {
      case .bytes(let count): start += count
      case .wouldBlock:
        var entries = [Poll.Entry(socket.rawValue, .writable)]
        Poll.wait(for: &entries, nanoseconds: nil)
      case .endOfStream, .failed: return false
      }
    }
    return true
  }
}
