import ChatWire
import TestSupport
import Testing

/// Every state with every input, as a text to be read: `Golden/classic-*.txt`.
@Suite struct ClassicTransitionTests {
  @Test func `the server's states and inputs are those of the golden table`() {
    let states: [(String, () -> ClassicServerBench)] = [
      ("awaitingSYN", { ClassicServerBench() }),
      (
        "opening",
        {
          let bench = ClassicServerBench()
          bench.answers = false
          bench.receive(.syn)
          return bench
        }
      ),
      (
        "awaitingHandshakeAck",
        {
          let bench = ClassicServerBench()
          bench.receive(.syn)
          return bench
        }
      ),
      ("established", { .established() }),
      ("inside a message", { Self.server(.data("a", 0, last: false)) }),
      (
        "behind a message of two fragments",
        { Self.server(.data("a", 0, last: false), .data("b", 1)) }
      ),
      ("five NACKs", { Self.server(damaged: 5) }),
      ("lossy", { Self.server(.channel(loss: 1)) }),
      ("damaging", { Self.server(.channel(corruption: 1)) }),
      ("frame held back", { Self.server(.channel(delay: 1, seconds: 5), .data("a")) }),
      ("nickname asked", { Self.server(asking: ClassicSample(.setNick, "ana")) }),
      ("names asked", { Self.server(asking: .listRequest) }),
      (
        "closing",
        {
          let bench = ClassicServerBench.established()
          bench.pass(.seconds(1))
          for text in ["a", "b"] { bench.session.broadcast(name: "bob", text: text) }
          _ = bench.drain()
          bench.session.close()
          return bench
        }
      ),
      ("ended", { Self.server(.disconnect) }),
    ]
    let frames: [(String, [UInt8])] = [
      ("SYN", ClassicSample.syn.bytes),
      ("SYN, not JSON", ClassicSample(.syn, "{").bytes),
      ("HANDSHAKE_ACK", ClassicSample.handshakeAck.bytes),
      ("DATA 0 last", ClassicSample.data("x").bytes),
      ("DATA 0 a, as before", ClassicSample.data("a", 0, last: false).bytes),
      ("DATA 1 b last, as before", ClassicSample.data("b", 1).bytes),
      ("DATA 0 last, empty", ClassicSample.data("").bytes),
      ("DATA 0 last, damaged", ClassicSample.data("x").bytes.damaged),
      ("ACK 0", ClassicSample.ack(0).bytes),
      ("SET_NICK", ClassicSample(.setNick, "zoe").bytes),
      ("SET_NICK, damaged", ClassicSample(.setNick, "zoe").bytes.damaged),
      ("LIST_REQUEST", ClassicSample.listRequest.bytes),
      ("CHANNEL_CONFIG", ClassicSample.channel().bytes),
      ("DISCONNECT", ClassicSample.disconnect.bytes),
      ("type 10", ClassicSample(ClassicType(rawValue: 10)).bytes),
      ("header claiming 2 MiB", [0, 32, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]),
    ]
    typealias Input = (String, (ClassicServerBench) -> Void)
    let inputs =
      frames.map { name, bytes -> Input in (name, { $0.receive(bytes: bytes) }) } + [
        ("end of stream", { $0.session.endOfStream() }), ("11 s pass", { $0.pass(.seconds(11)) }),
        ("accept", { $0.session.accept(sessionID: "00000000") }),
        ("refuse", { $0.session.refuse("No.") }),
        ("giveNickname", { $0.session.giveNickname("ana") }),
        ("list", { $0.session.list(["ana"]) }),
        ("broadcast", { $0.session.broadcast(name: "bob", text: "hi") }),
        ("close", { $0.session.close() }),
      ]
    var table = ""
    for (state, make) in states {
      var outcomes = Outcomes()
      for (input, act) in inputs {
        let bench = make()
        _ = (bench.takeWritten(), bench.takeSaid())
        let before = bench.session.state
        act(bench)
        bench.settle()
        outcomes.add(
          input, bench.takeWritten(), bench.takeSaid().map { "\($0)" }, "\(before)",
          "\(bench.session.state)")
      }
      table += "\(state)\n\(outcomes.text)"
    }
    expectGolden(table, named: "classic-server.txt")
  }

