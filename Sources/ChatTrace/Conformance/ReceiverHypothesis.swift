import ChatWire

// What a peer that keeps to the protocol would have answered to what it got: its receiver is
// replayed (PROTOCOL.md 4.1 and 4.2), and its ACKs and NACKs have to be these, in this order.

/// What reached a peer and counts for its answers.
struct PeerInput: Sendable {
  enum Kind: Sendable {
    /// A sequenced frame.
    case sequenced
    case corrupt
    case ping
    /// Nothing to answer.
    case other
  }

  var kind: Kind
  var type: FrameType
  var sequence: SequenceNumber
  var isRetransmission: Bool
  /// It comes in a session: before that nothing is answered.
  var isInSession: Bool
  var time: Int64
  var reference: FrameReference
}

/// An answer that a peer owes.
struct DueAnswer: Sendable {
  var answer: Answer
  /// Which input it is due for.
  var input: Int
  var time: Int64
  var reference: FrameReference
  /// What it answers, in a word for the rules.
  var occasion: Occasion

  enum Occasion: Sendable {
    case inOrder, old, ahead, known, hole, corrupt, ping

    /// The section and the row of its table.
    func place(_ mode: ARQMode) -> (section: String, row: Int?) {
      switch (mode, self) {
      case (_, .ping): ("4", nil)
      case (.goBackN, .inOrder), (.goBackN, .ahead), (.goBackN, .known): ("4.1", 1)
      case (.goBackN, .old): ("4.1", 2)
      case (.goBackN, .hole): ("4.1", 3)
      case (_, .corrupt): (mode == .goBackN ? "4.1" : "4.2", 5)
      case (.selectiveRepeat, .known): ("4.2", 2)
      case (.selectiveRepeat, .old): ("4.2", 3)
      case (.selectiveRepeat, _): ("4.2", 1)
      }
    }

    /// What was answered, in words.
    var words: String {
      switch self {
      case .inOrder: "the next frame in order"
      case .old: "a frame that had come before"
      case .ahead: "a frame ahead of a hole"
      case .known: "a frame that it holds already"
      case .hole: "a frame that leaves others missing"
      case .corrupt: "a corrupt sequenced frame"
      case .ping: "a PING"
      }
    }
  }
}

/// A replayed receiver and the answers that it owes.
struct ReceiverHypothesis: Sendable {
  var receiver: ARQReceiver
  var due: [DueAnswer] = []
  var head = 0
  /// How many inputs it has dealt with.
  var inputCount = 0

  /// What it expected when it had given its last answer.
  var standing: SequenceNumber

  init(_ receiver: ARQReceiver) {
    self.receiver = receiver
    standing = receiver.nextExpected
  }

  var isSettled: Bool { head == due.count }

  mutating func pop() -> DueAnswer {
    defer {
      standing = due[head].answer.nextExpected
      head += 1
      if head == due.count {
        due.removeAll(keepingCapacity: true)
        head = 0
      }
    }
    return due[head]
  }

  /// Deals with the next input.
  mutating func take(_ input: PeerInput) {
    inputCount += 1
    guard input.isInSession else { return }
    let before = receiver.nextExpected
    var isKnown = false
    switch input.kind {
    case .sequenced:
      let nothing: [UInt8] = []
      let reception = receiver.receive(
        input.sequence, type: input.type, isLast: false, isRetransmission: input.isRetransmission,
        payload: unsafe nothing.span.bytes)
      if reception == .deliver { while receiver.takeBuffered() != nil {} }
      isKnown = reception == .discard
    case .corrupt: receiver.receiveCorrupt(input.sequence, type: input.type)
    case .ping: receiver.announce()
    case .other: return
    }
    while let answer = receiver.answers.next() {
      let occasion: DueAnswer.Occasion =
        switch input.kind {
        case .corrupt: .corrupt
        case .ping: .ping
        default:
          answer.isNack
            ? .hole
            : input.sequence == before
              ? .inOrder
              : input.sequence.precedes(before) ? .old : isKnown ? .known : .ahead
        }
      due.append(
        DueAnswer(
          answer: answer, input: inputCount - 1, time: input.time, reference: input.reference,
          occasion: occasion))
    }
  }
}

/// An ACK or a NACK that a peer has sent.
struct SeenAnswer: Sendable, Equatable {
  var isNack: Bool
  var sequence: SequenceNumber
  var nextExpected: SequenceNumber
  var window: UInt16

  func matches(_ due: Answer) -> Bool {
    isNack == due.isNack && sequence == due.sequence && nextExpected == due.nextExpected
  }

  var name: String { isNack ? "NACK" : "ACK" }

  var words: String {
    "\(name) with sequence \(sequence.rawValue) and nextExpected \(nextExpected.rawValue)"
  }
}

extension Answer {
  var words: String {
    "\(isNack ? "NACK" : "ACK") with sequence \(sequence.rawValue) and nextExpected "
      + "\(nextExpected.rawValue)"
  }
}
