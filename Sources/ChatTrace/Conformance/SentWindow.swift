import ChatWire

/// What a peer has sent, and what it may have heard of it.
struct SentWindow: Sendable {
  /// A sequenced frame, in all its copies.
  struct Record: Sendable {
    var type: FrameType
    var isLast: Bool
    var byteCount: Int
    var payloadChecksum: UInt32
    /// The first and the latest copy.
    var first: FrameReference
    var latest: FrameReference
    var firstTime: Int64
    var latestTime: Int64
    /// How many transmissions of sequenced frames came before the latest copy.
    var transmission: UInt64
    /// Copies since its peer acknowledged something new last.
    var copyCount: UInt32 = 0
    var copiesSinceBase: Int64 = 0
    /// A good copy was seen; false for a number that was passed over.
    var isSeen = true
    var isEverResent = false
    /// NACKs of it that have reached the peer, and copies put down to them.
    var nackCount: UInt32 = 0
    var obeyedCount: UInt32 = 0
    var nackTime: Int64 = 0
    var nackReference = FrameReference.none
    var isNackReported = false
    /// The ACK of it that reached the peer first.
    var ackInput = Int.max
    var ackTime: Int64 = .max
    var ackReference = FrameReference.none
  }

  /// What the peer knows once it has dealt with an ACK or NACK.
  struct Heard: Sendable {
    var input: Int
    /// How far it may send: base + min(W, A).
    var limit: Int64
    var reference: FrameReference
  }

  var isStarted = false
  var first: Int64 = 0
  /// The next number to be used, as far as was seen.
  var next: Int64 = 0
  /// The position of `records[0]`.
  var start: Int64 = 0
  var records: [Record] = []
  var transmissionCount: UInt64 = 0
  /// Everything before it is acknowledged by what was sent to the peer.
  var base: Int64 = 0
  /// The limit by each ACK that it may still have to deal with; descending.
  var heard: [Heard] = []
  /// The farthest that any ACK has ever let it send.
  var limitMax: Int64 = 0
  /// Selective Repeat: the frames that were acknowledged by their own sequences, and the inputs
  /// that did it; the oldest are forgotten.
  var acknowledgedAlone: [(position: Int64, input: Int)] = []
  /// Go-Back-N: the next frame of the pass that has begun; nil if none has.
  var pass: Int64?
  var passReference = FrameReference.none
  var lastPosition: Int64 = -1
  /// How long the other side took to acknowledge what was sent once.
  var roundTripMax: Int64 = 0
  /// Copies for which no cause was found: maybe a timer that is shorter than section 4.4 has it.
  var uncaused: [(frame: FrameReference, copy: FrameReference, gap: Int64, words: String)] = []
  /// NACKs of frames that were on their way to the capture when they passed it.
  var earlyNacks: [Int64] = []
  /// A number passed over.
  var skips: [(position: Int64, frame: FrameReference, time: Int64)] = []

  func position(_ sequence: SequenceNumber) -> Int64 {
    next &+ Int64(Int16(bitPattern: sequence.rawValue &- UInt16(truncatingIfNeeded: next)))
  }

  func index(_ position: Int64) -> Int? {
    position >= start && position < next ? Int(position - start) : nil
  }

  mutating func noteAcknowledgedAlone(_ position: Int64, input: Int) {
    if acknowledgedAlone.count >= 1_024 { acknowledgedAlone.removeFirst(512) }
    acknowledgedAlone.append((position, input))
  }

  /// Selective Repeat: a frame is lost if others, sent at least three transmissions later, were
  /// acknowledged before it was.
  ///
  /// Which copy of another frame the peer takes an ACK for cannot be seen: the latest, at most.
  func isLost(_ record: Record) -> Bool {
    if let oldest = acknowledgedAlone.first, start > first || oldest.input >= record.ackInput,
      acknowledgedAlone.count >= 512
    {
      return true
    }
    return acknowledgedAlone.contains { entry in
      entry.input < record.ackInput
        && index(entry.position).map { records[$0].transmission >= record.transmission + 3 } == true
    }
  }

  mutating func append(_ record: Record) {
    records.append(record)
    next += 1
    guard records.count > 48_000 else { return }
    records.removeFirst(12_000)
    start += 12_000
  }
}
