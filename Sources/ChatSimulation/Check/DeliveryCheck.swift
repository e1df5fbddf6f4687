internal import ChatWire

/// Every message arrives exactly once, in order and intact.
///
/// What a session says by itself (a NOTICE about a message that is too large) was not sent by
/// anybody and is let through; what was too large is expected as such.
struct DeliveryCheck: Sendable {
  /// How many of the messages sent have arrived.
  private(set) var deliveredCount = 0

  /// A side delivers a message that the other is to have sent.
  mutating func delivered(
    _ type: FrameType, _ bytes: [UInt8], of sent: SentMessages
  ) -> String? {
    guard deliveredCount < sent.messages.count else {
      if type == .notice { return nil }
      return
        "delivers a \(type.name) of \(bytes.count) bytes, but only \(sent.messages.count) "
        + "messages were sent and all were delivered."
    }
    let expected = sent.messages[deliveredCount]
    if expected.type == type, expected.bytes == bytes {
      deliveredCount += 1
      return nil
    }
    if type == .notice, expected.type != .notice { return nil }
    let number = deliveredCount + 1
    guard expected.type == type else {
      return "delivers \(type.name) as message \(number), which was sent as \(expected.type.name)."
    }
    guard expected.bytes.count == bytes.count else {
      return
        "delivers message \(number) with \(bytes.count) bytes, but it was sent with "
        + "\(expected.bytes.count)."
    }
    let offset = zip(expected.bytes, bytes).prefix { $0 == $1 }.count
    return
      "delivers message \(number) with \(bytes[offset]) at byte \(offset), "
      + "where \(expected.bytes[offset]) was sent."
  }

  /// A side says that a message was too large.
  mutating func oversized(_ byteCount: Int, of sent: SentMessages) -> String? {
    guard deliveredCount < sent.messages.count,
      sent.messages[deliveredCount].bytes.count == byteCount
    else { return "rejects a message of \(byteCount) bytes that was not sent." }
    deliveredCount += 1
    return nil
  }
}
