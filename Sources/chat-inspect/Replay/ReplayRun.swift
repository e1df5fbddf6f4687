internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// What came of playing a recording once.
struct ReplayRun {
  /// Something that did not go as recorded, beside what was said.
  struct Trouble {
    /// What it means for the verdict.
    enum Kind {
      /// It is another course of things.
      case difference
      /// The peer cannot be reached, has closed or has broken the connection, or is silent.
      case peerGone
      /// It is worth saying; what it means shows in what was said.
      case note
      /// It could not be played.
      case unplayable
    }

    var kind: Kind
    /// The recorded connection.
    var stream: Int
    /// The recorded frame that it is about; 0 if there is none.
    var frame: UInt64
    /// A sentence without a full stop.
    var text: String
  }

  /// What was said and done.
  var played = ComparedTrace()
  /// The recorded streams by the live ones.
  var recordedStreams: [Int: Int] = [:]
  var troubles: [Trouble] = []
  /// Connections that were opened, and messages that were handed to a session.
  var connectionCount = 0
  var messageCount = 0
  var signal: TerminationSignal?
  var duration = Duration.zero
}
