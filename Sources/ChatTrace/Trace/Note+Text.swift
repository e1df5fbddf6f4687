import ChatWire

// The sentences of the notes. They are made here only, when something is rendered.

extension Note {
  /// The sentence, in words for people.
  ///
  /// Text from the wire in it is not escaped yet: renderers do that.
  public var text: String {
    if isWritten { return detail ?? "" }
    var plain: [UInt8] = []
    if appendPlain(to: &plain) { return String(decoding: plain, as: UTF8.self) }
    return otherText
  }

  /// The sentences that `appendPlain` does not make.
  private var otherText: String {
    switch id {
    case .acknowledges, .acknowledgesSelectively, .windowFull, .messageComplete,
      .classicAcknowledges:
      ""
    case .handshakeAsks:
      "asks for a session: \(modeText), window \(first), fragments of \(second) bytes"
    case .handshakeRepeated:
      repeatedText
    case .handshakeAnswers:
      "answers \(named("the SYN")): \(modeText), window \(first), fragments of \(second) bytes"
    case .handshakeChanged:
      "the server changed what was asked for: \(detail ?? "")"
    case .handshakeCompletes:
      "confirms \(named("the SYN_ACK")): the handshake is complete"
    case .handshakeImplied:
      impliedText
    case .handshakeMalformed:
      "bad options: \(detail ?? "")"
    case .handshakeForeign:
      "acknowledges the initial sequence number \(first), but the client's is \(second)"
    case .acknowledgementDuplicate:
      switch first {
      case 0: "duplicate acknowledgement: says again what \(frame(0, "another")) said"
      case 2: "duplicate acknowledgement: \(frame(0, "what it answers")) was duplicated here"
      default:
        "duplicate acknowledgement: \(frame(0, "what it answers")) had been acknowledged before"
      }
    case .acknowledgementStale:
      "stale acknowledgement: expects \(first), "
        + "but everything before \(second) has been acknowledged"
    case .acknowledgementUnseen:
      "acknowledges \(count(first, "frame")) that this trace has not seen"
    case .nackCorrupt:
      "asks for sequence \(first) again: \(frame(0, "it")) had a bad checksum"
    case .nackFramingLost:
      "asks for sequence \(first) again: its header was damaged, and framing was lost"
    case .nackMissing:
      causes.count > 0
        ? "asks for sequence \(first) again: it is missing, although frame \(causes[0]) came"
        : "asks for sequence \(first) again, which was not seen here either"
    case .nackLostLater:
      "asks for sequence \(first) again, although \(frame(0, "it")) passed here undamaged: "
        + "either it was lost or damaged further on, or the two crossed on their way"
    case .nackFault, .retransmissionUnheard, .faultDropped, .faultCorrupted, .faultDelayed,
      .faultDuplicated, .faultReordered, .faultPaced, .faultReset, .faultSlowClose, .faultHeld,
      .faultReleased, .faultAltered, .classicNackFault, .classicRetransmissionLost:
      faultText
    case .nackRepeated:
      "asks for sequence \(first) once more, after \(frame(0, "another NACK"))"
    case .nackStale:
      "asks for sequence \(first), which has been acknowledged"
    case .windowOverrun:
      "\(count(first, "frame")) in flight, but the window allows \(second)"
    case .windowUpdate:
      "the receiver changes its window from \(first) to \(second)"
    case .windowZero:
      "the receiver closes its window: the sender has to wait"
    case .retransmissionNack:
      "retransmission of \(lostCopyText): "
        + "NACK in \(frame(1, "another frame")) \(detail ?? "asked for it")"
    case .retransmissionTimeout:
      "retransmission of \(lostCopyText): no acknowledgement within \(milliseconds(first)), "
        + "the timer ran out" + unheardText
    case .retransmissionGoBack:
      "retransmission of \(lostCopyText): "
        + "Go-Back-N repeats everything after \(frame(1, "the lost frame"))"
    case .retransmissionFast:
      "retransmission of \(lostCopyText): \(frame(1, "an ACK")) acknowledged later ones, "
        + "so it is taken for lost"
    case .retransmissionSpurious:
      "needless retransmission of \(copyText): \(frame(1, "an ACK")) had acknowledged it, "
        + "but was perhaps lost or late"
    case .duplicate:
      first == 1
        ? "duplicate of \(copyText): the same retransmission, so probably doubled on the way"
        : "duplicate of \(copyText): not marked as a retransmission, so probably doubled on the way"
    case .retransmissionUnseen:
      second == 1
        ? "needless retransmission of sequence \(first), which had been acknowledged long before"
        : "retransmission of sequence \(first): the first copy was lost on its way here"
          + (causes.count > 0 ? "; NACK in frame \(causes[0]) asked for it" : "")
    case .retransmissionDiffers:
      "differs from \(copyText), which had the same sequence number"
    case .skipped:
      first == 1
        ? "sequence \(second) is missing before this frame: lost on its way here"
        : "\(first) frames from sequence \(second) on are missing before this one: "
          + "lost on their way here"
    case .outOfOrder:
      "out of order: sequence \(first) comes after later ones"
    case .corrupt:
      "bad checksum: damaged on the way"
    case .unverified:
      "\(count(first, "payload byte")) not captured: the checksum cannot be verified"
    case .resynchronised:
      "framing found again here"
        + (first > 0 ? " after \(count(first, "byte")) that are no frame" : "")
    case .unknownType:
      "unknown type: a receiver ignores it"
    case .malformed:
      "\(detail ?? "malformed")"
    case .messageInvalid:
      "the message is not legal: \(detail ?? "")"
    case .messageTypeChanged:
      "the type changes before message \(first) has ended"
    case .messageAfterFin:
      "a message after the FIN\(causes.count > 0 ? " in frame \(causes[0])" : "")"
    case .chatJoined:
      "\(name) joined"
    case .chatLeft:
      "\(name) left"
    case .chatRenamed:
      "\(name)"
    case .nicknameAccepted:
      "the nickname is \(name)"
    case .nicknameWanted:
      "asks for the nickname \(name)"
    case .chatRefused:
      "refused: \(name)"
    case .chatShutdown:
      "the server is shutting down: \(name)"
    case .chatWelcome:
      "welcome: \(name)"
    case .roster:
      "\(count(first, "participant")): \(name)"
    case .rosterWanted:
      "asks who is here"
    case .broadcast:
      "said by \(name)"
    case .goodbye:
      "says goodbye\(detail.map { $0.isEmpty ? "" : " (\($0))" } ?? ""): "
        + "no more messages from this side"
    case .sessionError:
      "ends the session with error \(first) "
        + "(\(errorText))\(detail.map { $0.isEmpty ? "" : ": \($0)" } ?? "")"
    case .ping:
      "asks for a sign of life"
    case .pong:
      "answers \(named("the PING"))"
    case .directionAssumed:
      "the capture does not show who opened the connection: \(detail ?? "")"
    case .sessionEnded:
      detail ?? "ended"
    case .tcpOverlapDiffers:
      "two TCP segments had different bytes for the same place: the first were kept"
    case .classicAsks:
      "asks for a session: \(modeText), window \(first), fragments of \(count(second, "character"))"
    case .classicAnswers:
      "answers \(named("the SYN")): \(modeText), window \(first), "
        + "fragments of \(count(second, "character"))"
    case .classicCompletes:
      "confirms \(named("the ACK")): the handshake is complete"
    case .classicFragment:
      "fragment \(first) of message \(second): waits for its ACK"
    case .classicAcknowledgementStray:
      "acknowledges sequence \(first), but no such fragment is waiting"
    case .classicNack:
      "refuses \(frame(0, "sequence \(first)")): "
        + "the server's channel simulation lost or damaged its copy"
        + (second > 1 ? ", \(second) times in a row" : "")
    case .classicNackLimit:
      "refused \(count(first, "time")) in a row: the server gives up and closes the connection"
    case .classicRetransmission:
      "retransmission of \(copyText): NACK in \(frame(1, "another frame")) refused it"
    case .classicRepeated:
      "repeats \(copyText) without a NACK: an original server appends the text twice"
    case .classicPipelined:
      "sent before \(copyText) was answered: not stop-and-wait"
    case .classicSequence:
      "fragment sequence \(first), where \(second) would continue the message"
    case .classicAbandoned:
      "begins a new message: message \(first) was never finished"
    case .classicBroadcast:
      "broadcast from \(name): broadcasts are not acknowledged"
    case .classicNicknameWanted:
      "asks for the nickname \(name)"
    case .classicNicknameAccepted:
      "answers \(named("the SET_NICK")): the nickname is \(name)"
    case .classicListWanted:
      "asks who is here"
    case .classicList:
      "\(count(first, "participant")): \(name)"
    case .classicDisconnect:
      "says goodbye"
    case .classicDisconnectAcknowledged:
      "answers \(named("the goodbye"))"
    case .classicChannel:
      "sets the server's channel simulation, for everybody: \(detail ?? "")"
    }
  }

