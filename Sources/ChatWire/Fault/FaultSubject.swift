/// What rules look at: a frame with its numbers.
struct FaultSubject {
  var identity: FrameIdentity
  var dialect: Dialect
  var typeCode: UInt8
  var sequence: UInt16
  var length: UInt32
  var flags: UInt8
  /// Nil if it has none or it is not known.
  var message: UInt32?
  /// Nil if it has none or it is not known.
  var fragment: UInt32?
  /// What an acknowledgement states.
  var acknowledgement: AcknowledgementPayload?
  /// For how long the connection has been open.
  var age: Duration

  init(
    _ frame: IdentifiedFrame, _ header: FrameHeader, _ dialect: Dialect, payload: RawSpan,
    age: Duration
  ) {
    identity = frame.identity
    self.age = age
    self.dialect = dialect
    typeCode = header.typeCode
    sequence = header.sequence
    length = header.length
    flags = header.flags
    message = frame.message
    fragment = frame.fragment
    let type = FrameType(rawValue: header.typeCode)
    if dialect == .native, type == .ack || type == .nack {
      acknowledgement = AcknowledgementPayload(decoding: payload)
    }
  }

  var typeName: FrameTypeName { FrameTypeName(typeCode, dialect) }

  /// The value of a field; nil if the frame does not have it.
  func value(of field: FaultField) -> UInt64? {
    switch field {
    case .direction: UInt64(identity.direction.rawValue)
    case .dialect: UInt64(dialect.rawValue)
    case .type: UInt64(typeName.rawValue)
    case .typeCode: UInt64(typeCode)
    case .sequence: UInt64(sequence)
    case .length: UInt64(length)
    case .flags: UInt64(flags)
    case .last:
      (dialect == .native ? flags & FrameHeader.lastFlag != 0 : flags != 0) ? 1 : 0
    case .retransmission:
      dialect == .native && flags & FrameHeader.retransmissionFlag != 0 ? 1 : 0
    case .message: message.map { UInt64($0) }
    case .fragment: fragment.map { UInt64($0) }
    case .attempt: UInt64(identity.attempt)
    case .nextExpected: acknowledgement.map { UInt64($0.nextExpected.rawValue) }
    case .advertisedWindow: acknowledgement.map { UInt64($0.window) }
    }
  }
}
