/// An ACK or a NACK that is due, with what it says (PROTOCOL.md section 4).
package struct Answer: Sendable, Hashable {
  /// True for a NACK.
  package var isNack: Bool
  /// The sequence field.
  package var sequence: SequenceNumber
  /// What the receiver waited for when the frame that this answers had been dealt with.
  package var nextExpected: SequenceNumber
  /// The window advertised then.
  package var window: UInt16

  /// Makes an answer.
  package init(
    isNack: Bool, sequence: SequenceNumber, nextExpected: SequenceNumber, window: UInt16
  ) {
    self.isNack = isNack
    self.sequence = sequence
    self.nextExpected = nextExpected
    self.window = window
  }
}

/// Answers in the order in which they are due; its storage is used again.
///
/// It holds what one frame causes, at most one more than the window, because a session looks at the
/// next frame only when all answers to the one before have been taken.
package struct AnswerQueue: Sendable, Hashable {
  private var answers: [Answer] = []
  private var head = 0

  /// No answers.
  package init() {}

  /// True if there is nothing to answer.
  package var isEmpty: Bool { head == answers.count }

  /// How many answers wait.
  package var count: Int { answers.count - head }

  /// Adds an answer.
  package mutating func append(_ answer: Answer) {
    if head == answers.count, head > 0 {
      // All were taken: begin again where there is room already.
      answers.removeAll(keepingCapacity: answers.capacity <= 4_096)
      head = 0
    }
    answers.append(answer)
  }

  /// Takes the answer that is due first.
  package mutating func next() -> Answer? {
    guard head < answers.count else { return nil }
    let answer = answers[head]
    head += 1
    return answer
  }
}
