/// A chat message as the frames that a classic client gets (PROTOCOL.md 9.2).
///
/// The original client loses what does not fit into a read of 1,024 bytes, and prints each DATA
/// frame by itself. So a message is cut into frames of at most 1,012 bytes of payload, at character
/// boundaries, each with `[NAME] ` in front and each the last of its message. They are encoded once
/// and shared by all recipients.
public struct ClassicBroadcastFrames: Sendable, Hashable {
  /// The longest payload that an original client reads.
  public static let payloadByteCountMax = 1_012
  /// Names are cut here, so that there is always room for text behind them.
  private static let nameByteCountMax = 512

  /// The frames, each whole.
  public let frames: [[UInt8]]
  /// Their bytes together.
  public let byteCount: Int

  /// Makes the frames of a message.
  public init(name: String, text: String) {
    let name = [UInt8](name.utf8)
    let text = [UInt8](text.utf8)
    var payload = [UInt8(ascii: "[")]
    payload += name[..<ClassicCut.end(of: name, from: 0, byteCountMax: Self.nameByteCountMax)]
    payload += "] ".utf8
    let prefixByteCount = payload.count
    var frames: [[UInt8]] = []
    var byteCount = 0
    var start = 0
    repeat {
      let end = ClassicCut.end(
        of: text, from: start, byteCountMax: Self.payloadByteCountMax - prefixByteCount)
      payload.removeSubrange(prefixByteCount...)
      payload += text[start..<end]
      var frame: [UInt8] = []
      frame.reserveCapacity(Dialect.classic.headerSize + payload.count)
      encodeClassicFrame(.data, sequence: 0, payload: payload, isLast: true, into: &frame)
      byteCount += frame.count
      frames.append(frame)
      start = end
    } while start < text.count
    self.frames = frames
    self.byteCount = byteCount
  }

  /// One frame with this payload, however long and whatever it says: what another server has sent.
  public init(payload: [UInt8]) {
    var frame: [UInt8] = []
    encodeClassicFrame(.data, sequence: 0, payload: payload, isLast: true, into: &frame)
    frames = [frame]
    byteCount = frame.count
  }
}
