import ChatWire

// The sentences of the notes. They are made here only, when something is rendered.

extension Note {
  /// The sentence, in words for people. Text from the wire in it is not escaped yet: renderers do that.
  public var text: String {
    switch id {
    case .handshakeAsks:
      "asks for a session: \(modeText), window \(first), fragments of \(second) bytes"
    case .handshakeRepeated:
      "repeats frame \(cause(0)): no answer came"
    case .handshakeAnswers:
      "answers the SYN in frame \(cause(0)): \(modeText), window \(first), fragments of \(second) bytes"
    case .handshakeChanged:
      "the server did not take it as asked: \(detail ?? "")"
    case .handshakeCompletes:
      "completes the handshake: the session of frame \(cause(0)) is established"
    case .handshakeImplied:
      "stands for the HANDSHAKE_ACK, which was not seen: the session of frame \(cause(0)) is established"
    case .handshakeMalformed:
      "bad options: \(detail ?? "")"
    case .handshakeForeign:
      "acknowledges the initial sequence number \(first), but the client's is \(second)"
    case .acknowledges:
      "acknowledges \(framesText)"
    case .acknowledgementDuplicate:
      first == 1
        ? "duplicate acknowledgement: answers frame \(cause(0)), a copy of what was acknowledged before"
        : "duplicate acknowledgement: says again what frame \(cause(0)) said"
    case .acknowledgementStale:
      "stale acknowledgement: expects \(first), but everything before \(second) is acknowledged already"
    case .acknowledgementUnseen:
      "acknowledges \(count(first, "frame")) that this trace has not seen"
    case .acknowledgesSelectively:
      "acknowledges \(framesText) alone: something before it is still missing"
    case .nackCorrupt:
      "asks for sequence \(first) again: frame \(cause(0)) had a bad checksum"
    case .nackFramingLost:
      "asks for sequence \(first) again: its header was damaged, so that framing was lost"
    case .nackMissing:
      causes.count > 0
        ? "asks for sequence \(first) again: it is missing, but frame \(cause(0)) came"
        : "asks for sequence \(first) again, which was not seen here either"
    case .nackLostLater:
      "asks for sequence \(first) again: frame \(cause(0)) was good here, so it was lost or damaged behind this point"
    case .nackRepeated:
      "asks for sequence \(first) once more, as frame \(cause(0)) did"
    case .nackStale:
      "asks for sequence \(first), which is acknowledged already"
    case .windowFull:
      "the window is full: \(count(first, "frame")) in flight, the sender has to wait"
    case .windowOverrun:
      "\(count(first, "frame")) in flight, but the window allows \(second)"
    case .windowUpdate:
      "the receiver changes its window from \(first) to \(second)"
    case .windowZero:
      "the receiver closes its window: the sender has to wait"
    case .retransmissionNack:
      "retransmission of \(copyText): NACK in frame \(cause(1)) \(detail ?? "asked for it")"
    case .retransmissionTimeout:
      "retransmission of \(copyText): no acknowledgement within \(milliseconds(first)), the timer ran out"
    case .retransmissionGoBack:
      "retransmission of \(copyText): Go-Back-N sends everything after frame \(cause(1)) again"
    case .retransmissionFast:
      "retransmission of \(copyText): frame \(cause(1)) acknowledged later ones, so it is taken for lost"
    case .retransmissionSpurious:
      "retransmission of \(copyText), which frame \(cause(1)) had acknowledged: perhaps the acknowledgement was lost"
    case .duplicate:
      "duplicate of frame \(cause(0)): the same frame twice, not marked as a retransmission"
    case .retransmissionUnseen:
      "retransmission of sequence \(first): the first copy was lost before this point\(causes.count > 0 ? "; NACK in frame \(cause(0)) asked for it" : "")"
    case .retransmissionDiffers:
      "differs from frame \(cause(0)), which had the same sequence number"
    case .skipped:
      "\(count(first, "frame")) before this one not seen: sequence \(second)\(first > 1 ? " and on" : "") was lost before this point"
    case .outOfOrder:
      "out of order: sequence \(first) comes after later ones"
    case .corrupt:
      "bad checksum: the frame was damaged on the way"
    case .unverified:
      "\(count(first, "payload byte")) not captured: the checksum cannot be verified"
    case .resynchronised:
      "framing found again here\(first > 0 ? ", \(count(first, "byte")) skipped" : "")"
    case .unknownType:
      "unknown type: a receiver ignores it"
    case .malformed:
      "\(detail ?? "malformed")"
    case .messageComplete:
      "completes message \(first): \(count(second, "fragment"))"
    case .messageInvalid:
      "the message is not legal: \(detail ?? "")"
    case .messageTypeChanged:
      "the type changes before message \(first) has ended"
    case .messageAfterFin:
      "a message after the FIN in frame \(cause(0))"
    case .chatJoined:
      "\(name) joined"
    case .chatLeft:
      "\(name) left"
    case .chatRenamed:
      "\(name) is a new nickname"
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
      "\(name) says"
    case .goodbye:
      "no more messages from this side\(detail.map { $0.isEmpty ? "" : ": \($0)" } ?? "")"
    case .sessionError:
      "ends the session with error \(first) (\(errorText))\(detail.map { $0.isEmpty ? "" : ": \($0)" } ?? "")"
    case .ping:
      "asks for a sign of life"
    case .pong:
      "answers the PING in frame \(cause(0))"
    case .directionAssumed:
      "the capture does not show who opened the connection: \(detail ?? "")"
    case .sessionEnded:
      "\(detail ?? "")"
    case .tcpOverlapDiffers:
      "two TCP segments had different bytes for the same place: the first were kept"
    case .classicAsks:
      "asks for a session: \(name), window \(first), fragments of \(count(second, "character")); the original programs send one fragment at a time whatever the window"
    case .classicAnswers:
      "answers the SYN in frame \(cause(0)): \(name), window \(first), fragments of \(count(second, "character"))"
    case .classicCompletes:
      "completes the handshake of frame \(cause(0)); nothing answers it"
    case .classicFragment:
      "fragment \(first) of message \(second): stop-and-wait, the next one waits for its ACK"
    case .classicAcknowledges:
      "acknowledges the fragment in frame \(cause(0))"
    case .classicAcknowledgementStray:
      "acknowledges sequence \(first), but no such fragment is waiting"
    case .classicNack:
      "refuses sequence \(first) in frame \(cause(0)): the server's channel simulation lost or damaged its copy\(second > 1 ? ", \(second) times in a row" : "")"
    case .classicNackLimit:
      "the sixth refusal without a good fragment between: the server closes the connection"
    case .classicRetransmission:
      "retransmission of frame \(cause(0)): NACK in frame \(cause(1)) refused it"
    case .classicRepeated:
      "repeats frame \(cause(0)) without a NACK: an original server appends the text twice"
    case .classicPipelined:
      "sent before frame \(cause(0)) was answered: not stop-and-wait"
    case .classicSequence:
      "fragment sequence \(first), where \(second) would continue the message"
    case .classicAbandoned:
      "begins anew: message \(first) was never finished"
    case .classicBroadcast:
      "broadcast from \(name): nobody acknowledges it"
    case .classicNicknameWanted:
      "asks for the nickname \(name)"
    case .classicNicknameAccepted:
      "answers frame \(cause(0)): the nickname is \(name)"
    case .classicListWanted:
      "asks who is here"
    case .classicList:
      "\(count(first, "participant")): \(name)"
    case .classicDisconnect:
      "says goodbye"
    case .classicDisconnectAcknowledged:
      "answers the goodbye in frame \(cause(0))"
    case .classicChannel:
      "configures the server's channel simulation, for everybody: \(detail ?? "")"
    }
  }

