/// Joins the DATA fragments of a classic client into messages (PROTOCOL.md 9.2).
///
/// Fragments are joined as bytes, and the whole is checked to be UTF-8. The original server looks
/// at no sequence number, so its clients may resend nothing on a guess; ours recognises a repeated
/// fragment and a message that was begun again.
struct ClassicReceiver: Sendable {
  /// What a fragment did; in every case it is acknowledged.
  enum Step: Equatable {
    /// It repeats the fragment before it, and was not appended.
    case repeated
    /// It was appended.
    case gathered
    /// It ended a message.
    case complete([UInt8])
    /// It ended a message that cannot be used.
    case unusable(ClassicDiscard)
  }

  private var assembler: MessageAssembler
  /// The fragment before, once there was one.
  private var previousSequence: UInt16?
  private var previousPayload: [UInt8] = []

  init(messageByteCountMax: Int) {
    assembler = MessageAssembler(byteCountMax: messageByteCountMax)
  }

  /// True between the first fragment of a message and its last.
  var isOpen: Bool { assembler.isOpen }

  /// Takes a fragment; `abandonedByteCount` is how much of an unfinished message it put an end to.
  mutating func append(
    _ payload: [UInt8], sequence: UInt16, isLast: Bool
  ) -> (step: Step, abandonedByteCount: Int?) {
    var abandoned: Int?
    let isRepeated = sequence == previousSequence && payload == previousPayload
    if assembler.isOpen {
      // "Within an unfinished message, a frame with the same sequence and bytes as the one before
      // is acknowledged and not appended again; otherwise sequence 0 in the middle of a message
      // abandons what was gathered."
      if isRepeated { return (.repeated, nil) }
      if sequence == 0 {
        abandoned = assembler.totalByteCount
        assembler.abandon()
      }
    } else if isRepeated, sequence != 0 {
      // "With no message open, sequence 0 always begins one (two equal messages in a row are two
      // messages), and another sequence equal to the frame before is acknowledged and ignored."
      return (.repeated, nil)
    }
    previousSequence = sequence
    previousPayload.removeAll(keepingCapacity: true)
    previousPayload.append(contentsOf: payload)
    let step = unsafe assembler.append(payload.span.bytes, type: .data, isLast: isLast)
    return (step.isComplete ? finished() : .gathered, abandoned)
  }

  private func finished() -> Step {
    if assembler.discardedByteCount > 0 {
      return .unusable(.tooLong(byteCount: assembler.totalByteCount))
    }
    let bytes = assembler.bytes
    var offset = 0
    while offset < bytes.count {
      let start = offset
      guard unsafe UTF8Scan.next(bytes.span.bytes, at: &offset) != nil else {
        return .unusable(.notUTF8(offset: start))
      }
    }
    return .complete(bytes)
  }
}

/// Why text that a classic client has sent goes to nobody.
public enum ClassicDiscard: Sendable, Hashable {
  /// The bytes of the message from an offset on are not UTF-8.
  case notUTF8(offset: Int)
  /// The message is longer than the server takes.
  case tooLong(byteCount: Int)
  /// The client began another message before this one was finished.
  case abandoned(byteCount: Int)

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .notUTF8(let offset): "The message is not UTF-8 at byte \(offset)."
    case .tooLong(let byteCount): "The message has \(byteCount) bytes, more than are taken."
    case .abandoned(let byteCount):
      "The client began another message after \(byteCount) bytes of an unfinished one."
    }
  }
}
