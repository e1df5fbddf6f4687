// Any bytes are read as every kind of payload, and what is read is written again as it was.

import ChatWire

/// Reads bytes as each payload of both dialects.
func checkPayloads(_ slice: ArraySlice<UInt8>) {
  let bytes = slice.span.bytes
  checkHandshake(bytes)
  checkChat(slice)
  checkClassic(slice)
  checkMessages(slice)
}

private func require(_ isRight: Bool, _ what: @autoclosure () -> String) {
  if !isRight { fatalError(what()) }
}

private func checkHandshake(_ bytes: RawSpan) {
  for frame in HandshakeFrame.allCases {
    let (options, error) = HandshakeOptions.scan(bytes, for: frame)
    let list = HandshakeOption.list(bytes)
    sink &+= UInt64(list.count)
    if let error {
      sink &+= UInt64(error.sentence.utf8.count) &+ UInt64(error.code.rawValue)
      continue
    }
    var encoded: [UInt8] = []
    do throws(HandshakeError) {
      try options.encode(for: frame, into: &encoded)
      let again = try HandshakeOptions.decode(encoded.span.bytes, for: frame)
      require(again == options, "\(options) is read as \(again)")
    } catch {
      fatalError("\(options) cannot be written: \(error)")
    }
  }
}

private func checkChat(_ slice: ArraySlice<UInt8>) {
  let bytes = slice.span.bytes
  var encoded: [UInt8] = []
  if let broadcast = try? Broadcast(decoding: bytes) {
    require(broadcast.encode(into: &encoded), "\(broadcast) cannot be written")
    require(encoded[...] == slice, "\(broadcast) is written otherwise")
  }
  encoded = []
  if let roster = try? Roster(decoding: bytes) {
    require(roster.encode(into: &encoded), "\(roster) cannot be written")
    require(encoded[...] == slice, "\(roster) is written otherwise")
  }
  encoded = []
  if let coded = try? CodedText(decoding: bytes) {
    coded.encode(into: &encoded)
    require(encoded[...] == slice, "\(coded) is written otherwise")
    require(Notice(coded).payload == coded, "\(coded) is a notice of another text")
  }
  encoded = []
  if let acknowledgement = AcknowledgementPayload(decoding: bytes) {
    acknowledgement.encode(into: &encoded)
    require(encoded[...] == slice, "\(acknowledgement) is written otherwise")
  }
  if let nickname = try? Nickname(decoding: bytes) {
    require(Array(nickname.value.utf8)[...] == slice, "\(nickname) is another")
    require(nickname.isSame(as: nickname), "\(nickname) is not the same")
  } else {
    let violation = Nickname.violation(in: bytes)
    require(violation.map { !$0.sentence.isEmpty } == true, "a nickname fails for nothing")
  }
  if let text = try? ChatText(decoding: bytes) {
    require(Array(text.value.utf8)[...] == slice, "\(text) is another")
  } else {
    let violation = ChatText.violation(in: bytes)
    require(violation.map { !$0.sentence.isEmpty } == true, "a text fails for nothing")
  }
  if FinReason.violation(in: bytes) == nil {
    require(Array(FinReason.text(of: bytes).utf8)[...] == slice, "the reason is another")
  }
  sink &+= UInt64(FinReason.text(of: bytes).utf8.count)
}

private func checkClassic(_ slice: ArraySlice<UInt8>) {
  let bytes = slice.span.bytes
  if let json = try? JSONValue(decoding: bytes) {
    // What is written is ASCII and may be longer than what was read, and too long to be read.
    var encoded: [UInt8] = []
    json.encode(into: &encoded)
    if encoded.count <= JSONValue.byteCountMax {
      require((try? JSONValue(decoding: encoded.span.bytes)) == json, "\(json.text) is another")
    }
  }
  switch ClassicAcknowledgement(decoding: bytes) {
  case .fragment(let sequence):
    require(Int(sequence) <= 65_535 && slice.count >= 13, "an acknowledgement of \(slice.count)")
  case .nickname(let name): require(name.utf8.count + 9 == slice.count, "another name: \(name)")
  case .disconnect: require(slice.count == 14, "a goodbye of \(slice.count) bytes")
  case .handshake(let answer): require(answer.parameters.json.isObject, "\(answer) is no object")
  case .other: break
  }
  sink &+= UInt64(ClassicNack.sequence(of: bytes) ?? 0)
  if let parameters = (try? ClassicSYN(decoding: bytes))?.parameters {
    require(parameters.window.map { (1...16_384).contains($0) } ?? true, "\(parameters)")
    require(
      parameters.fragmentCharacters.map { (1...65_535).contains($0) } ?? true, "\(parameters)")
  }
  if let config = try? ClassicChannelConfig(decoding: bytes) {
    require((0...1).contains(config.lossProbability) && config.delaySeconds >= 0, "\(config)")
    var encoded: [UInt8] = []
    config.encode(into: &encoded)
    let again = try? ClassicChannelConfig(decoding: encoded.span.bytes)
    require(again == config, "\(config) is read as \(String(describing: again))")
  }
  if let broadcast = ClassicBroadcast(decoding: bytes) {
    var encoded: [UInt8] = []
    broadcast.encode(into: &encoded)
    require(encoded[...] == slice, "\(broadcast) is written otherwise")
  }
  sink &+= UInt64((try? ClassicRoster(decoding: bytes))?.names.count ?? 0)
  sink &+= UInt64((try? ClassicHandshakeAck(decoding: bytes))?.sessionID?.utf8.count ?? 0)
  sink &+= UInt64(ClassicNickname.requested(by: bytes)?.utf8.count ?? 0)
}

/// Joins the bytes as fragments: the first byte of each says how long it is and what.
private func checkMessages(_ slice: ArraySlice<UInt8>) {
  var rest = slice
  var assembler = MessageAssembler(byteCountMax: 100)
  var expected = 0
  while let code = rest.popFirst() {
    let fragment = rest.prefix(Int(code & 31))
    rest = rest.dropFirst(fragment.count)
    let wasOpen = assembler.isOpen
    let step = assembler.append(
      fragment.span.bytes, type: code & 32 == 0 ? .data : .roster, isLast: code & 64 != 0)
    expected = (wasOpen && step.abandonedType == nil ? expected : 0) + fragment.count
    require(
      assembler.totalByteCount == expected && assembler.bytes.count == min(expected, 100)
        && step.isComplete == (code & 64 != 0) && assembler.isOpen != step.isComplete,
      "\(expected) bytes are \(assembler)")
    if code & 128 != 0 { assembler.abandon() }
  }
}
