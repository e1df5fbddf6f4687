import ChatPosix
import ChatWire
import Logging
import TestSupport
import Testing

@testable import chat_server

/// The server's threads and locks, in this process, so that ThreadSanitizer sees them.
@Suite("A room under load", .serialized) struct RoomUnderLoadTests {
  /// A server that listens on loopback.
  private struct RunningServer {
    let context: ServerContext
    let acceptor: Acceptor

    init(_ settings: ServerSettings) throws {
      WakeablePoll.prepare()
      Signals.ignoreFailedWrites()
      context = ServerContext(
        settings: settings, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      acceptor = try Acceptor(
        listener: StreamListener(host: "127.0.0.1", port: 0), server: context)
      try context.hub.herald.start(context)
      try acceptor.start()
    }

    var port: UInt16 { acceptor.address.port }

    /// Stops; true if everybody has gone in time.
    func stop() -> Bool {
      acceptor.stop()
      ClientConnection.lookAfter(context.hub.shutDown("over"), context)
      ClientConnection.lookAfter(context.hub.cutOff("over"), context)
      let isEmpty = context.hub.waitUntilEmpty(
        deadline: context.now().advanced(by: .seconds(30)))
      context.hub.herald.stop()
      return isEmpty
    }
  }

  private static let deadlineSeconds: Int64 = 120

  private func client(_ number: Int, _ port: UInt16) throws -> LoadedClient {
    try LoadedClient(
      nickname: "user\(number)", mode: number % 2 == 0 ? .goBackN : .selectiveRepeat,
      window: [1, 4, 16, 300][number % 4], fragment: [100, 300, 1_024][number % 3], port: port)
  }

  /// What one thread's clients have heard, and whether everything that they said arrived.
  private struct Result: Sendable {
    var heard: [[String]] = []
    var isComplete = true
  }

  @Test("everybody hears everything in one order, while others come, are killed and go")
  func keepsOneOrder() throws {
    var settings = ServerSettings()
    settings.messagesPerSecond = 0
    settings.messageOfTheDay = "welcome"
    let server = try RunningServer(settings)
    let port = server.port
    let (threadCount, clientCount, messageCount) = (4, 6, 40)
    let total = threadCount * clientCount
    let results = Locked<[Result]>([])
    let readyCount = Locked(0)
    let disturber = try Thread.start("disturber") {
      for number in 1_000..<1_060 {
        guard var visitor = try? self.client(number, port) else { continue }
        for _ in 0..<(number % 5) { visitor.step() }
        // Some go in the middle of the handshake, some in the middle of a frame.
        if number % 3 == 0 { _ = visitor.socket.write([0, 1, 0, 4, 9]) }
        if number % 4 == 0 { visitor.socket.resetOnClose() }
      }
    }
    let threads = try (0..<threadCount).map { thread throws(SystemError) in
      try Thread.start("clients \(thread)") {
        let result =
          (try? self.talk(
            from: thread * clientCount, count: clientCount, of: total, messageCount, port,
            readyCount)) ?? Result(isComplete: false)
        results.withLock { $0.append(result) }
      }
    }
    for thread in threads { thread.join() }
    disturber.join()
    let all = results.withLock { $0 }
    let completeCount = all.count { $0.isComplete }
    #expect(completeCount == threadCount)
    let heard = all.flatMap(\.heard)
    #expect(heard.count == total)
    // Nobody hears themselves, so two lists are compared without what either of the two said.
    let first = try #require(heard.first)
    let firstSpeakers = Set(first.map { $0.prefix { $0 != ":" } })
    for list in heard {
      #expect(list.count == (total - 1) * messageCount)
      let speakers = Set(list.map { $0.prefix { $0 != ":" } })
      let common = firstSpeakers.intersection(speakers)
      let isSameOrder =
        list.filter { common.contains($0.prefix { $0 != ":" }) }
        == first.filter { common.contains($0.prefix { $0 != ":" }) }
      #expect(isSameOrder)
    }
    #expect(server.stop())
  }

