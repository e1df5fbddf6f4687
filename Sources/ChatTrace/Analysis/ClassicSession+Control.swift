import ChatWire

// Everything of a classic session but DATA and NACK.

extension ClassicSession {
  /// An ACK: only its text tells what it answers.
  mutating func acknowledgement(_ event: inout TraceEvent, payload: RawSpan, time: Int64) {
    switch ClassicAcknowledgement(decoding: payload) {
    case .fragment(let sequence):
      acknowledgeFragment(sequence, &event, time: time)
    case .nickname(let name):
      event.nickname = name
      event.notes.append(
        Note(.classicNicknameAccepted, because: FrameList(setNickFrame), detail: name))
    case .disconnect:
      isDisconnected = true
      event.notes.append(
        Note(.classicDisconnectAcknowledged, because: FrameList(disconnectFrame)))
    case .handshake(let answer):
      synAckFrame = event.frame
      event.options = Self.options(answer.parameters.json)
      adopt(answer.parameters)
      if state == nil { state = .opening }
      event.notes.append(
        Note(
          .classicAnswers, because: FrameList(synFrame), Int64(window ?? 0),
          Int64(fragmentSize ?? 0), detail: protocolName ?? "no protocol"))
    case .other:
      break
    }
  }

  /// A frame of any other type.
  mutating func control(_ event: inout TraceEvent, payload: RawSpan) {
    switch ClassicType(rawValue: event.typeCode) {
    case .syn:
      synFrame = event.frame
      state = .opening
      do {
        let syn = try ClassicSYN(decoding: payload)
        event.options = Self.options(syn.parameters.json)
        adopt(syn.parameters)
        event.notes.append(
          Note(
            .classicAsks, Int64(window ?? 0), Int64(fragmentSize ?? 0),
            detail: protocolName ?? "no protocol"))
      } catch let problem {
        event.notes.append(Note(.handshakeMalformed, detail: problem.sentence))
      }
    case .handshakeAck:
      if let json = try? ClassicHandshakeAck(decoding: payload).json {
        event.options = Self.options(json)
      }
      event.notes.append(Note(.classicCompletes, because: FrameList(synAckFrame)))
      if state == nil || state == .opening {
        state = .established
        change = .established
      }
    case .disconnect:
      disconnectFrame = event.frame
      state = .closing
      event.notes.append(Note(.classicDisconnect))
    case .setNick:
      setNickFrame = event.frame
      let name = ClassicNickname.requested(by: payload)
      event.nickname = name
      event.notes.append(Note(.classicNicknameWanted, detail: name))
    case .listRequest:
      listRequestFrame = event.frame
      event.notes.append(Note(.classicListWanted))
    case .listResponse:
      guard let roster = try? ClassicRoster(decoding: payload) else { return }
      let shown = roster.names.prefix(20).joined(separator: ", ")
      event.notes.append(
        Note(
          .classicList, because: FrameList(listRequestFrame), Int64(roster.names.count),
          detail: roster.names.count > 20 ? shown + ", ..." : shown))
    case .channelConfig:
      channel(&event, payload: payload)
    default:
      event.notes.append(Note(.unknownType))
    }
  }

  private func channel(_ event: inout TraceEvent, payload: RawSpan) {
    if let json = try? JSONValue(decoding: payload) { event.options = Self.options(json) }
    guard let config = try? ClassicChannelConfig(decoding: payload) else {
      event.notes.append(Note(.classicChannel, detail: "illegal, so nothing changes"))
      return
    }
    var parts: [String] = []
    if config.lossProbability > 0 { parts.append("loss \(percent(config.lossProbability))") }
    if config.corruptionProbability > 0 {
      parts.append("corruption \(percent(config.corruptionProbability))")
    }
    if config.delayProbability > 0 {
      parts.append("delay of \(config.delaySeconds) s for \(percent(config.delayProbability))")
    }
    event.notes.append(
      Note(.classicChannel, detail: parts.isEmpty ? "healthy" : parts.joined(separator: ", ")))
  }

  private func percent(_ probability: Double) -> String {
    let tenths = Int((probability * 1_000).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }

  private mutating func adopt(_ parameters: ClassicParameters) {
    if let name = parameters.json["protocol"] { protocolName = name.stringValue ?? name.text }
    mode = parameters.arqMode ?? mode
    if let value = parameters.window { window = UInt64(value) }
    if let value = parameters.fragmentCharacters { fragmentSize = UInt64(value) }
  }

  /// The members of a JSON object, in order.
  private static func options(_ json: JSONValue) -> [Option] {
    guard case .object(let members) = json else { return [] }
    return members.map { member in
      switch member.value {
      case .string(let text): Option(member.key, .text(text))
      case .bool(let value): Option(member.key, .boolean(value))
      case .number(let number):
        if let integer = number.integer {
          Option(member.key, .number(Int64(integer)))
        } else {
          Option(member.key, .decimal(number.text))
        }
      case .null, .array, .object: Option(member.key, .json(member.value.text))
      }
    }
  }
}
