extension Note {
  /// How the frame with this note follows from one of the note's causes.
  func relation(ofCause index: Int) -> CauseRelation {
    switch id {
    case .handshakeRepeated, .handshakeImplied:
      id == .handshakeImplied ? .mention : index == 0 ? .copy : .lostAnswer
    case .handshakeAnswers, .handshakeCompletes, .pong, .classicAnswers, .classicCompletes,
      .classicAcknowledges, .classicNicknameAccepted, .classicList,
      .classicDisconnectAcknowledged:
      .answer
    case .acknowledgesSelectively: .answer
    // Of the frames that an ACK acknowledges, the one that it names in its sequence field is what
    // it answers; of a duplicate, what came again.
    case .acknowledges: .acknowledged
    case .acknowledgementDuplicate: first == 0 ? .mention : .answer
    case .nackCorrupt, .nackFault, .nackLostLater, .classicNack, .classicNackFault: .complaint
    case .nackMissing: .evidence
    case .nackRepeated: .repetition
    // Where a fault is known, it is the copy that tells; else the NACK leads to it.
    case .retransmissionNack: index == 0 ? second != 0 ? .copy : .mention : .request
    case .retransmissionTimeout: index == 0 ? .copy : .lostAnswer
    case .retransmissionUnheard, .retransmissionSpurious: index == 0 ? .mention : .lostAnswer
    case .retransmissionGoBack: index == 0 ? .mention : .pass
    case .retransmissionFast: index == 0 ? .copy : .evidence
    case .retransmissionUnseen: .request
    case .duplicate: .doubled
    case .classicRetransmission: index == 0 ? .mention : .request
    case .classicRetransmissionLost, .classicRepeated: .copy
    default: .mention
    }
  }
}
