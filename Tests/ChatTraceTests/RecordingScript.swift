import ChatTrace
import ChatWire
import TestSupport

/// What happens in a proxy, as it tells its trace and its recording.
struct RecordingScript {
  enum Step {
    case open(Int, RecordingWriter.Ends)
    case arrived(Int, Direction, [UInt8], number: UInt64, TappedFate)
    case sent(Int, Direction, [UInt8], number: UInt64, [TappedAct])
    case decided(Int, Direction, number: UInt64, frame: UInt64, TappedAct)
    case ended(Int, TappedClosing, [TappedAct])
    case passedEnd(Int, Direction)
    case advance
  }

  var steps: [(time: Int64, step: Step)] = []
  var now: Int64 = 1_700_000_000_123_456_789

  mutating func add(_ step: Step, after nanoseconds: Int64 = 1_000_000) {
    now += nanoseconds
    steps.append((now, step))
  }

  /// The ends of a connection: every third one has IPv6 towards the server, every fourth on both
  /// legs; ports are used again.
  static func ends(_ connection: Int) -> RecordingWriter.Ends {
    func endpoint(_ number: UInt32, _ port: Int, isIPv6: Bool) -> Endpoint {
      Endpoint(
        address: isIPv6
          ? IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: UInt64(number))
          : IPAddress(ipv4: 0x0A00_0000 | number),
        port: UInt16(port))
    }
    let isIPv6 = connection % 4 == 3
    let isServerIPv6 = isIPv6 || connection % 3 == 2
    return RecordingWriter.Ends(
      client: endpoint(1, 40_000 + connection % 5, isIPv6: isIPv6),
      proxyForClient: endpoint(2, 17_171, isIPv6: isIPv6),
      proxyForServer: endpoint(3, 50_000 + connection % 7, isIPv6: isServerIPv6),
      server: endpoint(4, 17_170, isIPv6: isServerIPv6))
  }
}

// MARK: what is drawn

extension RecordingScript {
  /// Connections of all kinds, in which everything happens that can.
  init(seed: UInt64, connections: Int = 4, largest: Int = 200_000) {
    var random = SeededGenerator(seed: seed)
    var lines: [Line] = []
    while true {
      // Those that are open, and the next one.
      let going = (0..<connections).filter { $0 <= lines.count }.filter {
        $0 == lines.count || !lines[$0].isOver
      }
      guard let index = going.randomElement(using: &random) else { break }
      if index == lines.count { lines.append(Line(index, largest: largest, using: &random)) }
      let pause: Int64
      switch Int.random(in: 0..<20, using: &random) {
      case 0: pause = 3_000_000_000
      case 1...4: pause = 0
      default: pause = Int64.random(in: 1...90_000_000, using: &random)
      }
      if pause > 500_000_000 || Int.random(in: 0..<12, using: &random) == 0 {
        add(.advance, after: pause / 2)
      }
      now += pause / 2
      for step in lines[index].next(using: &random) {
        add(step, after: Int64.random(in: 0...3, using: &random))
      }
    }
    add(.advance, after: Int64.random(in: 0...2_000_000_000, using: &random))
  }

  /// One connection.
  private struct Line {
    let number: Int
    var chunks: [Dialogue.Chunk]
    /// Sent later, if at all.
    var held: [(direction: Direction, bytes: [UInt8], number: UInt64, acts: [TappedAct])] = []
    var nextNumber: UInt64 = 1
    var isOpen = false
    var isOver = false
    var ending: [Step]

    init(_ number: Int, largest: Int, using random: inout SeededGenerator) {
      self.number = number
      var dialogue = Dialogue()
      switch number % 4 {
      case 0, 3:
        dialogue =
          SimulatedSession(
            mode: number % 8 < 4 ? .goBackN : .selectiveRepeat, window: 8, isn: 65_530,
            messages: EngineAnalysisTests.texts(6), fragmentSize: 8,
            trouble: [(.lostBehind, 8), (.repeated, 8), (.damagedBefore, 8)],
            seed: UInt64.random(in: 0...999, using: &random)
          ).dialogue
      case 1: dialogue = Self.classicDialogue(largest, using: &random)
      default:
        dialogue = EngineStreamsTests.other(Int.random(in: 0..<4, using: &random), using: &random)
      }
      chunks = dialogue.chunks
      let act = TappedAct(rule: "slow-close 1s", action: "slow-close 1s")
      ending =
        [
          [
            .ended(number, .halfClose(.clientToServer), [act]), .passedEnd(number, .clientToServer),
            .ended(number, .halfClose(.serverToClient), []), .passedEnd(number, .serverToClient),
          ],
          [
            .ended(number, .halfClose(.serverToClient), []),
            .ended(number, .close, []), .passedEnd(number, .clientToServer),
            .passedEnd(number, .serverToClient),
          ],
          [.ended(number, .reset, [])],
          [],
        ].randomElement(using: &random) ?? []
    }