  /// Drives some clients until each has said everything and heard everything.
  private func talk(
    from first: Int, count: Int, of total: Int, _ messageCount: Int, _ port: UInt16,
    _ readyCount: Locked<Int>
  ) throws -> Result {
    var clients: [ClientBox] = []
    for number in first..<first + count {
      clients.append(ClientBox(try client(number, port)))
    }
    let deadline = Clock.monotonicNanoseconds() + Self.deadlineSeconds * 1_000_000_000
    func run(until isDone: () -> Bool) -> Bool {
      while !isDone() {
        guard Clock.monotonicNanoseconds() < deadline else { return false }
        for box in clients { box.client.step() }
        var entries = clients.map { Poll.Entry($0.client.socket.rawValue, .readable) }
        Poll.wait(for: &entries, nanoseconds: 10_000_000)
      }
      return true
    }
    guard run(until: { clients.allSatisfy { $0.client.isWelcome } }) else {
      return Result(isComplete: false)
    }
    readyCount.withLock { $0 += count }
    // Nobody speaks before everybody is there to hear it.
    guard run(until: { readyCount.withLock { $0 } == total }) else {
      return Result(isComplete: false)
    }
    for message in 0..<messageCount {
      for box in clients {
        try box.client.say(
          "message \(message) of \(box.client.nickname)"
            + String(repeating: ".", count: message % 3 * 400))
      }
    }
    let isComplete = run(until: {
      clients.allSatisfy {
        $0.client.isAllAcknowledged && $0.client.heard.count >= (total - 1) * messageCount
      }
    })
    readyCount.withLock { $0 += count }
    // Nobody goes before everybody has heard everything.
    let isOver = run(until: { readyCount.withLock { $0 } == 2 * total })
    for box in clients { box.client.finish() }
    let isEnded = run(until: { clients.allSatisfy { $0.client.outcome != nil } })
    return Result(
      heard: clients.map { $0.client.heard }, isComplete: isComplete && isOver && isEnded)
  }

  private final class ClientBox {
    var client: LoadedClient
    init(_ client: consuming LoadedClient) { self.client = client }
  }

  @Test("a reader that never reads is ended, and nobody else waits for it")
  func endsSlowReaders() throws {
    var settings = ServerSettings()
    settings.messagesPerSecond = 0
    settings.queueByteCountMax = 200_000
    let server = try RunningServer(settings)
    let sender = ClientBox(try client(0, server.port))
    let reader = ClientBox(try client(2, server.port))
    let slow = ClientBox(try client(4, server.port))
    let deadline = Clock.monotonicNanoseconds() + Self.deadlineSeconds * 1_000_000_000
    func run(_ boxes: [ClientBox], until isDone: () -> Bool) -> Bool {
      while !isDone() {
        guard Clock.monotonicNanoseconds() < deadline else { return false }
        for box in boxes { box.client.step() }
        var entries = boxes.map { Poll.Entry($0.client.socket.rawValue, .readable) }
        Poll.wait(for: &entries, nanoseconds: 5_000_000)
      }
      return true
    }
    let everybody = [sender, reader, slow]
    let isOpen = run(everybody, until: { everybody.allSatisfy { $0.client.isEstablished } })
    #expect(isOpen)
    let text = String(repeating: "x", count: 10_000)
    for _ in 0..<60 { try sender.client.say(text) }
    let isHeard = run([sender, reader], until: { reader.client.heard.count == 60 })
    #expect(isHeard)
    let isTold = run(
      [sender, reader],
      until: {
        reader.client.notices.contains {
          if case .left("user4", _) = $0 { true } else { false }
        }
      })
    #expect(isTold)
    #expect(server.stop())
    #expect(server.context.hub.snapshot().totals.slowClientsEnded == 1)
  }
}
