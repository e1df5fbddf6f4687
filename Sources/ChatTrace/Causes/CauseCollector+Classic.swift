import ChatWire

extension CauseCollector {
  /// A frame of the classic dialect: the notes know nearly all.
  mutating func classic(
    _ event: TraceEvent, payload: RawSpan, _ state: inout StreamCauses
  ) {
    let frame = UInt32(truncatingIfNeeded: event.frame)
    if event.direction == .clientToServer, let text = event.text {
      room.say(event.stream, text, frame, event.sequence)
    }
    switch ClassicType(rawValue: event.typeCode) {
    case .data where event.direction == .serverToClient:
      if let text = event.text, let nickname = event.nickname {
        broadcast(event, text, nickname, state)
      }
    case .channelConfig:
      guard event.isPassedOn, let config = try? ClassicChannelConfig(decoding: payload)
      else { return }
      channels[state.server] = Channel(
        frame: frame, isLossy: config.lossProbability > 0 || config.corruptionProbability > 0,
        delaySeconds: config.delayProbability > 0 ? config.delaySeconds : 0)
    case .nack:
      if let channel = channels[state.server], channel.isLossy, event.has(.classicNack) {
        link(channel.frame, .channel)
      }
    case .ack:
      if let name = event.nickname { room.name(event.stream, name) }
      guard let channel = channels[state.server], channel.delaySeconds > 0,
        let trip = event.roundTripNanoseconds,
        Double(trip) >= channel.delaySeconds * 900_000_000
      else { return }
      link(channel.frame, .channel)
    default: break
    }
  }

  /// The frame in which a server took what a client said.
  func taken(_ said: RoomCauses.Said, of stream: Int) -> UInt32 {
    state(of: stream)?.taken(said.frame, said.sequence) ?? said.frame
  }
}
