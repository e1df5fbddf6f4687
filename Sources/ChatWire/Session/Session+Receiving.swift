// What the peer's frames do (PROTOCOL.md sections 2.2, 2.3, 4, 5 and 7).

extension Session {
  /// Looks at the next frame of what was received; false if there is none.
  ///
  /// One at a time: what it causes is taken before the next one is looked at.
  mutating func receiveNextFrame(at now: Instant) -> Bool {
    var position = 0
    let nothing: [UInt8] = []
    let chunk = unsafe nothing.span.bytes
    guard let unit = decoder.next(in: chunk, position: &position, checksum: checksum) else {
      return false
    }
    let type = FrameType(rawValue: unit.header.typeCode)
    let sequence = SequenceNumber(unit.header.sequence)
    switch unit.kind {
    case .frame:
      framesReceived &+= 1
      heard(at: now)
      // The decoder's buffer is not touched while the frame is looked at; to lend it to the rest of
      // the session, it is taken out.
      let buffer = decoder.takeBuffer()
      let bytes = unsafe buffer.span.bytes
      let payload = bytes.extracting(
        unit.payloadOffset..<(unit.payloadOffset + unit.payloadCount))
      take(type, sequence: sequence, flags: unit.header.flags, payload: payload, at: now)
      if phase != .ended { decoder.giveBack(buffer) }
    case .corrupt, .lost:
      corruptFramesReceived &+= 1
      // "Corrupt handshake frames are dropped; the timers recover." (section 3)
      if isEstablished { receiver.receiveCorrupt(sequence, type: type) }
    case .overflow: fail(.framingLost, "No frame was found in more than 1 MiB.")
    case .unverified, .skipped, .rest, .undecided: break  // only observers' decoders report these
    }
    return true
  }

  private mutating func heard(at now: Instant) {
    heardAt = now
    if phase == .established {
      pingDeadline = now.advanced(byNanoseconds: pingAfterNanoseconds)
    }
  }

  private mutating func take(
    _ type: FrameType, sequence: SequenceNumber, flags: UInt8, payload: RawSpan, at now: Instant
  ) {
    if type.isSequenced {
      takeSequenced(type, sequence: sequence, flags: flags, payload: payload, at: now)
      return
    }
    switch type {
    case .ack, .nack:
      // A payload that is not four bytes says nothing.
      guard isEstablished, let acknowledgement = AcknowledgementPayload(decoding: payload) else {
        return
      }
      sender.acknowledge(
        isNack: type == .nack, sequence: sequence, payload: acknowledgement, at: now)
    case .syn: receiveSyn(sequence, payload)
    case .synAck: receiveSynAck(sequence, payload, at: now)
    case .handshakeAck: receiveHandshakeAck(payload, at: now)
    case .ping:
      guard payload.byteCount == 8 else { return }
      pongDue = unsafe UInt64(
        bigEndian: payload.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
      // "a receiver answers PING with PONG and, when ESTABLISHED, with such an ACK" (section 4)
      if isEstablished { receiver.announce() }
    case .error: receiveError(payload)
    case .pong: pongCount &+= 1
    default: break  // unknown types, which are ignored as a whole frame (section 2.2)
    }
  }

  private mutating func takeSequenced(
    _ type: FrameType, sequence: SequenceNumber, flags: UInt8, payload: RawSpan, at now: Instant
  ) {
    switch phase {
    case .listening:
      // "Sequenced frames received before a SYN are answered with ERROR 3 and a close."
      fail(.protocolViolation, "A \(type.name) frame came before any SYN.")
      return
    case .synReceived:
      // "treats it as the missing HANDSHAKE_ACK as well"
      establish(at: now)
    case .established, .lingering: break
    case .deciding, .synSent, .ended: return
    }
    let isLast = flags & FrameHeader.lastFlag != 0
    let reception = receiver.receive(
      sequence, type: type, isLast: isLast,
      isRetransmission: flags & FrameHeader.retransmissionFlag != 0, payload: payload)
    if reception == .deliver { deliver(type, isLast: isLast, payload: payload, at: now) }
  }

  /// Hands the frames on that were kept and are in order now, up to the next end of a message;
  /// false if there are none.
  mutating func deliverBuffered(at now: Instant) -> Bool {
    guard let slot = receiver.takeBuffered() else { return false }
    unsafe deliver(slot.type, isLast: slot.isLast, payload: slot.payload.span.bytes, at: now)
    return true
  }

  /// Appends a fragment to its message, and announces the message if it is whole.
  private mutating func deliver(
    _ type: FrameType, isLast: Bool, payload: RawSpan, at now: Instant
  ) {
    guard closing.error == nil else { return }
    if !isSent(type, by: role == .client ? .server : .client) {
      fail(.protocolViolation, "A peer in this role does not send \(type.name).")
    } else if closing.peerReason != nil {
      // "A message after FIN is ERROR 3."
      fail(.protocolViolation, "A \(type.name) message came after FIN.")
    } else {
      let step = assembler.append(payload, type: type, isLast: isLast)
      if let abandoned = step.abandonedType {
        fail(
          .protocolViolation, "A \(type.name) frame came within a \(abandoned.name) message.")
      } else if step.isComplete {
        complete(at: now)
      }
    }
  }

  /// A message is whole.
  private mutating func complete(at now: Instant) {
    messagesDelivered &+= 1
    let type = assembler.type
    let isWhole = assembler.discardedByteCount == 0
    if type == .fin {
      // A reason that breaks the rules, by its size too, does not make it less of a FIN.
      let reason = isWhole ? unsafe FinReason.text(of: assembler.bytes.span.bytes) : ""
      receiveFin(reason: reason, at: now)
      announce(.peerFinished(reason: reason))
    } else if !isWhole {
      if role == .server, !closing.isFinQueued { refuseOversized() }
      announce(.oversized(type, byteCount: assembler.totalByteCount))
    } else if !type.isExtension {
      announce(.deliver(type, assembler.bytes))
    }
  }

  /// Answers a message above the limit with NOTICE 5; the session goes on (section 5).
  private mutating func refuseOversized() {
    var payload: [UInt8] = []
    let sentence =
      "The message has \(assembler.totalByteCount) bytes; at most \(assembler.byteCountMax) are"
      + " accepted."
    Notice.refused(sentence).payload.encode(into: &payload)
    sender.queue.append(.notice, payload)
  }
}
