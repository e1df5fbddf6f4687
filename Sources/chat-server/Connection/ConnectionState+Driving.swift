internal import ChatPosix
internal import ChatWire

// Driving a session: what has arrived and what was left in the mailbox go in, and what it wants is
// done, until it has nothing more to say.

extension ConnectionState {
  /// Does everything that can be done now; whom it concerns is in `workList` afterwards.
  mutating func drive(_ connection: ClientConnection, at now: Instant) {
    if !output.isEmpty { flush(connection, at: now) }
    var isJustReset = false
    repeat {
      takeDeliveries(connection, at: now)
      switch phase {
      case .recognising: recognise(connection, at: now)
      case .native: driveNative(connection, at: now)
      case .classic: driveClassic(connection, at: now)
      case .flushing, .draining, .closed: break
      }
      isJustReset = breakIfReset(connection)
      flush(connection, at: now)
      // Unless the kernel takes no more, everything that the session has is made and written; and
      // what its own messages have left in its mailbox is looked at, too.
    } while isJustReset || isUnfinished(connection)
    limitBlocking(connection, at: now)
    advanceClosing(connection, at: now)
    if let native { connection.mailbox.note(sessionByteCount: native.queuedByteCount) }
    if let classic { connection.mailbox.note(sessionByteCount: classic.queuedByteCount) }
  }

  /// While nothing can be written the session's own timers stand still, but not for ever.
  private mutating func limitBlocking(_ connection: ClientConnection, at now: Instant) {
    guard let blockedSince, !isFailing else { return }
    switch phase {
    case .native, .classic: break
    case .recognising, .flushing, .draining, .closed: return
    }
    deadline = blockedSince.advanced(by: Self.blockedLimit)
    guard now >= deadline else { return }
    fail(.recipientTooSlow, "Nothing was read for a minute.", connection, at: now)
    if native != nil { driveNative(connection, at: now) }
  }

  private func isUnfinished(_ connection: ClientConnection) -> Bool {
    switch phase {
    case .native, .classic: !connection.mailbox.isEmpty || (hasMore && !isBlocked)
    case .recognising: !connection.mailbox.isEmpty
    case .flushing, .draining, .closed: false
    }
  }

  /// Bytes from the socket.
  mutating func receive(_ bytes: RawSpan, _ connection: ClientConnection, at now: Instant) {
    isBusy = true
    counts.bytesReceived += bytes.byteCount
    switch phase {
    case .recognising:
      _ = recogniser.receive(bytes)
    case .native, .classic: receiveInSession(bytes, at: now)
    case .flushing, .draining, .closed: break
    }
  }

  /// Nothing more comes from the client.
  mutating func endOfStream(_ connection: ClientConnection, at now: Instant) {
    switch phase {
    case .recognising: close(reason: nil, connection, at: now)
    case .native, .classic: endStreamOfSession(at: now)
    case .draining: phase = .closed
    case .flushing, .closed: break
    }
  }

  // MARK: the mailbox

  private mutating func takeDeliveries(_ connection: ClientConnection, at now: Instant) {
    connection.mailbox.take(into: &deliveries)
    guard !deliveries.isEmpty else { return }
    isBusy = true
    for delivery in deliveries {
      switch delivery {
      case .native(let type, let payload):
        // Refused only when the session is ending anyway.
        if (try? native?.send(type, payload)) != nil { counts.messagesSent += 1 }
      case .classic(let form): giveClassic(form)
      case .finish(let reason): finish(reason, connection, at: now)
      case .fail(let code, let text): fail(code, text, connection, at: now)
      }
    }
    deliveries.removeAll(keepingCapacity: deliveries.capacity <= 64)
  }

  private mutating func giveClassic(_ form: RoomMessage.ClassicForm) {
    switch form {
    case .broadcast(let frames):
      classic?.broadcast(frames)
      counts.messagesSent += 1
    case .nickname(let nickname): classic?.giveNickname(nickname)
    case .names(let names): classic?.list(names)
    case .nothing: break
    }
  }

  private mutating func finish(
    _ reason: String, _ connection: ClientConnection, at now: Instant
  ) {
    leaveReason = leaveReason ?? reason
    if native?.isEstablished == true {
      native?.finish(reason: reason)
    } else if native != nil {
      fail(.shuttingDown, reason, connection, at: now)
    } else if classic != nil {
      classic?.close()
    } else {
      close(reason: nil, connection, at: now)
    }
  }

  private mutating func fail(
    _ code: ErrorCode, _ text: String, _ connection: ClientConnection, at now: Instant
  ) {
    leaveReason = leaveReason ?? text
    if code == .recipientTooSlow { counts.wasTooSlow = true }
    isFailing = true
    if native != nil {
      native?.fail(code, text)
    } else {
      // The classic dialect has no words for it.
      close(reason: text, connection, at: now)
    }
  }

  // MARK: the dialect

  private mutating func recognise(_ connection: ClientConnection, at now: Instant) {
    let server = connection.server
    switch recogniser.recognition {
    case .undecided:
      if now >= deadline {
        refuse("No SYN came in time.", connection)
      }
    case .nothing:
      refuse("The first 4 KiB have no frame of either dialect.", connection)
    case .found(.native, _):
      native = Session(server: server.native, checksum: server.checksum, at: acceptedAt)
      begin(.native, connection, at: now)
      driveNative(connection, at: now)
    case .found(.classic, _):
      classic = ClassicServerSession(
        server.classic, seed: server.randomNumber(), at: acceptedAt)
      begin(.classic, connection, at: now)
      driveClassic(connection, at: now)
    }
    if case .recognising = phase { return }
    recogniser = DialectRecogniser(checksum: server.checksum)
  }

  private mutating func begin(
    _ dialect: Dialect, _ connection: ClientConnection, at now: Instant
  ) {
    phase =
      switch dialect {
      case .native: .native
      case .classic: .classic
      }
    beginFaults(dialect, connection)
    let bytes = Array(recogniser.sessionBytes)
    receiveInSession(bytes.span.bytes, at: now)
  }

  /// ERROR 2 to whoever does not speak as a client does (PROTOCOL.md 9.1).
  private mutating func refuse(_ text: String, _ connection: ClientConnection) {
    let server = connection.server
    var session = Session(server: server.native, checksum: server.checksum, at: acceptedAt)
    session.fail(.badHandshake, text)
    native = session
    phase = .native
    driveNative(connection, at: acceptedAt)
  }
}
