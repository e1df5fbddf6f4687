public import ChatWire

/// A trace to be compared: what was said, and every frame.
public struct ComparedTrace: Sendable {
  /// What was said.
  public var story = Story()
  /// The frames of each connection, in order.
  var frames: [Int: [ComparedFrame]] = [:]
  /// Why not all of it can be compared, as sentences without a full stop.
  public var doubts: [String] = []

  /// Nothing.
  public init() {}
}

/// What is compared of a frame.
struct ComparedFrame: Sendable {
  var frame: UInt64
  var direction: Direction
  var typeCode: UInt8
  var sequence: UInt16
  var byteCount: UInt64
  var flags: UInt8
  var isGood: Bool
  var payloadChecksum: UInt32
  var message: UInt64?
  var fragment: UInt64?
  var attempt: UInt64?
  var nextExpected: UInt16?
  var window: UInt16?
  /// The options of a handshake that belong neither to the peer nor to the moment.
  var terms: String?

  var isLast: Bool { flags & 1 != 0 }
}

/// Gathers what two traces are compared by.
public struct ComparedTraceCollector: TraceSink {
  /// What was gathered; complete once the trace is finished.
  public private(set) var trace = ComparedTrace()
  private var collector = StoryCollector()
  private var frameCount = 0
  private let checksum: CRC32

  private static let frameCountMax = 8 << 20

  /// Makes a collector.
  public init(checksum: CRC32 = CRC32()) {
    self.checksum = checksum
  }

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    collector.record(&event, payload: payload)
    guard event.kind == .frame else { return }
    guard frameCount < Self.frameCountMax else {
      if frameCount == Self.frameCountMax {
        trace.doubts.append("frames after frame \(event.frame) are too many to be compared")
        frameCount += 1
      }
      return
    }
    frameCount += 1
    var terms: String?
    if !event.options.isEmpty {
      let kept = event.options.filter {
        !["session", "acknowledges", "session_id"].contains($0.name)
      }
      terms = kept.map { "\($0.name) \($0.value.comparedText)" }.joined(separator: ", ")
    }
    trace.frames[event.stream, default: []].append(
      ComparedFrame(
        frame: event.frame, direction: event.direction, typeCode: event.typeCode,
        sequence: event.sequence, byteCount: event.length, flags: event.flags,
        isGood: event.checksum == .good, payloadChecksum: checksum.checksum(of: payload),
        message: event.message, fragment: event.fragment, attempt: event.attempt,
        nextExpected: event.nextExpected, window: event.advertisedWindow, terms: terms))
  }

  /// Finishes the story.
  public mutating func finish(_ summary: TraceSummary) {
    collector.finish(summary)
    trace.story = collector.story
    for session in collector.story.sessions {
      for doubt in session.doubts { trace.doubts.append("stream \(session.stream): \(doubt)") }
    }
  }
}

extension Option.Value {
  fileprivate var comparedText: String {
    switch self {
    case .number(let number): String(number)
    case .decimal(let text), .text(let text), .json(let text): text
    case .bytes(let bytes): bytes.map { String($0, radix: 16) }.joined(separator: " ")
    case .boolean(let value): value ? "true" : "false"
    }
  }
}
