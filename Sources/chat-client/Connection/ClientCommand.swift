internal import ChatLens
internal import ChatWire

/// What a person or a script wants of the connection.
enum ClientCommand: Sendable {
  /// Says something. Messages are numbered 1, 2, ... in the order in which they are given.
  case say(String)
  case nickname(String)
  case who
  /// Other fault rules from now on; an empty set ends all faults.
  case faults(FaultRules)
  /// A new session with these wishes; what is not acknowledged is sent again there.
  case reconnect(ClientWishes)
  /// Writes the trace so far to a file.
  case saveTrace(path: String, replacing: Bool)
  /// Says goodbye once everything is acknowledged, and ends.
  case quit(reason: String)
  /// Ends at once.
  case abort
}

/// What to ask a server for.
struct ClientWishes: Sendable, Equatable {
  var isClassic = false
  var mode = ARQMode.goBackN
  /// In frames; nil: 16, classic: 4.
  var windowSize: Int?
  /// In bytes (nil: 1,024), classic in characters (nil: 3).
  var fragmentSizeMax: Int?
  /// A retransmission timeout in place of the computed one.
  var timeout: Duration?
  var nickname: String?
  /// Tells the server that this side disturbs frames itself.
  var declaresFaults = false
}

/// Where the connection goes, and how it behaves.
struct ClientSettings: Sendable {
  var host = "127.0.0.1"
  var port: UInt16 = 5000
  var wishes = ClientWishes()
  var faults = FaultRules()
  var faultSeed: UInt64 = 1
  /// Makes a new connection when one breaks; otherwise that is the end.
  var reconnects = true
  /// Where to write the trace of everything on the wire; nil: nowhere.
  var tracePath: String?
}

/// Where the connection stands, for `/status`.
struct ClientStatus: Sendable, Equatable {
  var host: String
  var port: UInt16
  /// Nil while there is no session.
  var session: ClientSessionInfo?
  /// Counts, windows and round trips of the native dialect.
  var native: SessionStatus?
  /// Messages that are not acknowledged.
  var unacknowledgedCount: Int
  /// The rules in force; empty: none.
  var faults: String
  /// Frames that faults have acted on.
  var faultCount: Int
  /// Round trip and retransmission timer, if somebody watches.
  var timing: LensTiming?
  /// When that was so, by the monotonic clock.
  var instant = Instant.zero
}
