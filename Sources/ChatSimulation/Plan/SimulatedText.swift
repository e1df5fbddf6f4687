public import ChatWire

/// Messages that say of themselves what they are: byte n of message m is known, so that a byte in a
/// wrong place shows.
public enum SimulatedText {
  /// A text of so many bytes: `message 3` or `reply 3`, and then letters.
  public static func text(message: Int, byteCount: Int, of side: Session.Role) -> [UInt8] {
    var value = UInt32(truncatingIfNeeded: message &* 31 &+ (side == .client ? 0 : 7))
    let first: UInt8 = side == .client ? 0x61 : 0x41
    var bytes = [UInt8](repeating: first, count: byteCount)
    var index = 0
    while index < byteCount {
      bytes[index] = first &+ UInt8(truncatingIfNeeded: value % 26)
      index += 1
      // 5 and 26 have no common divisor; the step more each 26 letters tells the turns apart.
      value &+= index.isMultiple(of: 26) ? 6 : 5
    }
    for (index, byte) in "\(side == .client ? "message" : "reply") \(message + 1) ".utf8
      .enumerated()
    where index < byteCount {
      bytes[index] = byte
    }
    return bytes
  }

  /// The payload of a DATA message: the server's say who spoke, and when.
  public static func payload(of text: [UInt8], from side: Session.Role, at time: Instant) -> [UInt8]
  {
    switch side {
    case .client: return text
    case .server:
      var bytes: [UInt8] = []
      let broadcast = Broadcast(
        sentAtMilliseconds: UInt64(max(0, time.nanoseconds) / 1_000_000), nickname: "server",
        text: "")
      _ = broadcast.encode(into: &bytes)
      return bytes + text
    }
  }
}
