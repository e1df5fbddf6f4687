import ChatWire

/// The sequenced frames of one direction and the acknowledgements that answer them: the windows,
/// the causes of retransmissions, and the numbers of messages (PROTOCOL.md section 4).
///
/// What an observer can know: the sender's window is computed from what was seen, the receiver's is
/// what its acknowledgements state. Nothing is predicted.
struct DataFlow: Sendable {
  /// What a flow has to know of its session.
  struct Context {
    /// The mode in force, if the handshake was seen.
    var mode: Mode?
    /// The negotiated window, 0 while unknown.
    var window: UInt32
    /// The number of the frame that is being looked at.
    var frame: UInt64
    /// Its time in nanoseconds.
    var time: Int64
    /// Text is wanted: payloads are joined.
    var keepsBytes: Bool
    /// Notes of severity chat are wanted.
    var notesChat: Bool
  }

  /// A NACK that waits for its retransmission.
  struct PendingNack: Sendable {
    enum Report: Sendable { case badChecksum, missing, unclear }
    var position: Int64
    var frame: UInt64
    var report: Report
    /// The sender has got it, as far as faults let it.
    var isHeard = true
    /// A retransmission was put down to it; kept once faults act on the session.
    var isObeyed = false
    /// A fault has made two of it.
    var isDuplicated = false

    /// What it reported, in words that go on from "NACK in frame 3".
    var words: String {
      switch report {
      case .badChecksum: "reported a bad checksum"
      case .missing: "reported it missing"
      case .unclear: "asked for it"
      }
    }
  }

  /// A frame with a bad checksum that no NACK has answered yet.
  struct DamagedFrame: Sendable {
    var position: Int64
    var frame: UInt64
    /// The fault that damages it here; none if it came damaged.
    var effects = FaultEffects()
  }

  /// True once a sequence number is known, from the handshake or a frame.
  var isStarted = false
  /// True once `base` is certain: from the handshake or an acknowledgement.
  var isBaseKnown = false
  /// The oldest position not acknowledged.
  var base: Int64 = 0
  /// The next position to be used, as far as was seen.
  var next: Int64 = 0
  var sent = SentFrames()
  var messages = MessageTracker()
  /// How many transmissions were seen.
  var transmissions: UInt32 = 0

  /// The receiver's statement; valid if `isReceiverKnown`.
  var isReceiverKnown = false
  var advertisedWindow: UInt32 = 0
  /// Frames acknowledged beyond what is expected next.
  var buffered: UInt32 = 0
  /// The frame that last acknowledged something new, and the one that last said what is expected.
  var lastAcknowledgement: UInt64 = 0
  /// Of the frames acknowledged by themselves, the latest transmission.
  var acknowledgedTransmission: UInt32 = 0
  var acknowledgedTransmissionFrame: UInt64 = 0

  var nacks: [PendingNack] = []
  var damaged: [DamagedFrame] = []
  /// Go-Back-N: the position last sent again, and the frame that began this pass.
  var passPosition: Int64 = -1
  var passFrame: UInt64 = 0
  /// A TCP gap lies behind the last frame: holes are the capture's.
  var hasGap = false
  /// There was one at any time: frames may be missing for good.
  var hadGap = false
  /// The position of the FIN, and its frame.
  var finPosition: Int64 = -1
  var finFrame: UInt64 = 0
  /// Empty or one: what faults make necessary, which only act on connections that are tapped.
  var faults: [FaultMemory] = []

  /// How many NACKs and damaged frames are remembered.
  static let rememberedMax = 256

  /// The handshake gave the initial sequence number.
  mutating func start(initialSequence: UInt16) {
    guard !isStarted || !isBaseKnown else { return }
    isStarted = true
    isBaseKnown = true
    base = 65_536 + Int64(initialSequence) + 1
    next = base
    messages.start(at: base, isBeginning: true)
  }

  /// The position of a sequence number, nearest to what is sent next.
  @inline(__always)
  func position(of sequence: UInt16) -> Int64 {
    next &+ Int64(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: next)))
  }

  /// The sender's window for an event.
  @inline(__always)
  func senderWindow(_ context: Context) -> SenderWindow? {
    guard isBaseKnown else { return nil }
    let window: UInt32? =
      isReceiverKnown ? advertisedWindow : context.window > 0 ? context.window : nil
    return SenderWindow(
      base: UInt16(truncatingIfNeeded: base), next: UInt16(truncatingIfNeeded: next),
      inFlight: UInt32(truncatingIfNeeded: next &- base), window: window)
  }

  /// The receiver's window for an event, where what was seen has also arrived.
  @inline(__always)
  func receiverWindow() -> ReceiverWindow? {
    guard isReceiverKnown else { return nil }
    return ReceiverWindow(
      nextExpected: UInt16(truncatingIfNeeded: expected), window: advertisedWindow,
      buffered: buffered)
  }

  /// What the receiver last said that it expects.
  var expected: Int64 = 0

  /// The bytes of this direction have a hole here.
  mutating func gap() {
    hasGap = true
    hadGap = true
  }

  /// Framing was lost in this direction where a header with this type and sequence stood.
  mutating func lostFraming(typeCode: UInt8, sequence: UInt16) {
    guard isStarted, FrameType(rawValue: typeCode).isSequenced,
      damaged.count < Self.rememberedMax
    else { return }
    let position = position(of: sequence)
    if !damaged.contains(where: { $0.position == position }) {
      damaged.append(DamagedFrame(position: position, frame: 0))
    }
  }
}
