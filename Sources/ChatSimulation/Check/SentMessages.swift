internal import ChatWire

/// The messages that one side was asked to send, as the other must get them.
struct SentMessages: Sendable {
  struct Message: Sendable {
    var type: FrameType
    var bytes: [UInt8]
  }

  private(set) var messages: [Message] = []
  private(set) var byteCount = 0

  mutating func append(_ type: FrameType, _ bytes: [UInt8]) {
    messages.append(Message(type: type, bytes: bytes))
    byteCount += bytes.count
  }
}
