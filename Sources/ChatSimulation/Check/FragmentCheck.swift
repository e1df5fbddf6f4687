internal import ChatWire

/// The first transmissions of a side are the fragments of its messages in order, LAST on the last
/// one of each, and then FIN.
struct FragmentCheck: Sendable {
  private var messageIndex = 0
  private var offset = 0
  private var isFinished = false

  mutating func sent(
    _ header: FrameHeader, payload: RawSpan, fragmentSize: Int, of sent: SentMessages
  ) -> String? {
    let type = FrameType(rawValue: header.typeCode)
    let isLast = header.flags & FrameHeader.lastFlag != 0
    if isFinished { return "sends \(type.name) after its FIN." }
    if payload.byteCount > fragmentSize {
      return "sends \(payload.byteCount) bytes in a frame; a fragment has at most \(fragmentSize)."
    }
    if offset == 0, type == .fin || type == .notice, !isExpected(type, of: sent) {
      guard isLast else { return "sends \(type.name) without LAST." }
      if type == .fin {
        guard messageIndex == sent.messages.count else {
          return "sends FIN before message \(messageIndex + 1) of \(sent.messages.count)."
        }
        isFinished = true
      }
      return nil
    }
    guard messageIndex < sent.messages.count else {
      return "sends \(type.name), which nobody asked for."
    }
    let message = sent.messages[messageIndex]
    guard type == message.type else {
      return "sends \(type.name) within message \(messageIndex + 1), a \(message.type.name)."
    }
    let count = min(fragmentSize, message.bytes.count - offset)
    guard payload.byteCount == count else {
      return
        "sends a fragment of \(payload.byteCount) bytes at byte \(offset) of message "
        + "\(messageIndex + 1), where \(count) are due."
    }
    let due = unsafe message.bytes.span.bytes.extracting(offset..<offset + count)
    if let index = firstDifference(payload, due) {
      return "sends a wrong byte at \(offset + index) of message \(messageIndex + 1)."
    }
    offset += count
    let isEnd = offset == message.bytes.count
    guard isLast == isEnd else {
      return
        "sends frame \(header.sequence) of message \(messageIndex + 1) "
        + (isEnd ? "without LAST, but it ends it." : "with LAST, but it does not end it.")
    }
    if isEnd {
      messageIndex += 1
      offset = 0
    }
    return nil
  }

  private func isExpected(_ type: FrameType, of sent: SentMessages) -> Bool {
    messageIndex < sent.messages.count && sent.messages[messageIndex].type == type
  }
}

/// Where two runs of bytes of one length differ first; nil if they are equal.
func firstDifference(_ left: RawSpan, _ right: RawSpan) -> Int? {
  let count = min(left.byteCount, right.byteCount)
  var index = 0
  // Eight bytes at a time, for this is done with every frame.
  while index &+ 8 <= count,
    unsafe left.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      == right.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
  { index &+= 8 }
  while index < count {
    if unsafe left.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      != right.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    {
      return index
    }
    index &+= 1
  }
  return nil
}