    private static func classicDialogue(_ largest: Int, using random: inout SeededGenerator)
      -> Dialogue
    {
      var dialogue = Dialogue()
      dialogue.client(classic(.syn, 0, #"{"protocol":"gbn","window_size":4}"#))
      dialogue.server(classic(.ack, 0, #"{"status":"ok","session_id":"1"}"#))
      dialogue.client(classic(.handshakeAck, 0, #"{"session_id":"1"}"#))
      for sequence in 0..<6 {
        let count = sequence == 3 ? largest : Int.random(in: 1...300, using: &random)
        let text = String(repeating: "abc\u{1F600}", count: max(1, count / 7))
        dialogue.client(classic(.data, UInt16(sequence), text, isLast: sequence % 2 == 1))
        dialogue.server(classic(.ack, UInt16(sequence), "ACK for seq \(sequence)"))
      }
      return dialogue
    }

    mutating func next(using random: inout SeededGenerator) -> [Step] {
      guard isOpen else {
        isOpen = true
        return [.open(number, RecordingScript.ends(number))]
      }
      if !held.isEmpty, chunks.isEmpty || Int.random(in: 0..<4, using: &random) == 0 {
        let late = held.removeFirst()
        return [.sent(number, late.direction, late.bytes, number: late.number, late.acts)]
      }
      guard !chunks.isEmpty else {
        guard !ending.isEmpty else {
          isOver = true
          return []
        }
        return [ending.removeFirst()]
      }
      return arrive(chunks.removeFirst(), using: &random)
    }

    private mutating func arrive(
      _ chunk: Dialogue.Chunk, using random: inout SeededGenerator
    ) -> [Step] {
      var bytes = chunk.bytes
      switch Int.random(in: 0..<24, using: &random) {
      case 0: bytes[Int.random(in: bytes.indices, using: &random)] ^= 0x40
      case 1: bytes.insert(7, at: 0)
      case 2: bytes.removeLast()
      case 3: bytes = [0xFF, 0, 3] + bytes
      default: break
      }
      let direction: Direction = chunk.fromClient ? .clientToServer : .serverToClient
      var acts: [TappedAct] = []
      let actions: [TappedAction] = [
        .drop, .corrupt(.payload), .delay(nanoseconds: 50_000_000), .duplicate, .reorder(gap: 2),
        .other("wave \u{202E}\n\"\\"),
      ]
      while Int.random(in: 0..<4, using: &random) == 0,
        let action = actions.randomElement(using: &random)
      {
        acts.append(
          TappedAct(
            rule: "\(action) 10% \(direction.name) where text == \"\\\u{7}é\"", action: action))
      }
      var fate = TappedFate(acts: acts)
      if Int.random(in: 0..<20, using: &random) == 0 { fate.disposition = .delayed }
      // In pieces, or several at once, as what is not understood comes.
      let cut = Int.random(in: 0..<9, using: &random) == 0 ? bytes.count / 2 : 0
      var steps: [Step] = []
      for part in [bytes[..<cut], bytes[cut...]] where !part.isEmpty {
        steps += pass(Array(part), direction, part.startIndex == cut ? fate : .forwarded, &random)
      }
      return steps
    }

    private mutating func pass(
      _ bytes: [UInt8], _ direction: Direction, _ fate: TappedFate, _ random: inout SeededGenerator
    ) -> [Step] {
      let id = nextNumber
      nextNumber += UInt64.random(in: 1...3, using: &random)
      var steps: [Step] = [.arrived(number, direction, bytes, number: id, fate)]
      switch fate.disposition {
      case .dropped: break
      case .delayed, .reordered: held.append((direction, bytes, id, fate.acts))
      case .corrupted:
        var changed = bytes
        changed[changed.count - 1] ^= 1
        steps.append(.sent(number, direction, changed, number: id, fate.acts))
      default:
        steps.append(.sent(number, direction, bytes, number: id, fate.acts))
        if fate.disposition == .duplicated { steps.append(steps[1]) }
      }
      if Int.random(in: 0..<12, using: &random) == 0 {
        steps.append(
          .decided(
            number, direction, number: id, frame: id % 3,
            TappedAct(rule: "intercept", action: id % 2 == 0 ? "release" : "drop")))
      }
      return steps
    }
  }
}
