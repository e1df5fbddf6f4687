public import ChatWire

/// Messages that say of themselves what they are: byte n of message m is known, so that a byte in a
/// wrong place shows.
public enum SimulatedText {
  /// A text of so many bytes: `message 3` or `reply 3`, and then letters.
  public static func text(message: Int, byteCount: Int, of side: Session.Role) -> [UInt8] {
    let opening = Array("\(side == .client ? "message" : "reply") \(message + 1) ".utf8)
    let first = message &* 31 &+ (side == .client ? 0 : 7)
    return (0..<byteCount).map { index in
      if index < opening.count { return opening[index] }
      return 0x61 &+ UInt8(truncatingIfNeeded: (first &+ index &* 5 &+ index / 26) % 26)
    }
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
