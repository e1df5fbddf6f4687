import ChatPosix
import Foundation
import Testing

@testable import chat_server

@Suite("The logging process by itself", .serialized) struct LogWorkerTests {
  /// A socket that several may refer to.
  final class End {
    let socket: StreamSocket
    init(_ socket: consuming StreamSocket) { self.socket = socket }
  }

  /// The server's end of a logging process that the test plays the server for.
  final class Peer {
    let process: OwnProcess
    private var end: End?
    private var decoder = LogFrameDecoder()

    init(_ settings: LogSettings) throws {
      let pair = try StreamSocketPair()
      process = try OwnProcess.start(
        arguments: LogWorkerCommand.arguments(settings, run: "this"),
        socket: pair.second.rawValue, executable: LogFixture.executable)
      end = End(pair.first)
    }

    deinit { process.kill() }

    /// The next thing that it says; nil if it has nothing more to say.
    func next() throws -> LogFrame? {
      var buffer = [UInt8](repeating: 0, count: 1_024)
      while true {
        if let frame = try decoder.next() { return frame }
        switch end?.socket.read(into: &buffer) {
        case .bytes(let count): decoder.append(buffer[..<count])
        case .wouldBlock: wait(.readable)
        case .endOfStream, .failed, nil: return nil
        }
      }
    }

    /// Sends bytes; false if they do not go.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
      var start = 0
      while start < bytes.count {
        switch end?.socket.write(bytes, from: start) {
        case .bytes(let count): start += count
        case .wouldBlock: wait(.writable)
        case .endOfStream, .failed, nil: return false
        }
      }
      return true
    }

    func send(_ numbers: ClosedRange<Int>) {
      var bytes: [UInt8] = []
      for number in numbers {
        LogFrame.record(
          number: UInt64(number), line: Array(LogFileTests.line(number).utf8)[...]
        ).encode(into: &bytes)
      }
      send(bytes)
    }

    private func wait(_ interest: WakeablePoll.Interest) {
      var entries = [Poll.Entry(end?.socket.rawValue ?? -1, interest)]
      Poll.wait(for: &entries, nanoseconds: 30_000_000_000)
    }

    /// What the kernel does for a server that is killed.
    func close() { end = nil }
  }

  @Test("when the server is killed, it writes all that it got, and ends")
  func serverKilled() throws {
    let fixture = try LogFixture()
    let peer = try Peer(fixture.settings)
    #expect(try peer.next() == .ready(last: 0))
    peer.send(1...5_000)
    kill(peer.process.identifier, SIGTERM)
    kill(peer.process.identifier, SIGINT)
    kill(peer.process.identifier, SIGHUP)
    peer.close()
    #expect(waitUntil { peer.process.hasEnded() })
    let text = try String(contentsOfFile: fixture.file("chat-server.jsonl"), encoding: .utf8)
    #expect(text == LogFileTests.lines(1...5_000))
  }

  @Test("when the disk is full and the server gone, it gives up after a while")
  func fullDiskWithoutServer() throws {
    let fixture = try LogFixture()
    let peer = try Peer(fixture.settings)
    #expect(try peer.next() == .ready(last: 0))
    try LogFailureTests.limitFileSize(of: peer.process.identifier, to: "1000")
    peer.send(1...100)
    var frame = try peer.next()
    while case .acknowledged = frame { frame = try peer.next() }
    #expect(frame == .failing("file too large"))
    peer.close()
    #expect(waitUntil { peer.process.hasEnded() })
    let text = try String(contentsOfFile: fixture.file("chat-server.jsonl"), encoding: .utf8)
    #expect(text.utf8.count <= 1_000)
    #expect(text.hasSuffix("\n"))
    #expect(LogFileTests.lines(1...100).hasPrefix(text))
  }

  @Test("started again, it says what is in the file, and skips what comes again")
  func startedAgain() throws {
    let fixture = try LogFixture()
    for (numbers, last) in [(1...10, 0), (4...20, 10), (1...20, 20)] {
      let peer = try Peer(fixture.settings)
      #expect(try peer.next() == .ready(last: UInt64(last)))
      peer.send(numbers)
      peer.close()
      #expect(waitUntil { peer.process.hasEnded() })
    }
    let text = try String(contentsOfFile: fixture.file("chat-server.jsonl"), encoding: .utf8)
    #expect(text == LogFileTests.lines(1...20))
  }

  @Test("records are acknowledged when they are in the file, and not before")
  func acknowledges() throws {
    let fixture = try LogFixture()
    let peer = try Peer(fixture.settings)
    #expect(try peer.next() == .ready(last: 0))
    for number in 1...50 {
      peer.send(number...number)
      #expect(try peer.next() == .acknowledged(last: UInt64(number)))
      let text = try String(contentsOfFile: fixture.file("chat-server.jsonl"), encoding: .utf8)
      #expect(text == LogFileTests.lines(1...number))
    }
  }

  @Test("bytes that are no frames end it")
  func nonsense() throws {
    let fixture = try LogFixture()
    let peer = try Peer(fixture.settings)
    #expect(try peer.next() == .ready(last: 0))
    peer.send([0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try peer.next() == nil)
    #expect(waitUntil { peer.process.hasEnded() })
  }

  @Test("lines for a terminal arrive whole, however slowly they are read")
  func terminal() throws {
    let pair = try StreamSocketPair()
    pair.first.setBufferSizes(send: 4_096, receive: nil)
    let text = Locked<[UInt8]>([])
    let (writing, reading) = (pair.first.rawValue, pair.second.rawValue)
    let lines = LogFileTests.lines(1...5_000)
    try Thread.detach("reader") {
      var buffer = [UInt8](repeating: 0, count: 777)
      while text.withLock({ $0.count < lines.utf8.count }) {
        var entries = [Poll.Entry(reading, .readable)]
        Poll.wait(for: &entries, nanoseconds: 30_000_000_000)
        let count = read(reading, &buffer, buffer.count)
        guard count > 0 else { break }
        text.change { $0 += buffer[..<count] }
      }
    }
    var sink = LogTerminal(descriptor: writing)
    var batch = LogFileTests.batch(1...5_000)
    try sink.write(&batch)
    #expect(batch.isEmpty)
    let all = text.wait(untilNanoseconds: Clock.monotonicNanoseconds() + 30_000_000_000) {
      $0.count == lines.utf8.count ? $0 : nil
    }
    #expect(all.map { String(decoding: $0, as: UTF8.self) } == lines)
    // The ends live as long as the thread may read.
    _ = consume pair
  }

  @Test("lines that nobody can read any more are let go")
  func closedTerminal() throws {
    var sink = LogTerminal(descriptor: 100_000)
    var batch = LogFileTests.batch(1...10)
    try sink.write(&batch)
    #expect(batch.isEmpty)
    #expect(batch.last == 10)
  }

  @Test("called by a person, it says what it is")
  func calledByHand() throws {
    let tool = Process()
    let errors = Pipe()
    tool.executableURL = URL(fileURLWithPath: LogFixture.executable)
    tool.arguments = ["log-worker", "--run=x", "--file-size-max=1", "--file-count=1"]
    tool.standardError = errors
    try tool.run()
    tool.waitUntilExit()
    #expect(tool.terminationStatus == 2)
    let text = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text.contains("starts it by itself"))
  }
}
