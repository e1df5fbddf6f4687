public import ChatWire

/// One record of a trace: what every source produces and every renderer consumes.
///
/// A frame, a TCP event, a gap, a run of junk, or what happened to a session. Its fields are the
/// keys of the NDJSON form (docs/TRACE.md), and the names of the display filter. An event is
/// refilled for each record by the analysis, so its arrays keep their storage: copy it to keep it.
public struct TraceEvent: Sendable {
  /// What kind of record this is; `kind` in NDJSON.
  public enum Kind: UInt8, Sendable {
    case frame, tcp, gap, junk, fault, session, summary
  }

  /// Which side of the observer a frame was on.
  public enum Leg: UInt8, Sendable {
    /// A capture: there is only one.
    case wire
    /// Between the client and the proxy.
    case client
    /// Between the proxy and the server.
    case server
  }

  /// What became of a frame.
  public enum Disposition: UInt8, Sendable {
    case seen, forwarded, dropped, corrupted, delayed, duplicated, reordered
  }

  /// Whether the checksum of a frame is right.
  public enum ChecksumVerdict: UInt8, Sendable {
    case good, bad
    /// Not all of the payload was captured.
    case unverified
  }

  /// What happened to a TCP connection.
  public enum TCPEvent: UInt8, Sendable {
    case open, close, reset
  }

  // MARK: all records

  /// The kind of record.
  public var kind = Kind.frame
  /// When, or nil if the capture has no timestamps.
  public var time: TraceTime?
  /// The TCP connection, numbered in order of first packet, from 0.
  public var stream = 0
  /// From which side (frame, gap, junk, fault).
  public var direction = Direction.clientToServer

  // MARK: frame

  /// The number of the frame in the trace, from 1; 0 on other records, except a `fault` on a frame.
  public var frame: UInt64 = 0
  /// Where it was seen.
  public var leg = Leg.wire
  /// The framing that it uses.
  public var dialect = Dialect.native
  /// The type byte.
  public var typeCode: UInt8 = 0
  /// The sequence field.
  public var sequence: UInt16 = 0
  /// Payload bytes of a frame as its header states; length of a gap or a run of junk.
  public var length: UInt64 = 0
  /// The flags byte (classic: the last flag).
  public var flags: UInt8 = 0
  /// Ends a message.
  public var last = false
  /// Marked as a retransmission (native).
  public var retransmission = false
  /// The verdict on the checksum.
  public var checksum = ChecksumVerdict.good
  /// Bytes before it in this direction of the TCP stream.
  public var offset: UInt64 = 0
  /// The message it belongs to, counted from 1 per direction.
  public var message: UInt64?
  /// Which fragment of the message, from 1.
  public var fragment: UInt64?
  /// How many fragments the message has, once the last one is known.
  public var fragments: UInt64?
  /// Which copy of the frame in this trace, from 1.
  public var attempt: UInt64?
  /// The chat text that this frame completes.
  public var text: String?
  /// What became of the frame.
  public var disposition = Disposition.seen
  /// The sender's window after the frame.
  public var sender: SenderWindow?
  /// The receiver's window after the frame, as its acknowledgements state it.
  public var receiver: ReceiverWindow?
  /// What there is to say about it.
  public var notes: [Note] = []

  /// The lowest sequence number not yet received in order (ACK, NACK).
  public var nextExpected: UInt16?
  /// How many frames the receiver is willing to hold (ACK, NACK).
  public var advertisedWindow: UInt16?
  /// The code of a NOTICE or an ERROR.
  public var code: UInt8?
  /// The text of a NOTICE or an ERROR, the reason of a FIN.
  public var reason: String?
  /// The nickname that a frame carries: NICK, a broadcast's sender, an option.
  public var nickname: String?
  /// Handshake options by name, or the keys of a classic JSON payload, in order.
  public var options: [Option] = []

  /// The round trip that an ACK ends, measured on a frame that was sent once.
  public var roundTripNanoseconds: Int64?
  /// The first copy to get through undamaged, after others of the frame did not.
  public var isRepair = false

  // MARK: tcp

  /// What happened to the connection.
  public var tcpEvent: TCPEvent?
  /// `address:port` of the client.
  public var client: String?
  /// `address:port` of the server.
  public var server: String?

