extension ConformanceRule {
  /// What there is to say of each.
  var entry: Entry {
    switch self {
    // Frames.
    case .flagsReserved: Entry("frame.flags", "2", "Flag bits 2 to 7 are sent as 0")
    case .lastOnControl: Entry("frame.last_on_control", "2", 1, "LAST is clear on control frames")
    case .retransmissionUnflagged:
      Entry(
        "frame.retransmission_unflagged", "2", 2,
        "RETRANSMISSION is set on every copy of a sequenced frame after the first")
    case .retransmissionFlaggedFirst:
      Entry(
        "frame.retransmission_flagged", "2", 2,
        "RETRANSMISSION is clear on the first copy of a frame")
    case .corrupt:
      Entry("frame.checksum", "2.1", "The checksum covers the header and the payload")
    case .typeOfOtherRole:
      Entry("frame.role", "2.2", "A peer sends only the types of its role")
    case .controlSequence:
      Entry("frame.sequence", "2.2", "The sequence field of PING, PONG and ERROR is 0")
    case .controlTooLong:
      Entry(
        "frame.control_length", "2.2", "Control frames carry at most 1,024 bytes of payload")
    case .answerLength:
      Entry("frame.answer_length", "2.2", "The payload of ACK and NACK has 4 bytes")
    case .pingLength:
      Entry("frame.ping_length", "2.2", "The payload of PING and PONG has 8 bytes")
    // Session.
    case .firstFrame: Entry("session.first", "3", "A client begins with SYN")
    case .synChanged:
      Entry("session.syn_changed", "3", "A SYN that is repeated is the same SYN")
    case .synAckUnasked: Entry("session.syn_ack_unasked", "3", "SYN_ACK answers a SYN")
    case .synAckChanged:
      Entry("session.syn_ack_changed", "3", "A SYN_ACK that is repeated is the same SYN_ACK")
    case .synAckForeign:
      Entry("session.syn_ack_foreign", "3", "SYN_ACK acknowledges the client's ISN")
    case .synAckGrant:
      Entry(
        "session.grant", "3.1",
        "Window and fragment of the SYN_ACK are at most what the client asks for")
    case .handshakeAckEarly:
      Entry("session.handshake_ack_early", "3", "HANDSHAKE_ACK answers a SYN_ACK")
    case .handshakeAckSession:
      Entry(
        "session.handshake_ack_session", "3.1",
        "HANDSHAKE_ACK has the same 8 bytes of session as the SYN_ACK")
    case .handshakeAckSequence:
      Entry(
        "session.handshake_ack_sequence", "2.2",
        "The sequence field of HANDSHAKE_ACK is the server's ISN")
    case .early:
      Entry(
        "session.early", "3",
        "Sequenced frames, ACK and NACK are sent only once the session is ESTABLISHED")
    case .optionsMalformed:
      Entry("session.options", "3.1", "Options are laid out, and have values, as the table says")
    default: arqEntry
    }
  }

  private var arqEntry: Entry {
    switch self {
    // Windows.
    case .firstSequence:
      Entry("arq.first_sequence", "3", "The first sequenced frame of each side has its ISN + 1")
    case .sequenceSkipped:
      Entry("arq.sequence_skipped", "4", "New frames take the sequence numbers one after the other")
    case .windowOverrun:
      Entry(
        "arq.window_overrun", "4",
        "A new frame is sent only while fewer than min(W, A) are unacknowledged")
    case .windowClosed:
      Entry("arq.window_closed", "4", "A sender obeys the window last advertised by its peer")
    case .windowAdvertised:
      Entry("arq.window_advertised", "4", "A receiver advertises at most W frames")
    case .acknowledgedUnsent:
      Entry("arq.acknowledged_unsent", "4", "Only frames that were sent are acknowledged")
    case .acknowledgedUnreceived:
      Entry(
        "arq.acknowledged_unreceived", "4",
        "nextExpected is the lowest sequence number not yet received in order")
    case .acknowledgementWithdrawn:
      Entry("arq.acknowledgement_withdrawn", "4", "nextExpected never goes back")
    case .pongMissing: Entry("session.pong_missing", "4", "PING is answered with PONG")
    case .pongUnasked:
      Entry("session.pong_unasked", "2.2", "PONG has the 8 bytes of a PING that it answers")
    // Receiver; the row is that of 4.2, and of 4.1 where that has the same.
    case .acknowledgementMissing:
      Entry("arq.ack_missing", "4.1, 4.2", "Every valid frame within the window is acknowledged")
    case .acknowledgementNextExpected:
      Entry(
        "arq.ack_next_expected", "4",
        "An ACK carries nextExpected after the frame that it answers has been dealt with")
    case .acknowledgementSequence:
      Entry(
        "arq.ack_sequence", "4.1, 4.2",
        "The sequence of an ACK is the frame's own; in Go-Back-N, nextExpected - 1")
    case .acknowledgementUnasked:
      Entry("arq.ack_unasked", "4", "Every ACK answers a frame, a PING, or the opening of a window")
    case .acknowledgementDoubled:
      Entry("arq.ack_doubled", "4.1, 4.2", "Each frame is acknowledged once for each copy")
    case .nackMissing:
      Entry(
        "arq.nack_missing", "4.1, 4.2",
        "A corrupt sequenced frame, and a frame that leaves others missing, is answered with NACK")
    case .nackNextExpected:
      Entry("arq.nack_next_expected", "4", "A NACK carries nextExpected")
    case .nackSequence:
      Entry("arq.nack_sequence", "4.1, 4.2", "A NACK names the frame that is missing")
    case .nackUnasked:
      Entry("arq.nack_unasked", "4.1, 4.2", "A NACK is sent once for each cause")
    case .nackReceived:
      Entry("arq.nack_received", "4.1, 4.2", "Only frames that were not received are asked for")
    case .answersMissing:
      Entry("arq.silent", "4.2", "No ACK and no NACK may be left out")
    // Sender.
    case .retransmissionDiffers:
      Entry("arq.copy_differs", "4", "A retransmission is a copy of the frame")
    case .retransmissionAcknowledged:
      Entry("arq.resent_acknowledged", "4.3", "What is acknowledged is not sent again")
    case .retransmissionUncaused:
      Entry(
        "arq.resent_uncaused", "4.3",
        "A frame is sent again because of a NACK, of later ACKs, or of its timer")
    case .goBackIncomplete:
      Entry(
        "arq.go_back_incomplete", "4.3", 3,
        "Go-Back-N sends a frame again and every frame after it, in order, before new ones")
    case .nackIgnored: Entry("arq.nack_ignored", "4.3", "A NACK for a frame in flight is obeyed")
    case .retransmissionsExhausted:
      Entry(
        "arq.retries", "4.4",
        "A session ends with ERROR 8 instead of a 101st retransmission of one frame")
    default: messageEntry
    }
  }

