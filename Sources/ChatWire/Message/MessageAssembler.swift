/// Joins the fragments of one direction into messages (PROTOCOL.md section 5).
///
/// Fragments are appended in order, each once: what is delivered, not what arrives. A message
/// beyond `byteCountMax` is cut there; the rest is counted and discarded up to its last fragment.
///
/// The storage is used again for the next message, so read a complete message before appending
/// more.
public struct MessageAssembler: Sendable {
  /// What a fragment did.
  public struct Step: Sendable, Hashable {
    /// The fragment ended its message, which can now be read.
    public var isComplete: Bool
    /// The type of the message that was given up because this fragment has another: ERROR 3 is due.
    public var abandonedType: FrameType?

    /// Makes a step.
    public init(isComplete: Bool, abandonedType: FrameType?) {
      self.isComplete = isComplete
      self.abandonedType = abandonedType
    }
  }

  /// The bound of a message unless configured: 1 MiB.
  public static let defaultByteCountMax = 1 << 20
  /// Storage above this is given back when the next message begins: thousands of streams may wait
  /// with theirs empty.
  private static let keptCapacityMax = 64 << 10

  /// The most bytes that are kept of one message.
  public var byteCountMax: Int
  /// The type of the message.
  public private(set) var type = FrameType.data
  /// The bytes kept of the message.
  public private(set) var bytes: [UInt8] = []
  /// How many fragments of the message were appended.
  public private(set) var fragmentCount = 0
  /// How many bytes of the message were discarded because they lie beyond the bound.
  public private(set) var discardedByteCount = 0
  /// True between the first fragment of a message and its last.
  public private(set) var isOpen = false

  /// An assembler that keeps at most so many bytes of a message.
  public init(byteCountMax: Int = MessageAssembler.defaultByteCountMax) {
    self.byteCountMax = byteCountMax
  }

  /// The size of the message as sent, what was discarded included.
  public var totalByteCount: Int { bytes.count &+ discardedByteCount }

  /// Appends a fragment.
  ///
  /// If its type is not that of the open message, that message is given up and the fragment begins
  /// a new one.
  public mutating func append(_ fragment: RawSpan, type: FrameType, isLast: Bool) -> Step {
    let abandoned = isOpen && type != self.type ? self.type : nil
    if !isOpen || abandoned != nil { begin(type) }
    fragmentCount &+= 1
    let room = max(0, byteCountMax - bytes.count)
    if fragment.byteCount <= room {
      keep(fragment)
    } else {
      keep(fragment.extracting(first: room))
      discardedByteCount &+= fragment.byteCount - room
    }
    isOpen = !isLast
    return Step(isComplete: isLast, abandonedType: abandoned)
  }

  /// Forgets the open message, for example after a gap.
  public mutating func abandon() {
    begin(.data)
    isOpen = false
  }

  private mutating func begin(_ type: FrameType) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacityMax)
    self.type = type
    fragmentCount = 0
    discardedByteCount = 0
    isOpen = true
  }

  private mutating func keep(_ fragment: RawSpan) {
    unsafe fragment.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}
