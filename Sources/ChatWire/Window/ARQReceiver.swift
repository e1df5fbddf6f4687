/// The receiver's half of the ARQ layer, in either mode (PROTOCOL.md sections 4, 4.1 and 4.2).
///
/// Frames come in with `receive` and `receiveCorrupt`; what they cause is left in `answers`, in
/// order. After `.deliver` the frame itself is next in order; then `takeBuffered` gives the frames
/// behind it that were kept, until it returns nil. `nextExpected` has moved over all of them
/// already, as the ACK says.
///
/// Invariants: Go-Back-N keeps no frame. Selective Repeat keeps frames only in
/// `nextExpected + 1 ..< nextExpected + windowSize`, never at `nextExpected`, once what was
/// deliverable has been taken.
package struct ARQReceiver: Sendable, Hashable {
  /// What became of a valid frame.
  package enum Reception: UInt8, Sendable, Hashable {
    /// It is the next one in order: hand it on, then `takeBuffered`.
    case deliver
    /// It was kept until those before it have come.
    case buffer
    /// It was discarded: known already, out of order, or too far ahead.
    case discard
  }

  /// A frame that waits for those before it, or an empty place.
  package struct Slot: Sendable, Hashable {
    /// The payload.
    package var payload: [UInt8] = []
    /// The type.
    package var type = FrameType.data
    /// Ends a message.
    package var isLast = false
    /// A frame is here.
    package var isFilled = false
    /// A NACK was sent for this sequence number.
    package var isNacked = false
  }

  /// How losses are repaired.
  package let mode: ARQMode
  /// The negotiated window, `W`.
  package let windowSize: Int
  /// What Selective Repeat can hold, in frames: at most the window.
  package let capacity: Int
  /// What it can hold, in bytes, should frames be larger than negotiated.
  package let byteCountMax: Int
  /// The lowest sequence number not yet received in order.
  package internal(set) var nextExpected: SequenceNumber
  /// The most frames that the application lets us advertise; nil is no limit.
  package var windowLimit: Int?
  /// What is due to the sender.
  package var answers = AnswerQueue()

  /// Go-Back-N: a NACK was sent for this value of `nextExpected`.
  var isNackSpent = false
  /// Go-Back-N: how far ahead the last frame out of order was; 0 if there was none.
  var lastAheadDistance = 0

  /// Selective Repeat: frames that were kept, by sequence number modulo the count, a power of two.
  var slots: [Slot] = []
  /// Where the frames stand that wait to be taken: from here up to `nextExpected`.
  var deliveryPoint: SequenceNumber
  /// All missing numbers below this have been NACKed; at least `nextExpected`.
  var nackPoint: SequenceNumber
  /// Frames that were kept.
  package internal(set) var bufferedFrameCount = 0
  /// Bytes of them.
  package internal(set) var bufferedByteCount = 0

  /// A receiver that waits for its first frame.
  ///
  /// - Parameters:
  ///   - capacity: what it can hold in frames, if that is less than the window.
  ///   - byteCountMax: what it can hold in bytes, whatever the size of the frames.
  package init(
    mode: ARQMode, windowSize: Int, capacity: Int, byteCountMax: Int = .max,
    nextExpected: SequenceNumber
  ) {
    self.mode = mode
    self.windowSize = windowSize
    self.capacity = max(1, min(windowSize, capacity))
    self.byteCountMax = byteCountMax
    self.nextExpected = nextExpected
    deliveryPoint = nextExpected
    nackPoint = nextExpected
  }

  /// The window that it advertises: how many frames from `nextExpected` on it is willing to hold.
  package var advertisedWindow: UInt16 {
    UInt16(clamping: min(capacity, windowLimit ?? .max))
  }

  /// Takes a frame with a valid checksum.
  package mutating func receive(
    _ sequence: SequenceNumber, type: FrameType, isLast: Bool, isRetransmission: Bool,
    payload: RawSpan
  ) -> Reception {
    switch mode {
    case .goBackN: receiveGoBackN(sequence)
    case .selectiveRepeat:
      receiveSelectiveRepeat(
        sequence, type: type, isLast: isLast, isRetransmission: isRetransmission, payload: payload)
    }
  }

  /// Takes a corrupt frame of which these fields were found.
  package mutating func receiveCorrupt(_ sequence: SequenceNumber, type: FrameType) {
    guard type.isSequenced else { return }
    switch mode {
    case .goBackN: answer(isNack: true, nextExpected)
    case .selectiveRepeat: receiveCorruptSelectiveRepeat(sequence)
    }
  }

  /// Says unasked where it stands, for example because its window has opened again.
  package mutating func announce() {
    answer(isNack: false, nextExpected.advanced(by: -1))
  }

  mutating func answer(isNack: Bool, _ sequence: SequenceNumber) {
    answers.append(
      Answer(
        isNack: isNack, sequence: sequence, nextExpected: nextExpected, window: advertisedWindow))
  }
}
