import ChatWire
import TestSupport
import Testing

/// Our client against our server in memory, with the bytes cut at random and the channel simulation
/// on.
@Suite struct ClassicPairTests {
  /// Two sessions, a link with latency in each direction, and virtual time.
  final class Pair {
    var client: ClassicClientSession
    var server: ClassicServerSession
    var now = Instant.zero
    var random: SeededGenerator
    /// Bytes under way, with the moment at which they arrive.
    var toServer: [(Instant, [UInt8])] = []
    var toClient: [(Instant, [UInt8])] = []
    var texts: [String] = []
    var delivered: [UInt64] = []
    var broadcasts: [String] = []
    var serverEnd: ClassicServerEnd?
    var clientEnd: ClassicClientEnd?
    var nickname = ""

    init(seed: UInt64, fragmentCharacters: Int) {
      random = SeededGenerator(seed: seed)
      var configuration = ClassicClientConfiguration()
      configuration.parameters.fragmentCharacters = fragmentCharacters
      client = ClassicClientSession(configuration)
      server = ClassicServerSession(seed: seed, at: .zero)
    }

    private func send(_ bytes: [UInt8], isToServer: Bool) {
      var due = now
      for piece in bytes.pieces(upTo: 1 + bytes.count, using: &random) {
        due = due.advanced(by: .microseconds(Int64.random(in: 1...900, using: &random)))
        if isToServer {
          due = max(due, toServer.last?.0 ?? due)
          toServer.append((due, piece))
        } else {
          due = max(due, toClient.last?.0 ?? due)
          toClient.append((due, piece))
        }
      }
    }

    /// Takes all outputs of the client; when it wants to be asked again.
    private func drainClient() -> Instant {
      while true {
        var buffer: [UInt8] = []
        switch client.nextOutput(at: now, into: &buffer) {
        case .transmit: send(buffer, isToServer: true)
        case .delivered(let number): delivered.append(number)
        case .broadcast(_, let text): broadcasts.append(text)
        case .nickname(let name): nickname = name
        case .established, .names, .unanswered, .unsendable: break
        case .wait(let moment): return moment
        case .ended(let end):
          clientEnd = end
          return .distantFuture
        }
      }
    }

    private func drainServer() -> Instant {
      while true {
        var buffer: [UInt8] = []
        switch server.nextOutput(at: now, into: &buffer) {
        case .transmit: send(buffer, isToServer: false)
        case .opening: server.accept(sessionID: "00000000")
        case .text(let bytes): texts.append(String(decoding: bytes, as: UTF8.self))
        case .nicknameWanted(let name): server.giveNickname(name)
        case .namesWanted: server.list(["me"])
        case .established, .discarded, .channelConfigured: break
        case .wait(let moment): return moment
        case .ended(let end):
          serverEnd = end
          return .distantFuture
        }
      }
    }

    /// Runs until nothing is to be expected, or so many steps were taken.
    func run(stepMax: Int = 200_000) -> Bool {
      for _ in 0..<stepMax {
        let clientDue = drainClient()
        let serverDue = drainServer()
        if serverEnd != nil, toClient.isEmpty { client.endOfStream() }
        if clientEnd != nil, toServer.isEmpty { server.endOfStream() }
        if clientEnd != nil, serverEnd != nil { return true }
        let next = min(
          clientDue, serverDue, toServer.first?.0 ?? .distantFuture,
          toClient.first?.0 ?? .distantFuture)
        if next == .distantFuture, serverEnd == nil, clientEnd == nil { return false }
        if next != .distantFuture { now = max(now, next) }
        while let (due, bytes) = toServer.first, due <= now {
          server.receive(bytes.span.bytes)
          toServer.removeFirst()
        }
        while let (due, bytes) = toClient.first, due <= now {
          client.receive(bytes.span.bytes)
          toClient.removeFirst()
        }
      }
      return false
    }
  }

  private func message(_ index: Int, _ random: inout SeededGenerator) -> String {
    let characters: [Character] = ["a", "b", "é", "€", "😀", " ", "\n"]
    return "\(index):"
      + String(
        (0..<Int.random(in: 0...40, using: &random)).map { _ in
          characters.randomElement(using: &random) ?? "a"
        })
  }

  @Test func `every message arrives exactly once or the session ends with a reason`() {
    var completeCount = 0
    var cutCount = 0
    for seed in 0..<UInt64(60 * effort) {
      var random = SeededGenerator(seed: seed &+ 1_000)
      let pair = Pair(seed: seed, fragmentCharacters: Int.random(in: 1...9, using: &random))
      var config = ClassicChannelConfig()
      if !seed.isMultiple(of: 4) {
        config.lossProbability = Double.random(in: 0...0.4, using: &random)
        config.corruptionProbability = Double.random(in: 0...0.2, using: &random)
        config.delayProbability = Double.random(in: 0...0.5, using: &random)
        config.delaySeconds = Double.random(in: 0...0.2, using: &random)
      }
      pair.client.configureChannel(config)
      let messages = (0..<12).map { message($0, &random) }
      for (index, text) in messages.enumerated() {
        #expect(pair.client.send(text) == UInt64(index + 1))
        if index == 5 { pair.client.setNickname("ana") }
      }
      pair.client.disconnect()
      #expect(pair.run(), "seed \(seed) does not come to an end")
      #expect(pair.texts == Array(messages.prefix(pair.texts.count)), "seed \(seed)")
      #expect(pair.delivered == (0..<pair.delivered.count).map { UInt64($0 + 1) }, "seed \(seed)")
      #expect(pair.delivered.count <= pair.texts.count, "seed \(seed)")
      switch pair.clientEnd {
      case .disconnected:
        completeCount += 1
        #expect(pair.texts == messages, "seed \(seed)")
        #expect(pair.delivered.count == messages.count, "seed \(seed)")
        #expect(pair.nickname == "ana", "seed \(seed)")
      case .retriesExhausted, .closedByServer:
        cutCount += 1
        #expect(pair.serverEnd == .tooManyNacks, "seed \(seed)")
      default: Issue.record("seed \(seed) ends with \(String(describing: pair.clientEnd))")
      }
    }
    // Both happen, so that both are tested.
    #expect(completeCount > 30 * effort)
    #expect(cutCount > 0)
  }

  @Test func `a delay longer than the silence limit ends the session`() {
    let pair = Pair(seed: 1, fragmentCharacters: 3)
    var config = ClassicChannelConfig()
    config.delayProbability = 1
    config.delaySeconds = 9
    pair.client.configureChannel(config)
    pair.client.send("x")
    #expect(pair.run())
    #expect(pair.clientEnd == .silent)
    #expect(pair.serverEnd == .closedByClient)
    // It did arrive, and nobody said that it did not.
    #expect(pair.texts == ["x"])
    #expect(pair.delivered == [])
  }

  @Test func `broadcasts arrive whole and in order while the client sends`() {
    let pair = Pair(seed: 5, fragmentCharacters: 2)
    pair.client.send("before the list")
    for _ in 0..<2 { _ = pair.run(stepMax: 60) }
    let said = (0..<50).map { "broadcast \($0)" }
    for text in said { pair.server.broadcast(name: "bob", text: text) }
    pair.client.send(String(repeating: "x", count: 300))
    pair.client.disconnect()
    #expect(pair.run())
    #expect(pair.clientEnd == .disconnected(isAcknowledged: true))
    #expect(pair.broadcasts == said)
  }
}