  // MARK: fault

  /// The rule that acted.
  public var rule: String?
  /// What it did.
  public var action: String?

  // MARK: session

  /// The state that the session has entered.
  public var state: SessionState?
  /// The mode in force.
  public var mode: Mode?
  /// The window in force, in frames.
  public var window: UInt64?
  /// The fragment size in force: bytes (native) or characters (classic).
  public var fragmentSize: UInt64?
  /// How the session ended.
  public var end: SessionEnd?

  /// An event with nothing in it.
  public init() {}
}

/// Which way bytes travel.
public typealias Direction = ChatWire.Direction

/// A moment: nanoseconds since 1970 UTC.
public struct TraceTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since 1970 UTC.
  public var nanoseconds: Int64

  /// Makes a moment from nanoseconds since 1970 UTC.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Nanoseconds between two moments, none if they are the wrong way round; capture files may claim
  /// any times.
  static func elapsed(from start: Int64, to end: Int64) -> Int64 {
    guard end > start else { return 0 }
    let (difference, overflow) = end.subtractingReportingOverflow(start)
    return overflow ? .max : difference
  }

  /// Orders by time.
  public static func < (earlier: TraceTime, later: TraceTime) -> Bool {
    earlier.nanoseconds < later.nanoseconds
  }
}

/// The sender's window: what it has sent and not seen acknowledged.
public struct SenderWindow: Sendable, Hashable {
  /// The oldest unacknowledged sequence number.
  public var base: UInt16
  /// The next sequence number to use.
  public var next: UInt16
  /// Frames between the two.
  public var inFlight: UInt32
  /// How many may be: the smaller of the negotiated and the advertised window; nil while unknown.
  public var window: UInt32?

  /// Makes a window.
  public init(base: UInt16, next: UInt16, inFlight: UInt32, window: UInt32?) {
    self.base = base
    self.next = next
    self.inFlight = inFlight
    self.window = window
  }
}

/// The receiver's window as its acknowledgements state it.
public struct ReceiverWindow: Sendable, Hashable {
  /// The lowest sequence number that it has not received in order.
  public var nextExpected: UInt16
  /// How many frames it is willing to hold.
  public var window: UInt32
  /// Frames that it has acknowledged beyond `nextExpected`.
  public var buffered: UInt32

  /// Makes a window.
  public init(nextExpected: UInt16, window: UInt32, buffered: UInt32) {
    self.nextExpected = nextExpected
    self.window = window
    self.buffered = buffered
  }
}

/// A handshake option or a JSON key, with its value.
public struct Option: Sendable, Hashable {
  /// What a value can be.
  public enum Value: Sendable, Hashable {
    case number(Int64)
    /// A fractional number, as written.
    case decimal(String)
    case text(String)
    case bytes([UInt8])
    case boolean(Bool)
    /// Any other JSON, as text.
    case json(String)
  }

  /// The name, snake case.
  public var name: String
  /// The value.
  public var value: Value

  /// Makes an option.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// How lost frames are repaired (PROTOCOL.md section 4).
public typealias Mode = ARQMode

/// Where a session is, as far as the trace shows.
public enum SessionState: UInt8, Sendable, Hashable {
  /// The handshake has begun.
  case opening
  /// Messages may flow.
  case established
  /// One side has said that it sends no more.
  case closing
  /// It is over; `end` says how.
  case closed

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .opening: "opening"
    case .established: "established"
    case .closing: "closing"
    case .closed: "closed"
    }
  }
}

/// How a session ended.
public enum SessionEnd: UInt8, Sendable, Hashable {
  /// Both sides said goodbye and everything was acknowledged.
  case clean
  /// Both sides said goodbye; the last acknowledgement was not seen.
  case unconfirmed
  /// TCP was closed without a goodbye.
  case abrupt
  /// TCP was reset.
  case reset
  /// An ERROR frame ended it.
  case error
  /// The server refused the handshake.
  case refused
  /// The capture stops while the session is still open.
  case open

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .clean: "clean"
    case .unconfirmed: "unconfirmed"
    case .abrupt: "abrupt"
    case .reset: "reset"
    case .error: "error"
    case .refused: "refused"
    case .open: "open"
    }
  }
}
