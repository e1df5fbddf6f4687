extension NoteID {
  /// The stable name in NDJSON and filters, dotted from general to special.
  public var name: String { "\(staticName)" }

  /// The name without an allocation.
  var staticName: StaticString {
    switch self {
    case .handshakeAsks: "session.syn"
    case .handshakeRepeated: "session.syn.repeated"
    case .handshakeAnswers: "session.syn_ack"
    case .handshakeChanged: "session.negotiated"
    case .handshakeCompletes: "session.established"
    case .handshakeImplied: "session.established.implied"
    case .handshakeMalformed: "session.options.bad"
    case .handshakeForeign: "session.syn_ack.foreign"
    case .acknowledges: "arq.ack.for"
    case .acknowledgementDuplicate: "arq.ack.duplicate"
    case .acknowledgementStale: "arq.ack.stale"
    case .acknowledgementUnseen: "arq.ack.unseen"
    case .acknowledgesSelectively: "arq.ack.selective"
    case .nackCorrupt: "arq.nack.checksum"
    case .nackFramingLost: "arq.nack.framing"
    case .nackMissing: "arq.nack.missing"
    case .nackLostLater: "arq.nack.lost"
    case .nackFault: "arq.nack.fault"
    case .nackRepeated: "arq.nack.repeated"
    case .nackStale: "arq.nack.stale"
    case .windowFull: "arq.window.full"
    case .windowOverrun: "arq.window.overrun"
    case .windowUpdate: "arq.window.update"
    case .windowZero: "arq.window.zero"
    case .retransmissionNack: "arq.retransmission.nack"
    case .retransmissionTimeout: "arq.retransmission.timeout"
    case .retransmissionUnheard: "arq.retransmission.unheard"
    case .retransmissionGoBack: "arq.retransmission.go_back_n"
    case .retransmissionFast: "arq.retransmission.fast"
    case .retransmissionSpurious: "arq.retransmission.spurious"
    case .duplicate: "arq.duplicate"
    case .retransmissionUnseen: "arq.retransmission.unseen"
    case .retransmissionDiffers: "arq.retransmission.differs"
    case .skipped: "arq.skipped"
    case .outOfOrder: "arq.out_of_order"
    case .faultDropped: "fault.dropped"
    case .faultCorrupted: "fault.corrupted"
    case .faultDelayed: "fault.delayed"
    case .faultDuplicated: "fault.duplicated"
    case .faultReordered: "fault.reordered"
    case .faultPaced: "fault.paced"
    case .faultReset: "fault.reset"
    case .faultSlowClose: "fault.slow_close"
    case .faultHeld: "fault.held"
    case .faultReleased: "fault.released"
    case .faultAltered: "fault.altered"
    case .corrupt: "frame.checksum"
    case .unverified: "frame.unverified"
    case .resynchronised: "frame.resynchronised"
    case .unknownType: "frame.unknown_type"
    case .malformed: "frame.malformed"
    case .messageComplete: "message.complete"
    case .messageInvalid: "message.invalid"
    case .messageTypeChanged: "message.type_changed"
    case .messageAfterFin: "message.after_fin"
    case .chatJoined: "chat.joined"
    case .chatLeft: "chat.left"
    case .chatRenamed: "chat.renamed"
    case .nicknameAccepted: "chat.nick.accepted"
    case .nicknameWanted: "chat.nick.wanted"
    case .chatRefused: "chat.refused"
    case .chatShutdown: "chat.shutdown"
    case .chatWelcome: "chat.welcome"
    case .roster: "chat.roster"
    case .rosterWanted: "chat.who"
    case .broadcast: "chat.broadcast"
    case .goodbye: "session.fin"
    case .sessionError: "session.error"
    case .ping: "session.ping"
    case .pong: "session.pong"
    case .directionAssumed: "capture.direction"
    case .sessionEnded: "session.ended"
    case .tcpOverlapDiffers: "tcp.overlap"
    case .classicAsks: "classic.syn"
    case .classicAnswers: "classic.syn_ack"
    case .classicCompletes: "classic.established"
    case .classicFragment: "classic.fragment"
    case .classicAcknowledges: "classic.ack.for"
    case .classicAcknowledgementStray: "classic.ack.stray"
    case .classicNack: "classic.nack"
    case .classicNackFault: "classic.nack.fault"
    case .classicNackLimit: "classic.nack.limit"
    case .classicRetransmission: "classic.retransmission.nack"
    case .classicRetransmissionLost: "classic.retransmission.lost"
    case .classicRepeated: "classic.repeated"
    case .classicPipelined: "classic.pipelined"
    case .classicSequence: "classic.sequence"
    case .classicAbandoned: "classic.abandoned"
    case .classicBroadcast: "classic.broadcast"
    case .classicNicknameWanted: "classic.nick.wanted"
    case .classicNicknameAccepted: "classic.nick.accepted"
    case .classicListWanted: "classic.list.wanted"
    case .classicList: "classic.list"
    case .classicDisconnect: "classic.disconnect"
    case .classicDisconnectAcknowledged: "classic.disconnect.ack"
    case .classicChannel: "classic.channel"
    }
  }

  /// How serious it is: chat for the normal course, note for what is repaired, warn for what should
  /// not happen, error for what ends a session or breaks the protocol.
  public var severity: Severity {
    switch self {
    case .handshakeRepeated, .handshakeChanged, .handshakeImplied, .acknowledgementDuplicate,
      .acknowledgementStale, .nackCorrupt, .nackFramingLost, .nackMissing, .nackLostLater,
      .nackFault, .nackRepeated, .nackStale, .windowZero, .retransmissionNack,
      .retransmissionTimeout, .retransmissionUnheard,
      .faultDropped, .faultCorrupted, .faultDelayed, .faultDuplicated, .faultReordered,
      .faultPaced, .faultReset, .faultSlowClose, .faultHeld, .faultReleased, .faultAltered,
      .classicNackFault, .classicRetransmissionLost,
      .retransmissionGoBack, .retransmissionFast, .retransmissionSpurious, .duplicate,
      .retransmissionUnseen, .skipped, .outOfOrder, .unverified,
      .resynchronised, .unknownType, .chatRefused, .chatShutdown, .directionAssumed,
      .classicAcknowledgementStray, .classicNack, .classicRetransmission, .classicPipelined,
      .classicAbandoned, .classicChannel:
      .note
    case .handshakeForeign, .acknowledgementUnseen, .windowOverrun, .retransmissionDiffers,
      .corrupt, .malformed, .messageInvalid, .tcpOverlapDiffers, .classicNackLimit,
      .classicRepeated, .classicSequence:
      .warn
    case .handshakeMalformed, .messageTypeChanged, .messageAfterFin, .sessionError: .error
    case .handshakeAsks, .handshakeAnswers, .handshakeCompletes, .acknowledges,
      .acknowledgesSelectively, .windowFull, .windowUpdate, .messageComplete, .chatJoined,
      .chatLeft, .chatRenamed, .nicknameAccepted, .nicknameWanted, .chatWelcome, .roster,
      .rosterWanted, .broadcast, .goodbye, .ping, .pong, .sessionEnded, .classicAsks,
      .classicAnswers, .classicCompletes, .classicFragment, .classicAcknowledges,
      .classicBroadcast, .classicNicknameWanted, .classicNicknameAccepted, .classicListWanted,
      .classicList, .classicDisconnect, .classicDisconnectAcknowledged:
      .chat
    }
  }

  /// The section of the protocol that it breaks, for a violation.
  public var section: String? {
    switch self {
    case .malformed: "2"
    case .unknownType: "2.2"
    case .handshakeForeign: "3"
    case .handshakeMalformed: "3.1"
    case .windowOverrun, .retransmissionDiffers: "4"
    case .messageTypeChanged: "5"
    case .messageInvalid: "6"
    case .messageAfterFin: "7"
    default: nil
    }
  }
}
