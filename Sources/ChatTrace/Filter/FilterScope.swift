/// What a filter is asked about, and so which fields it may use.
enum FilterScope: Sendable {
  /// The records of a trace.
  case trace
  /// A frame when it arrives, before anything else is known of it.
  case arrivingFrame
}

/// What must be known to tell the value of a field.
enum FieldKnowledge: Sendable {
  /// The frame: its header, its bytes, and which frame it is.
  case frame
  /// What its payload says as well.
  case payload
  /// The whole trace, or how the frame came; or no frame has it.
  case trace
}

extension Field {
  /// What must be known of a frame to tell the value of the field on it.
  var knowledge: FieldKnowledge {
    switch source {
    case .scalar(let scalar): scalar.knowledge
    case .text(.text), .text(.reason), .text(.nickname), .group(.options), .option: .payload
    case .payload: .frame
    case .text(.client), .text(.server), .text(.rule), .text(.action), .group(.sender),
      .group(.receiver), .group(.notes), .note, .summary:
      .trace
    }
  }
}

extension ScalarField {
  fileprivate var knowledge: FieldKnowledge {
    switch self {
    case .schemaVersion, .kind, .stream, .leg, .direction, .dialect, .type, .typeCode, .sequence,
      .length, .flags, .last, .retransmission, .checksum, .message, .fragment, .attempt, .chat,
      .checksumStatus, .isType:
      .frame
    case .nextExpected, .advertisedWindow, .code, .window, .ack: .payload
    // The offset depends on how often other frames were sent, and so on the time.
    case .time, .frame, .offset, .fragments, .disposition, .senderBase, .senderNext,
      .senderInFlight, .senderWindow, .receiverNextExpected, .receiverWindow, .receiverBuffered,
      .tcpEvent, .state, .mode, .end, .analysis:
      .trace
    }
  }
}
