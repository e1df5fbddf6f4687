// A stand-in for the engine, the renderers and the filter, so that the program compiles and can be tried
// before they exist. It reads classic little-endian pcap only and calls every packet a frame.

public typealias CRC32Accelerator = @Sendable (_ state: UInt32, _ bytes: RawSpan) -> UInt32

public protocol TraceSink {
  mutating func record(_ event: TraceEvent, payload: RawSpan)
  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction)
  mutating func finish(_ summary: TraceSummary)
  var isDone: Bool { get }
}

extension TraceSink {
  public mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {}
  public var isDone: Bool { false }
}

public struct TraceOptions: Sendable {
  public var assemblesText = true
  public var checksum: CRC32Accelerator?
  public var tapsStream: Int?
  public init() {}
}

public struct CaptureFileError: Error, Equatable, Sendable {
  public var message: String
  public init(message: String) { self.message = message }
}

public struct LinkType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

public struct CaptureRecord: Sendable {
  public var time: TraceTime?
  public var linkType: LinkType
  public var offset: Int
  public var capturedLength: Int
  public var originalLength: Int
  public var interface: UInt32
  public init(
    time: TraceTime?, linkType: LinkType, offset: Int, capturedLength: Int, originalLength: Int,
    interface: UInt32
  ) {
    self.time = time
    self.linkType = linkType
    self.offset = offset
    self.capturedLength = capturedLength
    self.originalLength = originalLength
    self.interface = interface
  }
}

public struct FileProgress: Sendable {
  public var consumed: Int
  public var minimumBytes: Int
  public var isEnd: Bool
  public var warning: String?
}

public struct TraceEngine {
  let options: TraceOptions
  var hasHeader = false
  var hasNanoseconds = false
  var event = TraceEvent()
  public private(set) var packets: UInt64 = 0

  public init(options: TraceOptions) { self.options = options }

  public mutating func read(
    block: RawSpan, isLastBlock: Bool, into sink: inout some TraceSink
  ) throws(CaptureFileError) -> FileProgress {
    var position = 0
    func word(_ offset: Int) -> UInt32 {
      unsafe block.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
    if !hasHeader {
      guard block.byteCount >= 24 else {
        if isLastBlock { throw CaptureFileError(message: "this is not a capture file") }
        return FileProgress(consumed: 0, minimumBytes: 24, isEnd: false, warning: nil)
      }
      guard word(0) == 0xa1b2_c3d4 || word(0) == 0xa1b2_3c4d else {
        throw CaptureFileError(message: "this is not a capture file")
      }
      hasHeader = true
      hasNanoseconds = word(0) == 0xa1b2_3c4d
      position = 24
    }
    while block.byteCount - position >= 16, !sink.isDone {
      let length = Int(word(position + 8))
      guard length <= 262_144 else {
        throw CaptureFileError(message: "packet \(packets + 1) claims \(length) bytes")
      }
      guard block.byteCount - position - 16 >= length else {
        if isLastBlock { break }
        return FileProgress(
          consumed: position, minimumBytes: 16 + length, isEnd: false, warning: nil)
      }
      let fraction = Int64(word(position + 4)) * (hasNanoseconds ? 1 : 1000)
      let time = TraceTime(nanoseconds: Int64(word(position)) * 1_000_000_000 + fraction)
      packet(
        block.extracting(position + 16..<position + 16 + length),
        record: CaptureRecord(
          time: time, linkType: LinkType(rawValue: 1), offset: position, capturedLength: length,
          originalLength: length, interface: 0),
        into: &sink)
      position += 16 + length
    }
    let rest = block.byteCount - position
    return FileProgress(
      consumed: isLastBlock ? block.byteCount : position, minimumBytes: 16, isEnd: isLastBlock,
      warning: isLastBlock && rest > 0 && !sink.isDone
        ? "the file is cut off in packet \(packets + 1); everything before it was read" : nil)
  }

  public mutating func packet(
    _ bytes: RawSpan, record: CaptureRecord, into sink: inout some TraceSink
  ) {
    packets += 1
    if packets == 1 {
      event.kind = .tcp
      event.time = record.time
      event.tcpEvent = .open
      event.client = "127.0.0.1:40000"
      event.server = "127.0.0.1:25117"
      sink.record(event, payload: bytes.extracting(0..<0))
      event.kind = .frame
    }
    event.frame += 1
    event.time = record.time
    event.typeCode = 4
    event.length = UInt64(bytes.byteCount)
    event.direction = packets.isMultiple(of: 2) ? .serverToClient : .clientToServer
    event.text = options.assemblesText ? "packet \(packets)" : nil
    event.notes.removeAll(keepingCapacity: true)
    if packets.isMultiple(of: 5) { event.notes.append(Note(.placeholder)) }
    if options.tapsStream == event.stream {
      sink.streamBytes(bytes, stream: event.stream, direction: event.direction)
    }
    sink.record(event, payload: bytes)
  }

  public mutating func advance(to time: TraceTime, into sink: inout some TraceSink) {}

  public mutating func finish(into sink: inout some TraceSink) {
    var summary = TraceSummary()
    summary.packets = packets
    if packets > 0 { summary.streams = [TraceSummary.Stream()] }
    sink.finish(summary)
  }
}

public struct NDJSONRenderer {
  let includesPayload: Bool
  public init(includesPayload: Bool) { self.includesPayload = includesPayload }
  public mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    output.append(contentsOf: #"{"schema_version":1,"kind":"\#(event.kind)","frame":\#(event.frame)}"#.utf8)
    output.append(10)
  }
  public mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {
    output.append(contentsOf: #"{"schema_version":1,"kind":"summary","packets":\#(summary.packets)}"#.utf8)
    output.append(10)
  }
}

public enum TimeFormat: Sendable { case relative, absolute, absoluteWithDate, delta, utc }

public struct TextOptions: Sendable {
  public var width = 80
  public var color = false
  public var unicode = true
  public var timeFormat = TimeFormat.relative
  public var verbose = false
  public var includesPayload = false
  public init() {}
}

public struct TextRenderer {
  let options: TextOptions
  public init(options: TextOptions) { self.options = options }
  public mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    let arrow = options.unicode ? "→" : "->"
    output.append(contentsOf: (options.color ? "\u{1b}[36m\(event.frame)\u{1b}[m" : "\(event.frame)").utf8)
    output.append(contentsOf: " \(arrow) \(event.kind) \(event.length) bytes (width \(options.width))\n".utf8)
  }
  public mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {
    output.append(contentsOf: "\(summary.packets) packets\n".utf8)
  }
}

public struct FieldsError: Error, Equatable, Sendable { public var message: String }

public struct FieldsRenderer {
  let fieldNames: [String]
  public init(fieldNames: [String]) throws(FieldsError) {
    for name in fieldNames where !["frame", "type", "length"].contains(name) {
      throw FieldsError(message: "there is no field '\(name)'; did you mean 'frame'?")
    }
    self.fieldNames = fieldNames
  }
  public mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    let values = fieldNames.map { $0 == "frame" ? "\(event.frame)" : "\(event.length)" }
    output.append(contentsOf: (values.joined(separator: "\t") + "\n").utf8)
  }
}

