import ChatWire

/// Counts the messages and fragments of one direction and joins their bytes (PROTOCOL.md section
/// 5).
///
/// Numbers are given in order of the sequence: a frame behind one that was not seen has none until
/// the hole is filled or is known never to be. After a hole that stays, what is seen is counted on,
/// and the fragment number is unknown up to the next LAST.
struct MessageTracker: Sendable {
  /// The numbers of a frame.
  struct Numbers: Sendable {
    var message: UInt32
    /// 0 while unknown.
    var fragment: UInt32
  }

  /// What a fragment finished.
  struct Completed: Sendable {
    var message: UInt32
    /// 0 if its beginning was not seen.
    var fragments: UInt32
    var type: FrameType
    /// Nil if not all of its bytes are known or wanted.
    var bytes: [UInt8]?
  }

  /// A frame that came before its turn.
  private struct Held: Sendable {
    var type: FrameType
    var isLast: Bool
    /// Nil if it was not captured whole or is not wanted.
    var payload: [UInt8]?
    /// It ends a message that was complete, and told, before the hole was filled.
    var isTold = false
  }

  /// The position whose numbers are known next.
  private(set) var position: Int64 = 0
  private(set) var message: UInt32 = 1
  /// The fragment number due at `position`; 0 if unknown.
  private(set) var fragment: UInt32 = 1
  /// The type of the message that is open.
  private var openType: FrameType?
  private var isWhole = true
  private var assembler = MessageAssembler(byteCountMax: messageBytesMax)
  private var held: [Int64: Held] = [:]
  private var heldBytes = 0

  /// The most bytes that are joined to one message: the client's own bound.
  static let messageBytesMax = 16 << 20
  /// A message behind a hole is put together if it has at most so many fragments.
  static let fragmentsAheadMax = 1_024
  /// The most bytes that wait for a hole to be filled; beyond it texts stay unknown.
  static let heldBytesMax = 4 << 20

  /// The first sequenced frame will be at `position`; mid-stream its fragment number is unknown.
  mutating func start(at position: Int64, isBeginning: Bool) {
    self.position = position
    fragment = isBeginning ? 1 : 0
    isWhole = isBeginning
  }

  /// The numbers of the frame at `position`, if they are known before it is taken.
  func numbers(at position: Int64) -> Numbers? {
    position == self.position ? Numbers(message: message, fragment: fragment) : nil
  }

  /// True if frames wait for a hole.
  var isWaiting: Bool { !held.isEmpty }

  /// The next frame in order; returns its numbers, and the type that it interrupts, if any.
  @inline(__always)
  mutating func take(
    type: FrameType, isLast: Bool, payload: RawSpan?, keepsBytes: Bool,
    completed: inout Completed?
  ) -> (numbers: Numbers, interrupted: FrameType?) {
    let numbers = Numbers(message: message, fragment: fragment)
    var interrupted: FrameType?
    if let openType, openType != type { interrupted = openType }
    if keepsBytes {
      if let payload {
        _ = assembler.append(payload, type: type, isLast: isLast)
      } else {
        isWhole = false
      }
    }
    position &+= 1
    if isLast {
      var bytes: [UInt8]?
      if keepsBytes, isWhole, fragment != 0, assembler.discardedByteCount == 0 {
        bytes = assembler.bytes
      }
      if keepsBytes {
        completed = Completed(
          message: message, fragments: fragment, type: openType ?? type, bytes: bytes)
        assembler.abandon()
      }
      message &+= 1
      fragment = 1
      openType = nil
      isWhole = true
    } else {
      if fragment != 0 { fragment &+= 1 }
      openType = type
    }
    return (numbers, interrupted)
  }

  /// A frame that comes before its turn.
  mutating func hold(
    _ position: Int64, type: FrameType, isLast: Bool, payload: RawSpan?, keepsBytes: Bool
  ) {
    guard held[position] == nil, held.count < SentFrames.capacityMax else { return }
    var copy: [UInt8]?
    if keepsBytes, let payload, heldBytes + payload.byteCount <= Self.heldBytesMax {
      copy = unsafe payload.withUnsafeBytes { unsafe Array($0) }
      heldBytes += payload.byteCount
    }
    held[position] = Held(type: type, isLast: isLast, payload: copy)
  }

  /// The message that the frame held at `position` completes, although something before the message
  /// is missing.
  ///
  /// Its number is not known then.
  mutating func completedAhead(with position: Int64) -> Completed? {
    guard let frame = held[position] else { return nil }
    var first = position
    while true {
      // Only behind a LAST is it certain that a message begins.
      guard let before = held[first - 1], position - first < Int64(Self.fragmentsAheadMax) else {
        return nil
      }
      if before.isLast { break }
      first -= 1
    }
    var last = position
    while held[last]?.isLast == false, last - first < Int64(Self.fragmentsAheadMax) { last += 1 }
    guard let end = held[last], end.isLast, !end.isTold else { return nil }
    var bytes: [UInt8]? = []
    for place in first...last {
      guard let part = held[place], part.type == frame.type, let payload = part.payload else {
        bytes = nil
        break
      }
      bytes?.append(contentsOf: payload)
    }
    guard bytes != nil else { return nil }
    held[last]?.isTold = true
    return Completed(
      message: 0, fragments: UInt32(truncatingIfNeeded: last - first + 1), type: frame.type,
      bytes: bytes)
  }

  /// Takes the held frame whose turn it is, if there is one.
  mutating func takeHeld(
    keepsBytes: Bool, completed: inout Completed?
  ) -> (position: Int64, numbers: Numbers)? {
    guard !held.isEmpty, let next = held.removeValue(forKey: position) else { return nil }
    heldBytes -= next.payload?.count ?? 0
    let taken = position
    let numbers: Numbers
    if let payload = next.payload {
      numbers =
        unsafe take(
          type: next.type, isLast: next.isLast, payload: payload.span.bytes,
          keepsBytes: keepsBytes, completed: &completed
        ).numbers
    } else {
      numbers =
        take(
          type: next.type, isLast: next.isLast, payload: nil, keepsBytes: keepsBytes,
          completed: &completed
        ).numbers
    }
    if next.isTold { completed = nil }
    return (taken, numbers)
  }

  /// The hole at `position` will not be filled: counts on with the next frame that was seen, at
  /// most at `limit`.
  mutating func skip(to limit: Int64) {
    guard position < limit else { return }
    var next = limit
    // The smallest key, whatever the order of the dictionary.
    for key in held.keys where key < next { next = key }
    if fragment != 1 || openType != nil { message &+= 1 }
    fragment = 0
    openType = nil
    isWhole = false
    assembler.abandon()
    position = next
  }
}