  private var messageEntry: Entry {
    switch self {
    case .messageFragment:
      Entry(
        "message.fragment", "5",
        "All fragments of a message but the last have the negotiated size, and the last has LAST")
    case .messageFragmentTooLarge:
      Entry("message.fragment_size", "5", "No fragment is larger than negotiated")
    case .messageType: Entry("message.type", "5", "All fragments of a message have its type")
    case .messageAfterFin: Entry("message.after_fin", "7", 1, "FIN is the last message")
    case .textInvalid:
      Entry("chat.text", "6.1", "Text is UTF-8, not empty, without control characters")
    case .broadcastInvalid:
      Entry("chat.broadcast", "6.1", "A broadcast is time, nickname and text")
    case .noticeInvalid: Entry("chat.notice", "6.4", "A NOTICE is a code from 1 to 7 and a text")
    case .rosterInvalid:
      Entry("chat.roster", "6.3", "A ROSTER is made as the section says, sorted by nickname")
    case .whoPayload: Entry("chat.who", "2.2", "WHO is empty")
    case .broadcastToSender:
      Entry("chat.broadcast_to_sender", "6.1", "A message is never sent back to its sender")
    case .broadcastOrder:
      Entry("chat.broadcast_order", "6.1", "Per sender, every recipient sees the same order")
    case .broadcastTwice:
      Entry("chat.broadcast_twice", "6.1", "A recipient gets every message once")
    case .broadcastUnsent:
      Entry("chat.broadcast_unsent", "6.1", "The server broadcasts what was sent, unchanged")
    case .broadcastMissing:
      Entry("chat.broadcast_missing", "6.1", "Every other established session gets a message")
    case .finReason:
      Entry(
        "session.fin_reason", "7", "The reason of a FIN obeys 6.1 and has at most 200 bytes")
    case .errorLast: Entry("session.after_error", "7", "ERROR ends the session at once")
    case .errorCode: Entry("session.error_code", "7", "The code of an ERROR is one of 1 to 11")
    default: classicEntry
    }
  }

  private var classicEntry: Entry {
    switch self {
    case .classicFirstFrame: Entry("classic.first", "9", "A client begins with SYN")
    case .classicHandshake:
      Entry("classic.handshake", "9", "SYN, SYN-ACK and HANDSHAKE_ACK come in this order")
    case .classicTypeOfOtherRole:
      Entry("classic.role", "9", "A peer sends only the types of its role")
    case .classicAcknowledgementUnasked:
      Entry("classic.ack_unasked", "9", "An ACK answers a frame")
    case .classicNackUnasked: Entry("classic.nack_unasked", "9", "A NACK answers a frame")
    case .classicSequence:
      Entry("classic.sequence", "9", "Fragments of a message count up from 0")
    case .classicRepeated:
      Entry("classic.repeated", "9", "A fragment is sent again only after a NACK")
    default: Entry("", "", "")
    }
  }

  /// It can be told only if it is known what was seen first: a frame, or what answers it.
  var needsOrder: Bool {
    switch self {
    case .flagsReserved, .lastOnControl, .corrupt, .typeOfOtherRole, .controlSequence,
      .controlTooLong, .answerLength, .pingLength, .optionsMalformed, .synAckForeign, .synAckGrant,
      .windowAdvertised, .retransmissionDiffers, .messageFragment, .messageFragmentTooLarge,
      .messageType, .messageAfterFin, .textInvalid, .broadcastInvalid,
      .noticeInvalid, .rosterInvalid, .whoPayload, .finReason, .errorCode,
      .classicTypeOfOtherRole:
      false
    default: true
    }
  }
}
