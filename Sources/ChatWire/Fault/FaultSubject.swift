/// What rules look at: a frame with its numbers.
struct FaultSubject {
  var frame: IdentifiedFrame
  var header: FrameHeader
  var dialect: Dialect
  /// What an acknowledgement states.
  var acknowledgement: AcknowledgementPayload?
  /// For how long the connection has been open.
  var age: Duration

  init(
    _ frame: IdentifiedFrame, _ header: FrameHeader, _ dialect: Dialect, payload: RawSpan,
    age: Duration
  ) {
    self.frame = frame
    self.header = header
    self.age = age
    self.dialect = dialect
    let type = FrameType(rawValue: header.typeCode)
    if dialect == .native, type == .ack || type == .nack {
      acknowledgement = AcknowledgementPayload(decoding: payload)
    }
  }

  var identity: FrameIdentity { frame.identity }
  /// Nil if it has none or it is not known.
  var message: UInt32? { frame.message }
  /// Nil if it has none or it is not known.
  var fragment: UInt32? { frame.fragment }
  var typeName: FrameTypeName { FrameTypeName(header.typeCode, dialect) }

  /// The value of a field; nil if the frame does not have it.
  func value(of field: FaultField) -> UInt64? {
    switch field {
    case .direction: UInt64(identity.direction.rawValue)
    case .dialect: UInt64(dialect.rawValue)
    case .type: UInt64(typeName.rawValue)
    case .typeCode: UInt64(header.typeCode)
    case .sequence: UInt64(header.sequence)
    case .length: UInt64(header.length)
    case .flags: UInt64(header.flags)
    case .last:
      header.endsMessage(dialect) ? 1 : 0
    case .retransmission:
      header.isMarkedRetransmission(dialect) ? 1 : 0
    case .message: message.map { UInt64($0) }
    case .fragment: fragment.map { UInt64($0) }
    case .attempt: UInt64(identity.attempt)
    case .nextExpected: acknowledgement.map { UInt64($0.nextExpected.rawValue) }
    case .advertisedWindow: acknowledgement.map { UInt64($0.window) }
    }
  }
}
