import ChatWire

/// One TCP connection while it is open.
struct StreamState: Sendable {
  /// Its number.
  var number = 0
  /// The canonical first endpoint, and the other.
  var lower: Endpoint
  var upper: Endpoint
  /// The time of the first packet.
  var firstTime: TraceTime?
  /// The endpoint that sent the first packet.
  var firstIsLower = true

  /// Which endpoint is the client, once it is known.
  var clientIsLower: Bool?
  /// The dialect, once it was recognised.
  var dialect: Dialect?
  /// The stream is reported as opened.
  var isOpened = false
  /// Why the client was taken to be the one, if the capture does not show it; said on the first
  /// frame.
  var directionReason: String?
  /// A frame had a bad checksum.
  var hasDamage = false
  /// Frames that wait until the client is known.
  var waitingFrames = 0
  /// A reset was seen; the connection is over when packet `endsAt` has passed.
  var isReset = false
  var endsAt = UInt64.max
  var endTime: TraceTime?
  /// Segments of directions whose beginning is not known yet, until packet `openingEndsAt`.
  var opening: [OpeningSegment] = []
  var openingEndsAt = UInt64.max
  /// Both directions are over.
  var isOver = false
  /// Empty or one, as `classicBox`: the connection is tapped.
  var tapBox: [TapState] = []

  var native = NativeSession()
  /// Empty or one: an array is a box that costs 8 bytes in native streams.
  var classicBox: [ClassicSession] = []

  init(number: Int, lower: Endpoint, upper: Endpoint) {
    self.number = number
    self.lower = lower
    self.upper = upper
  }

  /// The classic session, if it is one.
  var classic: ClassicSession? { classicBox.first }

  /// The direction of what one endpoint sends.
  @inline(__always)
  func direction(fromLower: Bool) -> Direction {
    clientIsLower == fromLower ? .clientToServer : .serverToClient
  }
}

/// What is known of a connection because its source sits in the middle of it.
struct TapState: Sendable {
  /// The ends, as the source calls them.
  var client: String?
  var server: String?
  /// Those who will send no more.
  var isClientDone = false
  var isServerDone = false
  var clientToServer = FateQueue()
  var serverToClient = FateQueue()
  /// The lines of limited rate that rules make each direction pass.
  var linesToServer = PacedLines()
  var linesToClient = PacedLines()
}

/// One direction of a TCP connection.
struct StreamSide: Sendable {
  var reassembler = TCPReassembler()
  /// The decoder; valid once `isRecognised`.
  var decoder = FrameDecoder(.native, discardLimit: nil)
  var isRecognised = false
  /// Looks for the first frame before that.
  var recogniser: [Recogniser] = []
  /// This direction was given up: something else than chat.
  var isGivenUp = false
  /// A SYN was seen, so the beginning is known.
  var isSynSeen = false
  /// Segments had different bytes for the same place: to be said on the next frame.
  var overlapDiffers = false
  /// The place of a frame in the queue whose verdict the decoder has put off; nil if there is none.
  var deferredPlace: Int?
  /// A gap or junk came since the last frame, so many bytes.
  var wasInterrupted = false
  var skippedBytes: UInt64 = 0
  var ledger = TraceSummary.Ledger()
}