  /// The number of a causing frame.
  private func cause(_ index: Int) -> String {
    index < causes.count ? String(causes[index]) : "?"
  }

  /// "frame 3", "frames 3 and 4", "frames 3 to 9".
  private var framesText: String {
    switch causes.count {
    case 0: first == 1 ? "a frame" : "\(first) frames"
    case 1: "frame \(causes[0])"
    case 2 where first <= 2: "frames \(causes[0]) and \(causes[1])"
    default:
      "frames \((0..<causes.count).map { String(causes[$0]) }.joined(separator: ", "))"
        + (first > Int64(causes.count) ? " and \(first - Int64(causes.count)) more" : "")
    }
  }

  /// The copy that a retransmission repeats.
  private var copyText: String { "frame \(cause(0))" }

  private var name: String { detail ?? "?" }

  private var modeText: String { detail ?? "an unknown mode" }

  private var errorText: String {
    UInt8(exactly: first).map { ErrorCode(rawValue: $0).name } ?? "unknown code"
  }

  private func count(_ number: Int64, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }

  /// Nanoseconds as milliseconds with one decimal, or seconds with three from one second on.
  private func milliseconds(_ nanoseconds: Int64) -> String {
    if nanoseconds >= 1_000_000_000 {
      let thousandths = nanoseconds / 1_000_000
      let fraction = String(thousandths % 1_000)
      return "\(thousandths / 1_000)."
        + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction + " s"
    }
    let tenths = nanoseconds / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
