import ChatTrace
import ChatWire
import TestSupport

/// A native session with a small sender and receiver on each end of a channel that loses, damages,
/// repeats and reorders frames.
///
/// The capture is taken in the middle: what is lost before it is not in it, what is lost behind
/// it is. Knows everything, and so what the trace should say.
struct SimulatedSession {
  enum Fate { case passes, lostBefore, lostBehind, damagedBefore, damagedBehind, repeated }

  /// A frame on the wire, as the trace should see it.
  struct Truth {
    var fromClient: Bool
    var type: FrameType
    var sequence: UInt16
    var isDamaged = false
    var message: UInt64?
    var fragment: UInt64?
    var attempt: UInt64?
    /// The text that this frame completes.
    var text: String?
    /// The sender's window after it, of the direction that it is about.
    var base: UInt16?
    var next: UInt16?
    /// What made the sender send it again.
    var cause: Cause?
    /// What became of it behind the place of the capture.
    var fate = Fate.passes
    /// The oldest frame that the sender itself takes for unacknowledged, after this one.
    var heardBase: UInt16?
    /// What the receiver has stated that it expects next.
    var stated: UInt16?
  }

  enum Cause: Equatable { case nack(frame: Int), timeout, goBack, fast }

  struct Sent {
    var payload: [UInt8]
    var isLast: Bool
    var message: UInt64
    var fragment: UInt64
    var transmissions = 0
    /// Copies that the capture has.
    var seen: UInt64 = 0
    var seenGood = false
    var isMarked = false
    var nacked: Int?
  }

  var mode: Mode
  var window: Int
  var isn: UInt16
  var messages: [String]
  var fragmentSize: Int
  /// Percent of each fate, for DATA and for answers.
  var trouble: [(Fate, Int)]

  private var random: SeededGenerator
  private(set) var dialogue = Dialogue()
  private(set) var truth: [Truth] = []

  init(
    mode: Mode, window: Int, isn: UInt16, messages: [String], fragmentSize: Int,
    trouble: [(Fate, Int)], seed: UInt64
  ) {
    self.mode = mode
    self.window = window
    self.isn = isn
    self.messages = messages
    self.fragmentSize = fragmentSize
    self.trouble = trouble
    random = SeededGenerator(seed: seed)
    handshake()
    run()
  }

  private mutating func fate() -> Fate {
    var draw = Int.random(in: 0..<100, using: &random)
    for (fate, percent) in trouble {
      if draw < percent { return fate }
      draw -= percent
    }
    return .passes
  }

  static func options(_ list: [(UInt8, [UInt8])]) -> [UInt8] {
    list.flatMap { [$0.0, UInt8($0.1.count)] + $0.1 }
  }

  static func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

  private mutating func handshake() {
    let common: [(UInt8, [UInt8])] = [
      (1, [1]), (2, [mode == .goBackN ? 1 : 2]), (3, Self.two(window)),
      (4, Self.two(fragmentSize)),
    ]
    let session: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    dialogue.client(native(.syn, isn, Self.options(common)))
    truth.append(Truth(fromClient: true, type: .syn, sequence: isn))
    dialogue.server(
      native(
        .synAck, 500,
        Self.options(
          common + [
            (5, [0, 16, 0, 0]), (6, Self.two(Int(isn))), (7, session), (8, Array("ana".utf8)),
          ])))
    truth.append(Truth(fromClient: false, type: .synAck, sequence: 500))
    dialogue.client(native(.handshakeAck, 500, Self.options([(7, session)])))
    truth.append(Truth(fromClient: true, type: .handshakeAck, sequence: 500))
  }

  // MARK: the session

  private var frames: [Sent] = []
  private var base = 0
  private var next = 0
  private var expected = 0
  private var received: Set<Int> = []
  private var nackedOnce: Set<Int> = []
  /// What the trace can know: the highest seen, and what acknowledgements on the wire have said.
  private var seenNext = 0
  private var seenBase = 0
  private var told: Set<UInt64> = []
  private var stated: UInt16?

  private func sequence(_ index: Int) -> UInt16 { isn &+ 1 &+ UInt16(truncatingIfNeeded: index) }

  private mutating func run() {
    for (number, message) in messages.enumerated() {
      let bytes = Array(message.utf8)
      let starts = Array(stride(from: 0, to: bytes.count, by: fragmentSize))
      for (index, start) in starts.enumerated() {
        let end = min(bytes.count, start + fragmentSize)
        frames.append(
          Sent(
            payload: Array(bytes[start..<end]), isLast: index == starts.count - 1,
            message: UInt64(number + 1), fragment: UInt64(index + 1)))
      }
    }
    var rounds = 0
    while base < frames.count, rounds < 10_000 {
      rounds += 1
      var arrivals: [(index: Int, isDamaged: Bool)] = []
      while next < frames.count, next - base < window {
        transmit(next, cause: nil, &arrivals)
        next += 1
      }
      let answers = arrivals.isEmpty ? [] : answer(arrivals)
      let repairs = hear(answers)
      if repairs.isEmpty, base < frames.count,
        arrivals.isEmpty || next - base >= window || next == frames.count
      {
        // Nothing moves any more: the timer.
        arrivals = []
        if mode == .goBackN {
          for index in base..<next {
            transmit(index, cause: index == base ? .timeout : .goBack, &arrivals)
          }
        } else {
          transmit(base, cause: .timeout, &arrivals)
        }
        settle(arrivals)
      } else {
        settle(repairs)
      }
    }
  }

  /// Lets retransmissions arrive, and whatever they cause.
  private mutating func settle(_ arrivals: [(index: Int, isDamaged: Bool)]) {
    var arrivals = arrivals
    var rounds = 0
    while !arrivals.isEmpty, rounds < 50 {
      rounds += 1
      arrivals = hear(answer(arrivals))
    }
  }

