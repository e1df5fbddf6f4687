/// A remark on a frame or a session: a stable identity, a severity, one sentence, and the frames
/// that caused it.
///
/// Only numbers are kept; the sentence is made when it is rendered. A note that was read from a
/// written trace has its sentence as it was written.
public struct Note: Sendable, Hashable {
  /// What it says; gives the stable name, the severity, the sentence and the section.
  public var id: NoteID
  /// `detail` is the whole sentence, and the numbers mean nothing.
  public private(set) var isWritten = false
  /// Up to four frames that caused it, earliest first; see `because`.
  public var causes: FrameList
  /// Numbers for the sentence; what they mean depends on `id`.
  public var first: Int64
  /// The second number for the sentence.
  public var second: Int64
  /// Text from the wire for the sentence, unescaped.
  public var detail: String?

  /// Makes a note.
  public init(
    _ id: NoteID, because causes: FrameList = FrameList(), _ first: Int64 = 0, _ second: Int64 = 0,
    detail: String? = nil
  ) {
    self.id = id
    self.causes = causes
    self.first = first
    self.second = second
    self.detail = detail
  }

  /// Makes a note of a sentence that was written before.
  init(_ id: NoteID, because causes: FrameList, written sentence: String) {
    self.init(id, because: causes, detail: sentence)
    isWritten = true
  }

  /// How serious it is.
  public var severity: Severity { id.severity }

  /// The section of PROTOCOL.md that a violation breaks.
  public var section: String? { id.section }
}

/// How serious a note is, as Wireshark's expert information.
public enum Severity: UInt8, Sendable, Hashable, Comparable {
  case chat, note, warn, error

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .chat: "chat"
    case .note: "note"
    case .warn: "warn"
    case .error: "error"
    }
  }

  /// Orders from chat to error.
  public static func < (lower: Severity, higher: Severity) -> Bool {
    lower.rawValue < higher.rawValue
  }
}

/// A few frame numbers, kept without an allocation.
public struct FrameList: Sendable, Hashable {
  /// How many there are, at most `capacity`.
  public private(set) var count = 0
  private var frames: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// How many fit.
  public static let capacity = 4

  /// An empty list.
  public init() {}

  /// A list of one frame; 0 means none.
  public init(_ frame: UInt64) {
    append(frame)
  }

  /// A list of two frames; 0 means none.
  public init(_ first: UInt64, _ second: UInt64) {
    append(first)
    append(second)
  }

  /// Adds a frame unless it is 0, there already, or the list is full.
  public mutating func append(_ frame: UInt64) {
    guard frame != 0, count < Self.capacity else { return }
    for index in 0..<count where self[index] == frame { return }
    switch count {
    case 0: frames.0 = frame
    case 1: frames.1 = frame
    case 2: frames.2 = frame
    default: frames.3 = frame
    }
    count += 1
  }

  /// The frame at a position below `count`.
  public subscript(index: Int) -> UInt64 {
    precondition(index < count)
    switch index {
    case 0: return frames.0
    case 1: return frames.1
    case 2: return frames.2
    default: return frames.3
    }
  }

  /// The same frames, earliest first.
  func sorted() -> FrameList {
    guard count > 1 else { return self }
    var result = FrameList()
    var last: UInt64 = 0
    for _ in 0..<count {
      var next = UInt64.max
      for index in 0..<count where self[index] > last && self[index] < next { next = self[index] }
      result.append(next)
      last = next
    }
    return result
  }

  /// Compares the frames in order.
  public static func == (left: FrameList, right: FrameList) -> Bool {
    left.count == right.count && left.frames == right.frames
  }

  /// Hashes the frames.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for index in 0..<count { hasher.combine(self[index]) }
  }
}
