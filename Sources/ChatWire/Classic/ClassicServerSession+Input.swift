// What each frame from a classic client does.

extension ClassicServerSession {
  /// Deals with one frame, or with the end of the stream; false if there is nothing to deal with
  /// now.
  mutating func advance(at now: Instant) -> Bool {
    switch state {
    case .opening, .closing, .ended: return false
    case .awaitingSYN, .awaitingHandshakeAck, .established: break
    }
    guard question == nil else { return false }
    if let held {
      guard now >= held.due else { return false }
      self.held = nil
      dispatch(held.header, payload: held.payload)
      return true
    }
    guard let item = input.next() else {
      if input.isAtEnd { close(.closedByClient) }
      return input.isAtEnd
    }
    switch item {
    case .tooLong(let byteCount):
      close(.frameTooLong(byteCount: byteCount, limit: input.payloadMax))
    case .framingLost: close(.framingLost)
    case .damaged(let header): received(header, payload: nil, at: now)
    case .frame(let header): received(header, payload: input.payload, at: now)
    }
    return true
  }

  /// A frame has arrived; without payload if its checksum is bad.
  private mutating func received(_ header: FrameHeader, payload: [UInt8]?, at now: Instant) {
    if isHandshaking {
      handshake(header, payload: payload)
      return
    }
    switch ClassicType(rawValue: header.typeCode) {
    case .setNick, .listRequest, .channelConfig:
      // They work on any channel, else nobody could leave a bad one.
      dispatch(header, payload: payload)
      return
    default: break
    }
    switch channel.nextFate() {
    case .pass: dispatch(header, payload: payload)
    case .loss: refuse(header)
    case .corruption:
      // "Empty payload: exception, connection closed."
      if header.length == 0 { close(.emptyFrameDamaged) } else { refuse(header) }
    case .delay(let duration):
      held = HeldFrame(header: header, payload: payload, due: now.advanced(by: duration))
    }
  }

  // MARK: handshake

  private mutating func handshake(_ header: FrameHeader, payload: [UInt8]?) {
    guard let payload else {
      close(.damagedHandshake)
      return
    }
    let type = ClassicType(rawValue: header.typeCode)
    do throws(ClassicPayloadError) {
      switch (state, type) {
      case (.awaitingSYN, .syn):
        let syn = unsafe try ClassicSYN(decoding: payload.span.bytes)
        let parameters = configuration.parameters(for: syn.parameters)
        self.parameters = parameters
        state = .opening
        announcements.append(.opening(parameters))
      case (.awaitingHandshakeAck, .handshakeAck):
        _ = unsafe try ClassicHandshakeAck(decoding: payload.span.bytes)
        state = .established
        input.payloadMax = configuration.messageByteCountMax
        announcements.append(.established)
      default: close(.unexpectedType(type))
      }
    } catch {
      close(.badHandshake(error))
    }
  }

  // MARK: in the room

  /// The channel has let a frame pass.
  private mutating func dispatch(_ header: FrameHeader, payload: [UInt8]?) {
    guard let payload else {
      refuse(header)
      return
    }
    switch ClassicType(rawValue: header.typeCode) {
    case .data: data(header, payload: payload)
    case .setNick:
      // "Invalid UTF-8: no reply, connection stays."
      guard let name = unsafe ClassicNickname.requested(by: payload.span.bytes) else { return }
      question = .nickname
      announcements.append(.nicknameWanted(name))
    case .listRequest:
      question = .names
      announcements.append(.namesWanted)
    case .channelConfig:
      // Never answered; one that cannot be used is ignored as a whole.
      guard let config = unsafe try? ClassicChannelConfig(decoding: payload.span.bytes) else {
        return
      }
      channel.config = config
      announcements.append(.channelConfigured(config))
    case .disconnect:
      respond(.ack, sequence: 0) { ClassicAcknowledgement.encodeDisconnect(into: &$0) }
      close(.disconnected)
    // Types that mean nothing from a client in the room, and unknown ones, are ignored.
    default: break
    }
  }

  private mutating func data(_ header: FrameHeader, payload: [UInt8]) {
    nackCount = 0
    let sequence = header.sequence
    let (step, abandoned) = receiver.append(
      payload, sequence: sequence, isLast: header.flags != 0)
    respond(.ack, sequence: sequence) {
      ClassicAcknowledgement.encodeFragment(sequence: sequence, into: &$0)
    }
    if let abandoned { announcements.append(.discarded(.abandoned(byteCount: abandoned))) }
    switch step {
    case .repeated, .gathered: break
    case .complete(let bytes): announcements.append(.text(bytes))
    case .unusable(let discard): announcements.append(.discarded(discard))
    }
  }

  /// Answers NACK; "the sixth NACK without a good DATA between closes the connection".
  private mutating func refuse(_ header: FrameHeader) {
    nackCount += 1
    respond(.nack, sequence: header.sequence) {
      ClassicNack.encode(sequence: header.sequence, into: &$0)
    }
    if nackCount >= ClassicServerConfiguration.nackCountMax { close(.tooManyNacks) }
  }
}
