public import ChatTrace
public import ChatWire

/// What a step means, for somebody who learns: beside what the trace notes, why it is so.
public struct Explanation: Sendable, Hashable {
  /// A few words.
  public var heading: String
  /// One to three sentences.
  public var text: String

  init(_ heading: String, _ text: String) {
    self.heading = heading
    self.text = text
  }

  /// What a record of the trace means.
  ///
  /// - Parameter mode: how losses are repaired in this session.
  public init(_ event: TraceEvent, mode: ARQMode?) {
    let mode = mode ?? .goBackN
    // The most telling note first: what went wrong, before what follows from it.
    let notes = event.notes.sorted { $0.severity > $1.severity }
    for note in notes {
      // A NACK for what was damaged is told as such, whoever has damaged it.
      let id = note.faultBehind == .corrupted ? NoteID.nackCorrupt : note.id
      if let explanation = Self.of(id, mode) {
        self = explanation
        return
      }
    }
    self = event.kind == .frame ? Self.ofFrame(event, mode) : Self.ofOther(event)
  }

  // MARK: frames without a note of their own

  private static func ofFrame(_ event: TraceEvent, _ mode: ARQMode) -> Explanation {
    switch FrameTypeName(event.typeCode, event.dialect) {
    case .data where event.dialect == .classic:
      Explanation(
        "One fragment, then wait",
        "The classic dialect sends a fragment and waits for its ACK before it sends the next: a "
          + "window of one, whatever was agreed.")
    case .data:
      Explanation(
        "A frame goes out",
        "A message longer than a fragment is cut into frames with consecutive numbers. As long as "
          + "the window has room they go out without waiting for an answer; a copy of each is kept "
          + "until it is acknowledged.")
    case .nick, .who, .fin, .notice, .roster:
      Explanation(
        "It is as reliable as a message",
        "Whatever is not only about frames (names, notices, goodbyes) takes a number, is "
          + "acknowledged, and is sent again if it is lost, exactly as DATA is.")
    case .ack:
      Explanation(
        "An acknowledgement",
        "It says which frame came and which number is expected next. What it covers can be "
          + "forgotten by the sender, and the window slides.")
    case .nack:
      Explanation(
        "A request",
        "The receiver names the frame that it needs, so that the sender need not wait for its "
          + "timer.")
    case .ping, .pong:
      Explanation(
        "Is anybody there?",
        "PING and PONG carry no number. They show that the other side lives, and let a sender ask "
          + "whether a closed window has opened.")
    case .error:
      Explanation("The end", "An ERROR ends the session at once; its code says why.")
    default:
      Explanation(
        "Control",
        "This frame belongs to the session itself, not to a message, and takes no number.")
    }
  }

  private static func ofOther(_ event: TraceEvent) -> Explanation {
    switch event.kind {
    case .tcp:
      Explanation(
        "TCP beneath",
        "TCP carries the bytes. It is reliable by itself: faults are made on whole frames, above "
          + "it, so that the protocol has something to repair.")
    case .session:
      Explanation(
        "The session",
        "Both sides know now how losses are repaired, how many frames may be on their way, and "
          + "how large each may be.")
    case .junk, .gap:
      Explanation(
        "No frame",
        "These bytes are no frame. A decoder looks for the next place where a plausible header "
          + "stands, and goes on from there.")
    case .frame, .fault, .summary:
      Explanation("A fault", "A rule acts here, between this client and the wire.")
    }
  }
}