public enum FieldsTable {
  public static func text() -> String { "frame  number  The number of the frame.\n" }
}

public struct FollowRenderer {
  let direction: Direction?
  public init(direction: Direction?, color: Bool) { self.direction = direction }
  public mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    guard let text = event.text, direction == nil || direction == event.direction else { return }
    output.append(contentsOf: "\(event.direction.name): \(text)\n".utf8)
  }
}

public typealias RegularExpressionCompiler =
  @Sendable (_ pattern: String) -> (@Sendable (_ subject: String) -> Bool)?

public struct FilterError: Error, Equatable, Sendable {
  public var message: String
  public var column: Int
  public func caretMessage(for text: String) -> String {
    "\(message)\n  \(text)\n  \(String(repeating: " ", count: column))^"
  }
}

public struct Filter: Sendable {
  let matcher: (@Sendable (String) -> Bool)?
  public init(_ text: String, matcher: RegularExpressionCompiler?) throws(FilterError) {
    if text.hasPrefix("text matches ") {
      let pattern = String(text.dropFirst(13))
      guard let compiled = matcher?(pattern) else {
        throw FilterError(message: "this is not a regular expression", column: 13)
      }
      self.matcher = compiled
    } else if text == "frame" {
      self.matcher = nil
    } else {
      throw FilterError(message: "there is no field '\(text)'", column: 0)
    }
  }
  public func matches(_ event: TraceEvent, payload: RawSpan) -> Bool {
    guard let matcher else { return event.kind == .frame }
    guard let text = event.text else { return false }
    return matcher(text)
  }
}

public struct TraceStatistics: TraceSink {
  var frames: UInt64 = 0
  public init() {}
  public mutating func record(_ event: TraceEvent, payload: RawSpan) {
    if event.kind == .frame { frames += 1 }
  }
  public mutating func finish(_ summary: TraceSummary) {}
  public func text(width: Int) -> String { "\(frames) frames\n" }
  public func ndjson() -> String { #"{"frames":\#(frames)}"# + "\n" }
}
