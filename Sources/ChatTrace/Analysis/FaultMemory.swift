import ChatWire

// In a connection that is tapped, a frame that was seen may never come through to the other side.
// What the sender has heard and what the receiver has stated part there: `DataFlow` itself keeps
// what the sender knows, and this what the receiver has said, and what is still on its way. It
// exists from the first fault in a session on, so that captures do without it.

/// What one flow has to remember because of faults.
struct FaultMemory: Sendable {
  /// An ACK or NACK, in positions of the flow that it is about.
  struct Answer: Sendable {
    var frame: UInt64
    /// What it expects next, and the frame that it answers.
    var due: Int64
    var answered: Int64
    var window: UInt32
    var isNack: Bool
    /// When the sender gets it, in nanoseconds; nil: behind the next one.
    var heardAt: Int64?
  }

  /// An acknowledgement that the sender did not get, or not in time.
  struct Unheard: Sendable {
    var frame: UInt64
    var effects: FaultEffects
    /// Everything before is acknowledged by it.
    var due: Int64
  }

  /// The fate of the frame in hand.
  var current = FrameFate()

  /// What the receiver has said that it expects; nil if it has said nothing.
  var expected: Int64?
  /// Its window.
  var window: UInt32 = 0
  /// What it has acknowledged beyond `expected`.
  var ahead: Set<Int64> = []

  /// Answers on their way to the sender, in the order in which they arrived here.
  var held: [Answer] = []
  /// By position: the acknowledgement of it that was not heard.
  var unheard: [Int64: Unheard] = [:]
  /// The latest of them.
  var lastUnheard: Unheard?
  /// NACKs for what has been acknowledged since, the latest last.
  var answeredNacks: [DataFlow.PendingNack] = []
  /// Frames whose header was damaged, while no NACK was put down to them.
  var headerDamagedFrames: [UInt64] = []

  /// How many answers may be on their way: of more, the oldest counts as heard.
  static let heldMax = 1_024
  /// How many frames with damaged headers are remembered.
  static let headerDamagedFramesMax = 32
  /// How many NACKs are remembered after an acknowledgement.
  static let answeredNacksMax = 32
  /// How many acknowledgements are remembered before those far behind are forgotten.
  static let unheardMax = 4_096

  /// The receiver's window for an event.
  var receiver: ReceiverWindow? {
    expected.map { expected in
      ReceiverWindow(
        nextExpected: UInt16(truncatingIfNeeded: expected), window: window,
        buffered: UInt32(truncatingIfNeeded: ahead.count))
    }
  }

  /// The header of a frame was damaged: it may be answered as another one.
  mutating func keepHeaderDamage(_ frame: UInt64) {
    if headerDamagedFrames.count >= Self.headerDamagedFramesMax {
      headerDamagedFrames.removeFirst()
    }
    headerDamagedFrames.append(frame)
  }

  /// Takes down what an answer states; true if it says of a single frame that it came, and that is
  /// new.
  mutating func state(_ answer: Answer, from base: Int64, to next: Int64, mode: Mode?) -> Bool {
    let before = expected ?? base
    if answer.due >= before {
      if !ahead.isEmpty {
        var position = before
        while position < answer.due, !ahead.isEmpty {
          ahead.remove(position)
          position += 1
        }
      }
      expected = answer.due
      window = answer.window
    }
    guard !answer.isNack, mode != .goBackN, answer.answered >= max(before, answer.due),
      answer.answered < next
    else { return false }
    return ahead.insert(answer.answered).inserted
  }

  /// Notes which frames an answer acknowledges that the sender does not hear, or hears late.
  mutating func missed(_ answer: Answer, _ effects: FaultEffects, from before: Int64) {
    guard !answer.isNack else { return }
    let entry = Unheard(frame: answer.frame, effects: effects, due: answer.due)
    lastUnheard = entry
    var position = max(before, answer.due - Int64(SentFrames.capacityMax))
    while position < answer.due {
      unheard[position] = entry
      position += 1
    }
    unheard[answer.answered] = entry
    if unheard.count > Self.unheardMax {
      let oldest = before - Int64(Self.unheardMax / 4)
      unheard = unheard.filter { $0.key >= oldest }
    }
  }

  /// The acknowledgement of a frame that was not heard and came here behind its copy.
  func unheard(_ position: Int64, after copy: UInt64) -> Unheard? {
    if let entry = unheard[position], entry.frame > copy { return entry }
    if let last = lastUnheard, last.frame > copy, last.due > position { return last }
    return nil
  }
}