  /// A causing frame, or what stands for it where it was not seen.
  func frame(_ index: Int, _ unseen: String) -> String {
    index < causes.count ? "frame \(causes[index])" : unseen
  }

  /// The causing frame by what it is: "the SYN in frame 3".
  func named(_ what: String) -> String {
    causes.count > 0 ? "\(what) in frame \(causes[0])" : what
  }

  /// The copy that a retransmission repeats.
  var copyText: String { frame(0, "a frame") }

  private var name: String { detail ?? "?" }

  /// The mode in words; classic handshakes have its name as the wire does.
  private var modeText: String {
    switch detail {
    case "gbn": "Go-Back-N"
    case "sr": "Selective Repeat"
    case let detail: detail ?? "an unknown mode"
    }
  }

  private var errorText: String {
    UInt8(exactly: first).map { ErrorCode(rawValue: $0).name } ?? "unknown code"
  }

  func count(_ number: Int64, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }

  /// Nanoseconds as milliseconds with one decimal; as seconds with three from one second on, and as
  /// microseconds where a millisecond would be too coarse.
  func milliseconds(_ nanoseconds: Int64) -> String {
    if nanoseconds >= 1_000_000_000 {
      let thousandths = nanoseconds / 1_000_000
      let fraction = String(thousandths % 1_000)
      return "\(thousandths / 1_000)."
        + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction + " s"
    }
    if nanoseconds < 1_000_000 { return "\(nanoseconds / 1_000) us" }
    let tenths = nanoseconds / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
