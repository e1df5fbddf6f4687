internal import ChatPosix
internal import ChatWire

/// What others want done on a connection, which its session has not been told yet.
enum Delivery: Sendable {
  /// A message for a native member.
  case native(FrameType, [UInt8])
  /// What a classic member gets.
  case classic(RoomMessage.ClassicForm)
  /// The server says goodbye, once everything before it was sent.
  case finish(reason: String)
  /// The session ends at once.
  case fail(ErrorCode, String)

  /// Bytes that it keeps in memory for one recipient, shared or not; a native frame has a header of
  /// 11 bytes.
  var byteCount: Int {
    switch self {
    case .native(_, let payload): payload.count + 11
    case .classic(.broadcast(let frames)): frames.byteCount
    case .classic, .finish, .fail: 64
    }
  }
}

/// Where the hub leaves what a connection has to send.
///
/// Its lock is the last one in the lock order: under it nothing else is locked and nothing is done.
final class Mailbox: Sendable {
  private struct Contents {
    var deliveries: [Delivery] = []
    var byteCount = 0
    /// What the session had queued when it was looked at last.
    var sessionByteCount = 0
    var isOverflown = false
    var isClosed = false
    /// Somebody is about to look.
    var isLookedAfter = false
    /// Somebody will look soon.
    var isPostponed = false
    var leftOutCount = 0
  }

  /// What can wait is left out for somebody who has not read so many bytes: when thousands go at
  /// once, it would fill the memory for those who are about to go as well.
  private static let newsByteCountMax = 32 << 10
  /// So many of what can wait do not wait any longer.
  private static let newsCountMax = 256

  /// What whoever has left something has to do.
  enum Attention {
    /// Nothing: somebody is about to look, or nothing was left.
    case none
    /// See that somebody looks, now.
    case now
    /// See that somebody looks, soon.
    case soon
  }

  private let contents = Locked(Contents())
  private let byteCountMax: Int

  init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
  }

  /// Leaves something, which can wait a little or cannot.
  ///
  /// A recipient that is too far behind gets no more: it is ended.
  func append(_ delivery: Delivery, canWait: Bool = false) -> Attention {
    contents.withLock { contents in
      guard !contents.isClosed, !contents.isOverflown else { return .none }
      let waiting = contents.byteCount + contents.sessionByteCount
      let size = delivery.byteCount
      if canWait, waiting > Self.newsByteCountMax {
        contents.leftOutCount += 1
        return .none
      }
      var canWait = canWait && contents.deliveries.count < Self.newsCountMax
      // A message of any legal size must get through to somebody who is not behind.
      if waiting > 0, waiting + size > byteCountMax {
        contents.isOverflown = true
        canWait = false
        contents.deliveries = [
          .fail(.recipientTooSlow, "More than \(byteCountMax) bytes wait to be read.")
        ]
        contents.byteCount = 0
      } else {
        contents.deliveries.append(delivery)
        contents.byteCount += size
      }
      if contents.isLookedAfter || (canWait && contents.isPostponed) { return .none }
      if canWait {
        contents.isPostponed = true
        return .soon
      }
      contents.isLookedAfter = true
      return .now
    }
  }

  var isEmpty: Bool { contents.withLock { $0.deliveries.isEmpty } }

  /// Moves everything to `deliveries`, which must be empty; its storage takes the place.
  func take(into deliveries: inout [Delivery]) {
    contents.withLock { contents in
      swap(&contents.deliveries, &deliveries)
      contents.sessionByteCount += contents.byteCount
      contents.byteCount = 0
      contents.isLookedAfter = false
      contents.isPostponed = false
    }
  }

  /// Says how much the session has queued.
  func note(sessionByteCount: Int) {
    contents.withLock { $0.sessionByteCount = sessionByteCount }
  }

  /// Nobody will look any more.
  func close() {
    contents.withLock { contents in
      contents.isClosed = true
      contents.deliveries = []
    }
  }

  /// How much that could wait was left out.
  var leftOutCount: Int { contents.withLock { $0.leftOutCount } }

  /// Bytes that wait, here and in the session.
  var byteCount: Int { contents.withLock { $0.byteCount + $0.sessionByteCount } }
}
