/// Counts the messages of a classic connection.
///
/// The classic dialect has neither message numbers nor a mark on copies, so copies are told as our
/// server does (PROTOCOL.md 9.2): the same fragment again while it is unanswered, or in an
/// unfinished message, is a copy; sequence 0 otherwise begins a message.
struct ClassicNumbering: Sendable {
  /// A DATA frame of the client.
  private struct Sent: Sendable, Equatable {
    var sequence: UInt16
    var length: UInt32
    var digest: UInt64
  }

  /// DATA frames that the server has not answered, at most `outstandingMax`.
  private var outstanding: [(sent: Sent, message: UInt32)] = []
  private var previous: (sent: Sent, message: UInt32)?
  /// The latest message of the client.
  private var message: UInt32 = 0
  private var nextSequence: UInt16 = 0
  private var isOpen = false
  private var broadcasts: UInt32 = 0

  private static let outstandingMax = 64
  /// How much of a payload is compared to tell copies.
  private static let comparedMax = 4_096

  /// A fragment from the client came; gives the number of its message.
  mutating func fragment(_ header: FrameHeader, payload: RawSpan) -> UInt32 {
    let sent = Sent(
      sequence: header.sequence, length: header.length, digest: Self.digest(of: payload))
    let isLast = header.flags != 0
    let number: UInt32
    if let copied = copied(sent) {
      number = copied
      if number == message, isLast { isOpen = false }
    } else {
      if !isOpen || sent.sequence == 0 { message = message.saturatingNext }
      number = message
      isOpen = !isLast
      nextSequence = sent.sequence &+ 1
    }
    outstanding.removeAll { $0.sent.sequence == sent.sequence && $0.message == number }
    if outstanding.count == Self.outstandingMax { outstanding.removeFirst() }
    outstanding.append((sent, number))
    previous = (sent, number)
    return number
  }

  /// The message of the frame that this one is a copy of; nil if it is none.
  private func copied(_ sent: Sent) -> UInt32? {
    for candidate in outstanding where candidate.sent == sent { return candidate.message }
    guard let previous, previous.sent == sent, isOpen || sent.sequence != 0 else { return nil }
    return previous.message
  }

  /// The message that a damaged fragment fits; nil if it fits none.
  func damagedFragment(_ header: FrameHeader) -> UInt32? {
    for candidate in outstanding
    where candidate.sent.sequence == header.sequence && candidate.sent.length == header.length {
      return candidate.message
    }
    guard header.sequence == (isOpen ? nextSequence : 0) else { return nil }
    return isOpen ? message : message.saturatingNext
  }

  /// A fragment was acknowledged or, if `isNack`, refused; gives the number of its message.
  mutating func answer(to sequence: UInt16, isNack: Bool) -> UInt32 {
    guard let index = outstanding.firstIndex(where: { $0.sent.sequence == sequence }) else {
      return message
    }
    let number = outstanding[index].message
    if !isNack { outstanding.remove(at: index) }
    return number
  }

  /// A broadcast to the client came; gives its number.
  mutating func broadcast() -> UInt32 {
    broadcasts = broadcasts.saturatingNext
    return broadcasts
  }

  /// The number that the next broadcast gets.
  var nextBroadcast: UInt32 { broadcasts.saturatingNext }

  /// FNV-1a of the beginning of a payload.
  private static func digest(of payload: RawSpan) -> UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for offset in 0..<min(payload.byteCount, comparedMax) {
      digest = (digest ^ UInt64(payload.byte(offset))) &* 0x100_0000_01B3
    }
    return digest
  }
}