  private mutating func transmit(
    _ index: Int, cause: Cause?, _ arrivals: inout [(index: Int, isDamaged: Bool)]
  ) {
    let isCopy = frames[index].transmissions > 0
    frames[index].transmissions += 1
    let fate = fate()
    guard fate != .lostBefore else { return }
    for copy in 0..<(fate == .repeated ? 2 : 1) {
      var bytes = native(
        .data, sequence(index), frames[index].payload,
        flags: (frames[index].isLast ? FrameHeader.lastFlag : 0)
          | (isCopy ? FrameHeader.retransmissionFlag : 0))
      let isDamaged = fate == .damagedBefore
      if isDamaged { bytes[bytes.count - 1] ^= 0x20 }
      dialogue.client(bytes)
      see(index, isDamaged: isDamaged, cause: copy == 0 ? cause : nil)
      truth[truth.count - 1].fate = fate
      if fate != .lostBehind { arrivals.append((index, isDamaged || fate == .damagedBehind)) }
    }
  }

  private mutating func see(_ index: Int, isDamaged: Bool, cause: Cause?) {
    var entry = Truth(
      fromClient: true, type: .data, sequence: sequence(index), isDamaged: isDamaged)
    let isKnown = index <= seenNext
    // A damaged header proves nothing: it counts only where it fits what is in flight.
    let isCounted =
      !isDamaged || index == seenNext || (frames[index].seen > 0 && index >= seenBase)
    if isCounted {
      frames[index].seen += 1
      seenNext = max(seenNext, index + 1)
    }
    // Numbers are known once everything before was seen good.
    let isInOrder = isKnown && frames[..<index].allSatisfy(\.seenGood)
    if !isDamaged { frames[index].seenGood = true }
    if isInOrder {
      entry.message = frames[index].message
      entry.fragment = frames[index].fragment
    }
    entry.attempt = isCounted ? frames[index].seen : nil
    entry.base = sequence(seenBase)
    entry.next = sequence(seenNext)
    entry.heardBase = sequence(base)
    entry.stated = stated
    entry.cause = frames[index].seen > 1 ? cause : nil
    // That a message begins shows only behind the end of the one before.
    var texts: [String] = []
    for (number, text) in messages.enumerated() where !isDamaged {
      let message = UInt64(number + 1)
      let places = frames.indices.filter { frames[$0].message == message }
      guard !told.contains(message), let first = places.first,
        places.allSatisfy({ frames[$0].seenGood }), first == 0 || frames[first - 1].seenGood
      else { continue }
      told.insert(message)
      texts.append(text)
    }
    entry.text = texts.isEmpty ? nil : texts.joined(separator: "\n")
    truth.append(entry)
  }

  /// The receiver's answers to what arrives: type, answered index, expected index.
  private mutating func answer(_ arrivals: [(index: Int, isDamaged: Bool)])
    -> [(isNack: Bool, index: Int, expected: Int)]
  {
    var answers: [(isNack: Bool, index: Int, expected: Int)] = []
    for (index, isDamaged) in arrivals {
      switch mode {
      case .goBackN:
        if isDamaged {
          answers.append((true, expected, expected))
        } else if index == expected {
          expected += 1
          nackedOnce = []
          answers.append((false, index, expected))
        } else if index < expected {
          answers.append((false, expected - 1, expected))
        } else if nackedOnce.insert(expected).inserted {
          answers.append((true, expected, expected))
        }
      case .selectiveRepeat:
        if isDamaged {
          if index >= expected, !received.contains(index) {
            answers.append((true, index, expected))
          }
          continue
        }
        received.insert(index)
        while received.contains(expected) { expected += 1 }
        answers.append((false, index, expected))
        if index > expected {
          for missing in expected..<index
          where !received.contains(missing) && nackedOnce.insert(missing).inserted {
            answers.append((true, missing, expected))
          }
        }
      }
    }
    return answers
  }

  /// The sender hears the answers, some of which are lost; returns what its repairs bring to the
  /// receiver.
  private mutating func hear(_ answers: [(isNack: Bool, index: Int, expected: Int)])
    -> [(index: Int, isDamaged: Bool)]
  {
    var arrivals: [(index: Int, isDamaged: Bool)] = []
    var asked: [(index: Int, frame: Int)] = []
    for (isNack, index, expected) in answers {
      let fate = fate()
      guard fate != .lostBefore, fate != .damagedBefore else { continue }
      dialogue.server(
        native(
          isNack ? .nack : .ack, sequence(index),
          acknowledgement(sequence(expected), UInt16(window))
        ))
      seenBase = max(seenBase, expected)
      var entry = Truth(
        fromClient: false, type: isNack ? .nack : .ack, sequence: sequence(index))
      entry.base = sequence(seenBase)
      entry.next = sequence(seenNext)
      entry.fate = fate
      stated = sequence(expected)
      entry.stated = stated
      entry.heardBase = sequence(base)
      truth.append(entry)
      guard fate != .lostBehind, fate != .damagedBehind else { continue }
      base = max(base, expected)
      truth[truth.count - 1].heardBase = sequence(base)
      if isNack {
        asked.append((index, truth.count))
      } else if mode == .selectiveRepeat {
        frames[index].isMarked = true
        while base < frames.count, frames[base].isMarked { base += 1 }
      }
    }
    for (index, frame) in asked where index >= base && index < next {
      if mode == .goBackN {
        for copy in index..<next {
          transmit(copy, cause: copy == index ? .nack(frame: frame) : .goBack, &arrivals)
        }
        break
      } else if !frames[index].isMarked {
        transmit(index, cause: .nack(frame: frame), &arrivals)
      }
    }
    return arrivals
  }
}
