import ChatTrace
import ChatWire
import TestSupport
import Testing

/// A trace as the program prints it, in both forms.
struct PrintedTrace: TraceSink, Equatable {
  var ndjson: [UInt8] = []
  var text: [UInt8] = []
  /// What was said about frames since somebody asked.
  var found: [(stream: Int, direction: Direction, offset: UInt64, notes: [String])] = []
  private var objects = NDJSONRenderer(includesPayload: true)
  private var lines: TextRenderer = {
    var options = TextRenderer.Options()
    options.verbose = true
    return TextRenderer(options)
  }()

  mutating func begin(at time: TraceTime?) { lines.origin = time }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    objects.render(event, payload: payload, into: &ndjson)
    lines.render(event, payload: payload, into: &text)
    if event.kind == .frame {
      found.append((event.stream, event.direction, event.offset, event.notes.map(\.text)))
    }
  }

  mutating func finish(_ summary: TraceSummary) {
    objects.render(summary, at: nil, into: &ndjson)
    lines.render(summary, into: &text)
  }

  static func == (left: Self, right: Self) -> Bool {
    left.ndjson == right.ndjson && left.text == right.text
  }

  /// The first line that differs from another trace's; nil if there is none.
  func difference(from other: PrintedTrace) -> String? {
    for (bytes, others) in [(ndjson, other.ndjson), (text, other.text)] where bytes != others {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      let otherLines = String(decoding: others, as: UTF8.self).split(separator: "\n")
      for (line, otherLine) in zip(lines, otherLines) where line != otherLine {
        return "\(line.prefix(600))\ninstead of\n\(otherLine.prefix(600))"
      }
      return "\(lines.count) lines instead of \(otherLines.count)"
    }
    return nil
  }

  /// Reads a capture file.
  init(reading file: [UInt8], inBlocksOf blockSize: Int = 1 << 16) throws {
    _ = try readThrough(file, inBlocksOf: blockSize, into: &self)
  }

  init() {}
}

/// A script played to a live trace and to a recording, as a proxy does.
struct RecordingRun {
  var live = PrintedTrace()
  /// The files of the recording.
  var files: [[UInt8]] = []
  /// How long the first file was after each step.
  var ends: [Int] = []

  /// - Parameters:
  ///   - stepCount: Only so many; the live trace ends then at once.
  ///   - waits: Notes come later where they would in a proxy; else never.
  ///   - stepsPerFile: After so many steps another file begins.
  init(
    _ script: RecordingScript, stepCount: Int? = nil, waits: Bool = true,
    stepsPerFile: Int = .max
  ) {
    var engine = TraceEngine()
    var writer = RecordingWriter(program: "chat-inspect test", comment: "seed 1; rules: none")
    writer.beginFile()
    var offsets: [Int: [Direction: UInt64]] = [:]
    for (index, (nanoseconds, step)) in script.steps.prefix(stepCount ?? .max).enumerated() {
      let time = TraceTime(nanoseconds: nanoseconds)
      live.found = []
      if index % stepsPerFile == stepsPerFile - 1 {
        writer.endFile(at: time, droppedPackets: 0)
        files.append(writer.takeOutput())
        writer.beginFile()
      }
      // Nothing in a file that is cut tells that time passed in which nothing happened.
      if case .advance = step, stepCount != nil {
      } else {
        Self.tell(step, at: time, &engine, &live)
      }
      var start: UInt64 = 0
      var notes: [String]? = waits ? nil : []
      if case .arrived(let connection, let direction, let bytes, _, _) = step {
        start = offsets[connection, default: [:]][direction, default: 0]
        offsets[connection, default: [:]][direction] = start + UInt64(bytes.count)
        for found in live.found
        where found.stream == connection && found.direction == direction && found.offset >= start {
          notes = (notes ?? []) + found.notes
        }
      }
      Self.tell(step, at: time, notes: notes, &writer)
      if waits {
        for found in live.found where found.offset < start || notes == nil {
          writer.explain(
            connection: found.stream, direction: found.direction, notes: found.notes)
        }
      }
      ends.append(writer.output.count)
    }
    if stepCount == nil {
      let end = TraceTime(nanoseconds: script.now + 1)
      engine.advance(to: end, into: &live)
      writer.endFile(at: end, droppedPackets: 3)
    }
    engine.finish(into: &live)
    files.append(writer.takeOutput())
  }

  private static func tell(
    _ step: RecordingScript.Step, at time: TraceTime, _ engine: inout TraceEngine,
    _ sink: inout PrintedTrace
  ) {
    switch step {
    case .open(let connection, let ends):
      let number = engine.openConnection(
        client: ends.client.description, server: ends.server.description, at: time, into: &sink)
      #expect(number == connection, "connections are numbered by who calls")
    case .arrived(let connection, let direction, let bytes, _, let fate):
      engine.frame(
        bytes.span.bytes, stream: connection, direction: direction, at: time, fate: fate,
        into: &sink)
    case .sent, .passedEnd: break
    case .decided(let connection, let direction, _, let frame, let act):
      engine.fault(
        act, frame: frame == 0 ? nil : frame, stream: connection, direction: direction, at: time,
        into: &sink)
    case .ended(let connection, let closing, let acts):
      for act in acts {
        let direction: Direction =
          if case .halfClose(let direction) = closing { direction } else { .clientToServer }
        engine.fault(
          act, frame: nil, stream: connection, direction: direction, at: time, into: &sink)
      }
      engine.closeConnection(stream: connection, closing, at: time, into: &sink)
    case .advance: engine.advance(to: time, into: &sink)
    }
  }

  private static func tell(
    _ step: RecordingScript.Step, at time: TraceTime, notes: [String]?,
    _ writer: inout RecordingWriter
  ) {
    switch step {
    case .open(let connection, let ends):
      writer.open(
        connection, ends, client: ends.client.description, server: ends.server.description,
        at: time)
    case .arrived(let connection, let direction, let bytes, let number, let fate):
      writer.arrived(
        bytes.span.bytes, connection: connection, direction: direction, number: number, at: time,
        fate: fate, notes: notes)
    case .sent(let connection, let direction, let bytes, let number, let acts):
      writer.sent(
        bytes.span.bytes, connection: connection, direction: direction, number: number, at: time,
        acts: acts)
    case .decided(let connection, let direction, let number, let frame, let act):
      writer.decided(
        connection: connection, direction: direction, number: number, frame: frame, act: act,
        at: time)
    case .ended(let connection, let closing, let acts):
      writer.ended(connection, closing, at: time, acts: acts)
    case .passedEnd(let connection, let direction):
      writer.passedEnd(connection, direction, at: time)
    case .advance: writer.advance(to: time)
    }
  }

  /// The recording as one file.
  var recording: [UInt8] { files.flatMap { $0 } }
}
