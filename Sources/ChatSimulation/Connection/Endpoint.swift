internal import ChatWire

/// One side of a simulated connection: its session and what lies between the wire and it.
struct Endpoint: Sendable {
  var session: Session
  /// When it wants to be asked again.
  var deadline: Instant
  /// Bytes that have arrived and that it has not been given yet.
  var inbox: [UInt8] = []
  /// When it is given the rest of them.
  var inboxDue: Instant?
  /// The stream to it has ended, behind what is in the inbox.
  var isStreamOver = false
  /// Its session is over, or TCP was closed by a command: nothing reaches it any more.
  var isClosed = false
  var counts = SideCounts()

  init(_ session: Session, at now: Instant) {
    self.session = session
    deadline = now
  }
}

/// How the bytes of a direction are cut into reads.
public enum Segmentation: Sendable, Hashable {
  /// Each frame is read by itself.
  case frames
  /// Frames are cut anywhere and read together, each byte at most so much later.
  case arbitrary(hold: Duration)
}