  @Test func `the client's states and inputs are those of the golden table`() {
    let states: [(String, () -> ClassicClientBench)] = [
      ("awaitingAnswer", { ClassicClientBench() }),
      (
        "awaitingNames",
        {
          let bench = ClassicClientBench()
          bench.receive(ClassicClientBench.synAck)
          return bench
        }
      ),
      ("established", { .established() }),
      ("first of two fragments sent", { Self.client { $0.send("abcd") } }),
      ("only fragment sent", { Self.client { $0.send("abc") } }),
      ("nickname asked for", { Self.client { $0.setNickname("ana") } }),
      ("names asked for", { Self.client { $0.requestNames() } }),
      ("leaving", { Self.client { $0.disconnect() } }),
      (
        "ended",
        {
          let bench = ClassicClientBench()
          bench.receive(ClassicSample(.ack, "no"))
          return bench
        }
      ),
    ]
    let frames: [(String, [UInt8])] = [
      ("SYN-ACK", ClassicClientBench.synAck.bytes),
      ("refusal", ClassicSample(.ack, #"{"status": "error", "message": "No."}"#).bytes),
      ("ACK 0", ClassicSample.ack(0).bytes), ("ACK 1", ClassicSample.ack(1).bytes),
      ("ACK 0, damaged", ClassicSample.ack(0).bytes.damaged),
      ("ACK 0, other words", ClassicSample(.ack, "yes").bytes),
      ("NACK 0", ClassicSample.nack(0).bytes), ("NACK 1", ClassicSample.nack(1).bytes),
      ("NICK OK", ClassicSample(.ack, "NICK OK: ana").bytes),
      ("Disconnect ACK", ClassicSample(.ack, "Disconnect ACK").bytes),
      ("LIST_RESPONSE", ClassicClientBench.names.bytes),
      ("LIST_RESPONSE, no list", ClassicSample(.listResponse, "{}").bytes),
      ("DATA", ClassicSample.data("[bob] hi").bytes), ("SYN", ClassicSample.syn.bytes),
    ]
    typealias Input = (String, (ClassicClientBench) -> Void)
    let inputs =
      frames.map { name, bytes -> Input in (name, { $0.receive(bytes: bytes) }) } + [
        ("end of stream", { $0.session.endOfStream() }),
        ("300 ms pass", { $0.pass(.milliseconds(300)) }), ("5 s pass", { $0.pass(.seconds(5)) }),
        ("20 s pass", { $0.pass(.seconds(20)) }), ("send", { $0.session.send("hi") }),
        ("setNickname", { $0.session.setNickname("bob") }),
        ("requestNames", { $0.session.requestNames() }),
        ("configureChannel", { $0.session.configureChannel(ClassicChannelConfig()) }),
        ("disconnect", { $0.session.disconnect() }),
      ]
    var table = ""
    for (state, make) in states {
      var outcomes = Outcomes()
      for (input, act) in inputs {
        let bench = make()
        _ = (bench.takeWritten(), bench.takeSaid())
        let before = bench.session.state
        act(bench)
        _ = bench.drain()
        outcomes.add(
          input, bench.takeWritten(), bench.takeSaid().map { "\($0)" }, "\(before)",
          "\(bench.session.state)")
      }
      table += "\(state)\n\(outcomes.text)"
    }
    expectGolden(table, named: "classic-client.txt")
  }

  private static func server(_ samples: ClassicSample..., damaged count: Int = 0)
    -> ClassicServerBench
  {
    let bench = ClassicServerBench.established()
    for sample in samples { bench.receive(sample) }
    for _ in 0..<count { bench.receive(bytes: ClassicSample.data("x").bytes.damaged) }
    return bench
  }

  private static func server(asking sample: ClassicSample) -> ClassicServerBench {
    let bench = ClassicServerBench.established()
    bench.answers = false
    bench.receive(sample)
    return bench
  }

  private static func client(_ act: (inout ClassicClientSession) -> Void) -> ClassicClientBench {
    let bench = ClassicClientBench.established()
    act(&bench.session)
    _ = bench.drain()
    return bench
  }

  /// The outcomes of all inputs in one state: inputs with the same one share a line.
  private struct Outcomes {
    private var lines: [(inputs: [String], outcome: String)] = []

    /// Adds an input: frames written; what was said; the state, if it is another.
    mutating func add(
      _ input: String, _ written: [ClassicSample], _ said: [String], _ before: String,
      _ after: String
    ) {
      var parts = Self.counted(written.map { "writes \($0.description.prefix(48))" }) + said
      if before != after, said.last != after { parts.append("-> \(after)") }
      var outcome = parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
      // Only the names of the cases.
      outcome.replace(
        /(ChatWire|Classic\w*(Error|End|Discard|Request)|JSONError|ARQMode)\./, with: "")
      if let index = lines.firstIndex(where: { $0.outcome == outcome }) {
        lines[index].inputs.append(input)
      } else {
        lines.append(([input], outcome))
      }
    }

    var text: String {
      lines.map { "  \($0.inputs.joined(separator: " | ")):\n      \($0.outcome)\n" }.joined()
    }

    /// Equal lines in a row as one, with their number.
    private static func counted(_ lines: [String]) -> [String] {
      var result: [(line: String, count: Int)] = []
      for line in lines {
        if result.last?.line == line {
          result[result.count - 1].count += 1
        } else {
          result.append((line, 1))
        }
      }
      return result.map { $0.count == 1 ? $0.line : "\($0.line) (\($0.count) times)" }
    }
  }
}
