internal import ChatPosix
internal import ChatWire
internal import Logging

extension ConnectionState {
  /// Takes what a classic session has to say: each frame in a write of its own (PROTOCOL.md 9.2).
  mutating func driveClassic(_ connection: ClientConnection, at now: Instant) {
    deadline = Self.atOnce
    passDue(at: now)
    flush(connection, at: now)
    while !isBlocked {
      guard let next = nextClassicOutput(at: now) else { return }
      switch next {
      case .transmit:
        if line != nil { sendThroughFaults(at: now) }
        flush(connection, at: now)
      case .opening(let parameters): answer(parameters, connection, at: now)
      case .established:
        workList += connection.server.hub.established(connection)
        log(connection, .info, "client.joined", ["dialect": "classic"])
      case .text(let bytes): take(bytes, connection, at: now)
      case .discarded(let why):
        log(connection, .notice, "message.discarded", ["reason": "\(why.sentence)"])
      case .nicknameWanted(let nickname):
        let id = connection.memberID
        workList += connection.server.hub.deliver {
          $0.nickname(from: id, Array(nickname.utf8))
        }
        log(connection, .info, "client.renamed")
        // The answer is in the mailbox, and nothing is decoded before it is given.
        return
      case .namesWanted:
        let id = connection.memberID
        workList += connection.server.hub.deliver { $0.roster(for: id, at: now) }
        return
      case .channelConfigured: log(connection, .info, "channel.configured")
      case .wait(let moment):
        if let sentence = flood.notice(at: now) {
          classic?.broadcast(name: connection.server.settings.name, text: sentence)
          continue
        }
        deadline = min(moment, flood.deadline, faultDeadline)
        return
      case .ended(let end):
        finishClassic(end, connection, at: now)
        return
      }
    }
  }

  private mutating func nextClassicOutput(at now: Instant) -> ClassicServerOutput? {
    if line == nil { return classic?.nextOutput(at: now, into: &output) }
    return classic?.nextOutput(at: now, into: &frame)
  }

  private mutating func answer(
    _ parameters: ClassicParameterSet, _ connection: ClientConnection, at now: Instant
  ) {
    let server = connection.server
    do throws(Hub.Refusal) {
      _ = try server.hub.join(connection, RoomProfile(parameters), wanted: nil, at: now)
      sessionName = ClassicServerSession.sessionID(
        peer: connection.peer.description, host: server.settings.name)
      classic?.accept(sessionID: sessionName)
    } catch {
      log(connection, .notice, "client.refused", ["reason": "\(error.sentence)"])
      classic?.refuse(error.sentence)
    }
  }

  private mutating func take(
    _ bytes: [UInt8], _ connection: ClientConnection, at now: Instant
  ) {
    let server = connection.server
    guard flood.admit(at: now) else {
      counts.messagesRefused += 1
      return
    }
    counts.messagesReceived += 1
    let sentAt = server.realMilliseconds()
    workList += server.hub.deliver {
      $0.text(from: connection.memberID, bytes, sentAtMilliseconds: sentAt)
    }
  }

  private mutating func finishClassic(
    _ end: ClassicServerEnd, _ connection: ClientConnection, at now: Instant
  ) {
    let reason: String? =
      switch end {
      case .disconnected: nil
      case .closedByClient: "connection lost"
      default: end.sentence
      }
    log(connection, .info, "session.ended", ["text": "\(end.sentence)"])
    close(reason: reason, connection, at: now)
  }
}
