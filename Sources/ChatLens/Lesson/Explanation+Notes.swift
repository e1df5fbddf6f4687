internal import ChatTrace
internal import ChatWire

// The facts are those of docs/PROTOCOL.md, sections 3 to 5 and 7.

extension Explanation {
  /// What a note means; nil for those that say all there is to say.
  static func of(_ id: NoteID, _ mode: ARQMode) -> Explanation? {
    repair(id, mode) ?? fault(id) ?? request(id, mode) ?? course(id, mode)
  }

  // MARK: faults

  private static func fault(_ id: NoteID) -> Explanation? {
    switch id {
    case .faultDropped:
      Explanation(
        "Lost",
        "The frame is gone, and nobody has told the sender: it still counts as on its way. Only "
          + "what the receiver says, or its silence, can show that something is missing.")
    case .faultCorrupted, .corrupt:
      Explanation(
        "Damaged",
        "Some bit is another now. The sum over the frame (CRC-32) does not fit any more, so the "
          + "receiver will notice, will not use the frame, and can say at once which one it needs.")
    case .faultDelayed, .faultPaced, .faultHeld:
      Explanation(
        "Held back",
        "It comes later than it could. If it takes longer than the retransmission timeout, the "
          + "sender takes it for lost, and then the receiver gets it twice.")
    case .faultDuplicated:
      Explanation(
        "Doubled",
        "The receiver gets it twice. It knows the number already, so it throws the second copy "
          + "away, and acknowledges it again: its first ACK may have been lost.")
    case .faultReordered, .outOfOrder:
      Explanation(
        "Out of order",
        "Later frames overtake it. The receiver cannot tell that from a loss until it comes.")
    default: nil
    }
  }

  // MARK: requests

  private static func request(_ id: NoteID, _ mode: ARQMode) -> Explanation? {
    switch id {
    case .nackCorrupt, .nackFramingLost:
      Explanation(
        "The receiver asks at once",
        "A damaged frame tells the receiver that something was sent. Its NACK names the number "
          + "that it needs, which costs one round trip; waiting for the timer would cost far more.")
    case .nackMissing, .nackFault, .nackLostLater:
      switch mode {
      case .goBackN:
        Explanation(
          "The gap is seen",
          "A later frame has come, so one before it is missing. A Go-Back-N receiver throws the "
            + "later one away, and asks once for the number that it expects: everything from "
            + "there on will come again.")
      case .selectiveRepeat:
        Explanation(
          "The gap is seen",
          "A later frame has come, so one before it is missing. The receiver keeps the later one, "
            + "and asks for the missing number alone.")
      }
    case .nackRepeated:
      Explanation(
        "Asked once more",
        "What was sent again may have been lost again. Asking twice costs little: a sender that "
          + "has just sent the frame does not send it once more at once.")
    case .nackStale:
      Explanation("Too late", "What it asks for has come in the meantime; nothing is to be done.")
    default: nil
    }
  }

  // MARK: repairs

  private static func repair(_ id: NoteID, _ mode: ARQMode) -> Explanation? {
    switch id {
    case .retransmissionNack:
      switch mode {
      case .goBackN:
        Explanation(
          "Back to the lost frame",
          "The sender goes back to this number and sends everything from here on again, in order, "
            + "though some of it came undamaged: the receiver has thrown that away. It is simple, "
            + "and needs no buffer there, but costs a window for a loss.")
      case .selectiveRepeat:
        Explanation(
          "Only what is missing",
          "The sender sends this one frame again, and nothing else: the receiver has kept what "
            + "came behind it. That costs a buffer there, and an ACK for each frame.")
      }
    case .retransmissionGoBack:
      Explanation(
        "And everything behind it",
        "This copy may be needless, but the sender cannot know: in Go-Back-N an ACK says only up "
          + "to where everything has come. Look how many frames one loss costs.")
    case .retransmissionTimeout, .retransmissionUnheard:
      Explanation(
        "The timer ran out",
        "No answer came in time, so the frame or its ACK is taken for lost. The timeout follows "
          + "the measured round trips: shorter would send too much again, longer would wait too "
          + "long. After each timeout in a row it doubles.")
    case .retransmissionFast:
      Explanation(
        "Overtaken",
        "Frames that were sent well behind it are acknowledged, and it is not: the sender takes "
          + "it for lost without waiting for its timer.")
    case .retransmissionSpurious, .retransmissionUnseen, .duplicate:
      Explanation(
        "Needless, and harmless",
        "The receiver has it. It knows by the number, throws the copy away and acknowledges again. "
          + "Being right in the end counts more than never sending twice.")
    case .acknowledgementDuplicate, .acknowledgementStale:
      Explanation(
        "Nothing new",
        "It says again what is known. Each ACK counts everything before it, so an ACK that is "
          + "lost or late is made up for by the next one.")
    default: nil
    }
  }

  // MARK: the normal course

  private static func course(_ id: NoteID, _ mode: ARQMode) -> Explanation? {
    switch id {
    case .acknowledgesSelectively:
      Explanation(
        "Kept, out of order",
        "Selective Repeat acknowledges each frame by itself. The receiver keeps this one until "
          + "what is missing has come; the window cannot slide past the gap meanwhile.")
    case .acknowledges:
      Explanation(
        "The window slides",
        "Everything before the expected number has come, so the sender forgets its copies, and "
          + "may send as many new frames as the window has moved.")
    case .windowFull:
      Explanation(
        "The window is full",
        "As many frames are on their way as the receiver is willing to take. The sender has to "
          + "wait for an acknowledgement, however much it has to say.")
    case .windowZero, .windowUpdate:
      Explanation(
        "The receiver has a say",
        "Every ACK tells how many frames the receiver would take. A slow one slows its sender down "
          + "before anything is lost.")
    case .handshakeAsks:
      Explanation(
        "The handshake, one",
        "The client proposes how losses are repaired, the window and the size of fragments, and "
          + "says the number from which it will count.")
    case .handshakeAnswers, .handshakeChanged:
      Explanation(
        "The handshake, two",
        "The server confirms, perhaps with less, and says from which number it counts. What it "
          + "says holds.")
    case .handshakeCompletes, .handshakeImplied:
      Explanation(
        "The handshake, three",
        "Now the server knows that the client has heard it, too. Two frames could not tell it "
          + "that.")
    case .messageComplete:
      Explanation(
        "The message is whole",
        "Its last fragment has gone by. Fragments are put together in the order of their numbers, "
          + "whatever the order in which they came.")
    case .goodbye:
      Explanation(
        "Goodbye",
        "FIN says that no more messages come from this side. It has a number and is acknowledged, "
          + "so that nobody leaves while something is missing.")
    default: nil
    }
  }
}
