@testable import ChatTrace

/// One example of each note, as the table in docs/TRACE.md shows it.
enum NoteExamples {
  static func note(_ id: NoteID) -> Note {
    native(id) ?? chat(id) ?? classic(id) ?? Note(id)
  }

  private static func note(
    _ id: NoteID, _ causes: [UInt64] = [], _ first: Int64 = 0, _ second: Int64 = 0,
    _ detail: String? = nil
  ) -> Note {
    var because = FrameList()
    for cause in causes { because.append(cause) }
    return Note(id, because: because, first, second, detail: detail)
  }

  /// The session and its ARQ.
  private static func native(_ id: NoteID) -> Note? {
    switch id {
    case .handshakeAsks: note(id, [], 8, 32, "Selective Repeat")
    case .handshakeRepeated: note(id, [1])
    case .handshakeAnswers: note(id, [1], 8, 32, "Selective Repeat")
    case .handshakeChanged: note(id, [2], 0, 0, "window 4 instead of 8")
    case .handshakeCompletes, .handshakeImplied: note(id, [2])
    case .handshakeMalformed: note(id, [], 0, 0, "the option mode is missing")
    case .handshakeForeign: note(id, [], 700, 701)
    case .acknowledges: note(id, [12, 14], 2)
    case .acknowledgementDuplicate: note(id, [14])
    case .acknowledgementStale: note(id, [], 700, 705)
    case .acknowledgementUnseen: note(id, [], 2)
    case .acknowledgesSelectively: note(id, [13], 1)
    case .nackCorrupt, .nackLostLater: note(id, [12], 700)
    case .nackFramingLost, .nackStale: note(id, [], 700)
    case .nackMissing: note(id, [13], 700)
    case .nackFault: note(id, [12], 700, 1)
    case .nackRepeated: note(id, [14], 700)
    case .windowFull: note(id, [], 8)
    case .windowOverrun: note(id, [], 9, 8)
    case .windowUpdate: note(id, [], 8, 4)
    case .retransmissionNack: note(id, [12, 14], 0, 0, "reported a bad checksum")
    case .retransmissionTimeout: note(id, [12], 200_100_000)
    case .retransmissionUnheard: note(id, [12, 14], 200_100_000, 1)
    case .retransmissionGoBack: note(id, [12, 16])
    case .retransmissionFast, .retransmissionSpurious: note(id, [12, 15])
    case .duplicate, .retransmissionDiffers: note(id, [12])
    case .retransmissionUnseen: note(id, [14], 700)
    case .skipped: note(id, [], 1, 700)
    case .outOfOrder: note(id, [], 700)
    case .faultDropped: note(id, [], 0, 0, "drop 10% c2s")
    case .faultCorrupted: note(id, [], 4, 0, "corrupt payload nth 3 DATA c2s")
    case .faultDelayed: note(id, [], 50_000_000, 1, "delay 50ms s2c")
    case .faultDuplicated: note(id, [], 0, 1, "duplicate 5%")
    case .faultReordered: note(id, [], 3, 0, "reorder 2% gap 3")
    case .faultPaced: note(id, [], 64_000, 1, "bandwidth 64kB/s s2c")
    case .faultReset: note(id, [], 0, 0, "reset nth 40 c2s")
    case .faultSlowClose: note(id, [], 2_000_000_000, 0, "slow_close 2s c2s")
    case .faultHeld: note(id, [], 0, 0, "intercept")
    case .faultReleased, .faultAltered: note(id, [12], 0, 0, "intercept")
    case .unverified: note(id, [], 20)
    case .resynchronised: note(id, [], 15)
    case .malformed: note(id, [], 0, 0, "its payload is not 4 bytes long")
    default: nil
    }
  }

  /// Messages and what they say.
  private static func chat(_ id: NoteID) -> Note? {
    switch id {
    case .messageComplete: note(id, [], 3, 4)
    case .messageInvalid: note(id, [], 0, 0, "it is not valid UTF-8")
    case .messageTypeChanged: note(id, [], 3)
    case .messageAfterFin: note(id, [20])
    case .chatJoined, .chatLeft, .nicknameAccepted, .nicknameWanted, .broadcast:
      note(id, [], 0, 0, "ana")
    case .chatRenamed: note(id, [], 0, 0, "ana is now called anna")
    case .chatRefused: note(id, [], 0, 0, "nickname in use")
    case .chatShutdown: note(id, [], 0, 0, "back in a minute")
    case .chatWelcome: note(id, [], 0, 0, "Welcome, ana")
    case .roster: note(id, [], 2, 0, "ana, bia")
    case .goodbye: note(id, [], 0, 0, "done")
    case .sessionError: note(id, [], 3, 0, "DATA before the handshake")
    case .pong: note(id, [17])
    case .directionAssumed: note(id, [], 0, 0, "port 5000 is known as a server's")
    case .sessionEnded: note(id, [], 0, 0, SessionEnd.clean.explanation)
    default: nil
    }
  }

  private static func classic(_ id: NoteID) -> Note? {
    switch id {
    case .classicAsks: note(id, [], 4, 3, "gbn")
    case .classicAnswers: note(id, [1], 4, 3, "gbn")
    case .classicCompletes: note(id, [2])
    case .classicFragment: note(id, [], 2, 1)
    case .classicAcknowledges: note(id, [12])
    case .classicAcknowledgementStray: note(id, [], 4)
    case .classicNack: note(id, [12], 0, 2)
    case .classicNackFault: note(id, [12], 0, 2)
    case .classicNackLimit: note(id, [], 6)
    case .classicRetransmission: note(id, [12, 13])
    case .classicRetransmissionLost: note(id, [12], 0, 1)
    case .classicRepeated, .classicPipelined: note(id, [12])
    case .classicSequence: note(id, [], 3, 2)
    case .classicAbandoned: note(id, [], 1)
    case .classicBroadcast, .classicNicknameWanted: note(id, [], 0, 0, "ana")
    case .classicNicknameAccepted: note(id, [4], 0, 0, "ana")
    case .classicList: note(id, [8], 2, 0, "ana, bia")
    case .classicDisconnectAcknowledged: note(id, [20])
    case .classicChannel: note(id, [], 0, 0, "loss 10 %")
    default: nil
    }
  }
}
