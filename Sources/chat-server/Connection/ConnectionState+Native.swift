internal import ChatWire
internal import Logging

extension ConnectionState {
  /// True if the session was left before it said `wait`, because enough is waiting to be written.
  var hasMore: Bool { deadline == Self.atOnce }

  /// The deadline of somebody who has more to do now.
  static let atOnce = Instant(nanoseconds: .min)

  /// Takes what a native session has to say, as long as the kernel takes what it sends.
  mutating func driveNative(_ connection: ClientConnection, at now: Instant) {
    deadline = Self.atOnce
    passDue(at: now)
    while !isBlocked || isFailing {
      guard output.count < Self.outputByteCountMax || isFailing else { return }
      guard let next = nextNativeOutput(at: now) else { return }
      switch next {
      case .transmit: if line != nil { sendThroughFaults(at: now) }
      case .request(let options): answer(options, connection, at: now)
      case .established(let parameters): begin(parameters, connection)
      case .deliver(let type, let message): take(type, message, connection, at: now)
      case .oversized(let type, let byteCount):
        log(
          connection, .notice, "message.oversized",
          ["type": "\(type.name)", "byte_count": .stringConvertible(byteCount)])
      case .peerFinished(let reason):
        leaveReason = leaveReason ?? reason
        workList += connection.server.hub.leave(connection, reason: leaveReason)
      case .wait(let moment):
        if let sentence = flood.notice(at: now) {
          let notice = Notice.refused(sentence)
          var payload: [UInt8] = []
          notice.payload.encode(into: &payload)
          try? native?.send(.notice, payload)
          continue
        }
        deadline = min(moment, flood.deadline, faultDeadline)
        return
      case .ended(let outcome):
        end(outcome, connection, at: now)
        return
      }
    }
  }

  private mutating func nextNativeOutput(at now: Instant) -> SessionOutput? {
    if line == nil { return native?.nextOutput(at: now, into: &output) }
    return native?.nextOutput(at: now, into: &frame)
  }

  private mutating func answer(
    _ options: HandshakeOptions, _ connection: ClientConnection, at now: Instant
  ) {
    let server = connection.server
    let settings = server.settings
    let profile = RoomProfile(
      dialect: .native, mode: settings.mode ?? options.arqMode ?? .goBackN,
      window: UInt16(clamping: min(Int(options.window ?? 1), settings.windowSizeMax)),
      fragment: UInt16(clamping: min(Int(options.fragment ?? 1), settings.fragmentSizeMax)))
    do throws(Hub.Refusal) {
      let nickname = try server.hub.join(
        connection, profile, wanted: options.nickname, at: now)
      let identifier = server.randomNumber()
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: identifier >> (56 - 8 * $0)) }
      line?.receiveLimit = max(FrameLimits.controlPayloadMax, Int(profile.fragment))
      sessionName = String(identifier, radix: 16)
      sessionName = String(repeating: "0", count: 16 - sessionName.count) + sessionName
      native?.accept(
        SessionGrant(
          nickname: nickname, sessionID: bytes,
          initialSequence: SequenceNumber(UInt16(truncatingIfNeeded: server.randomNumber()))))
    } catch {
      log(connection, .notice, "client.refused", ["reason": "\(error.sentence)"])
      let code: ErrorCode =
        if case .shuttingDown = error { .shuttingDown } else { .serverFull }
      if code == .serverFull {
        native?.refuse(code, error.sentence)
      } else {
        native?.fail(code, error.sentence)
      }
    }
  }

  private mutating func begin(_ parameters: SessionParameters, _ connection: ClientConnection) {
    workList += connection.server.hub.established(connection)
    log(
      connection, .info, "client.joined",
      [
        "dialect": "native", "mode": "\(parameters.mode.name)",
        "window": .stringConvertible(parameters.windowSize),
        "fragment": .stringConvertible(parameters.fragmentSizeMax),
        "client": "\(parameters.peerName)",
      ])
  }

  /// A message of the client is whole.
  private mutating func take(
    _ type: FrameType, _ message: [UInt8], _ connection: ClientConnection, at now: Instant
  ) {
    let server = connection.server
    guard flood.admit(at: now) else {
      counts.messagesRefused += 1
      return
    }
    counts.messagesReceived += 1
    switch type {
    case .data:
      let sentAt = server.realMilliseconds()
      workList += server.hub.deliver {
        $0.text(from: connection.memberID, message, sentAtMilliseconds: sentAt)
      }
    case .nick:
      workList += server.hub.deliver { $0.nickname(from: connection.memberID, message) }
      log(connection, .info, "client.renamed")
    case .who:
      workList += server.hub.deliver { $0.roster(for: connection.memberID, at: now) }
    // "A receiver acknowledges extensions and discards the message" (section 2.2).
    default: break
    }
  }

  private mutating func end(
    _ outcome: SessionOutcome, _ connection: ClientConnection, at now: Instant
  ) {
    let reason: String? =
      switch outcome.ending {
      case .clean, .unconfirmed: outcome.text
      case .abrupt: "connection lost"
      case .failed, .failedByPeer: outcome.code?.name
      }
    let level: Logger.Level = outcome.ending == .failed ? .notice : .info
    var metadata: Logger.Metadata = [
      "ending": "\(outcome.ending)", "text": "\(outcome.text)",
    ]
    if let code = outcome.code { metadata["code"] = .stringConvertible(Int(code.rawValue)) }
    if let status = native?.status {
      metadata["retransmissions"] = .stringConvertible(status.framesRetransmitted)
      metadata["corrupt"] = .stringConvertible(status.corruptFramesReceived)
    }
    log(connection, level, "session.ended", metadata)
    close(reason: reason, connection, at: now)
  }
}
