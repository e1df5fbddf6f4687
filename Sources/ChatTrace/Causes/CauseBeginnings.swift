import ChatWire

// What a frame is that follows from nothing in the trace.

extension CauseRoot {
  /// The beginning that a frame is by itself.
  init(beginningWith event: TraceEvent) {
    let side = event.direction == .clientToServer ? "the client" : "the server"
    let kind: Kind
    switch event.dialect {
    case _ where event.checksum == .bad && event.attempt == nil:
      kind = .unknown("the frame is damaged, so it is not known what it was about")
    case .native:
      kind = Self.native(FrameType(rawValue: event.typeCode), event, side)
    case .classic:
      kind = Self.classic(ClassicType(rawValue: event.typeCode), event, side)
    }
    self.init(kind, event.frame)
  }

  private static func native(_ type: FrameType, _ event: TraceEvent, _ side: String) -> Kind {
    switch type {
    case .syn: return .own("\(side) asked for a session")
    case .data where event.direction == .clientToServer:
      return .own("somebody at \(side) sent a message")
    case .data: return .unknown("\(side) sent a message; who said it, the trace does not show")
    case .nick: return .own("somebody at \(side) asked for a nickname")
    case .who: return .own("somebody at \(side) asked who is here")
    case .fin: return .own("\(side) said goodbye")
    case .ping: return .own("\(side) had heard nothing for a while")
    case .ack where event.has(.windowZero): return .own("\(side) could take no more")
    case .ack where event.has(.windowUpdate): return .own("\(side) could take more or less")
    case .error: return .unknown("\(side) ended the session; why, the trace does not show")
    case .notice where event.has(.chatShutdown): return .own("\(side) is shutting down")
    case .ack, .nack, .synAck, .handshakeAck, .pong:
      return .unknown("\(side) answered something that is not in the trace")
    default:
      return .unknown("\(side) sent it; what made it do so, the trace does not show")
    }
  }

  private static func classic(_ type: ClassicType, _ event: TraceEvent, _ side: String) -> Kind {
    switch type {
    case .syn: return .own("\(side) asked for a session")
    case .data where event.direction == .clientToServer:
      return .own("somebody at \(side) sent a message")
    case .data: return .unknown("\(side) sent a message; who said it, the trace does not show")
    case .setNick: return .own("somebody at \(side) asked for a nickname")
    case .listRequest: return .own("somebody at \(side) asked who is here")
    case .disconnect: return .own("\(side) said goodbye")
    case .channelConfig: return .own("somebody at \(side) set the server's channel simulation")
    case .ack, .nack, .handshakeAck, .listResponse:
      return .unknown("\(side) answered something that is not in the trace")
    default:
      return .unknown("\(side) sent it; what made it do so, the trace does not show")
    }
  }

  /// The beginning that the end of a session is by itself.
  init(beginningWith end: SessionEnd) {
    let kind: Kind =
      switch end {
      case .reset: .unknown("who reset the connection, and why, the trace does not show")
      case .open: .own("the trace ends before the session does")
      case .clean, .unconfirmed, .abrupt, .error, .refused:
        .unknown("who ended it, and why, the trace does not show")
      }
    self.init(kind, 0)
    frames = []
  }
}
