public import ChatWire

// An event that is made of one frame alone, when it arrives: for filters that decide what is done
// to it. What it shares with the record of a trace, it says alike.

extension TraceEvent {
  /// The frame as its header and its place in the session say.
  ///
  /// `stream` is the number of the connection. What the payload says is added by `readPayload`.
  public init(arriving frame: IdentifiedFrame, header: FrameHeader, dialect: Dialect) {
    self.init()
    stream = frame.identity.connection
    direction = frame.identity.direction
    leg = direction == .clientToServer ? .client : .server
    self.dialect = dialect
    typeCode = header.typeCode
    sequence = header.sequence
    length = UInt64(header.length)
    flags = header.flags
    last = header.endsMessage(dialect)
    retransmission = header.isMarkedRetransmission(dialect)
    checksum = frame.identity.isDamaged ? .bad : .good
    message = frame.message.map { UInt64($0) }
    fragment = frame.fragment.map { UInt64($0) }
    attempt = UInt64(frame.identity.attempt)
  }

  /// Adds what the payload says, of a message if the frame is all of it.
  public mutating func readPayload(_ payload: RawSpan) {
    switch dialect {
    case .native: NativeReading.frameAlone(&self, payload: payload)
    case .classic:
      let place = (message, fragment, attempt)
      // A session that has seen nothing else reads what the frame says by itself.
      var session = ClassicSession()
      session.frame(&self, payload: payload, time: 0, options: AnalysisOptions())
      (message, fragment, attempt) = place
      fragments = nil
      sender = nil
    }
    notes = []
  }
}
