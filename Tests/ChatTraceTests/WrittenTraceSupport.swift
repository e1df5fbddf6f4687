import ChatTrace
import ChatWire
import Foundation
import TestSupport

/// Prints a trace in every form there is.
struct AllForms: TraceSink {
  var table = TextRenderer()
  var details: TextRenderer = {
    var options = TextRenderer.Options()
    (options.verbose, options.includesPayload, options.width) = (true, true, 120)
    return TextRenderer(options)
  }()
  var ndjson = NDJSONRenderer(includesPayload: true)
  var conversation = FollowRenderer(stream: 0, direction: nil, unicode: true)
  var statistics = TraceStatistics()
  var filter = try? Filter("all notes.because > 0 or options or payload or text", matcher: nil)

  var tableBytes: [UInt8] = []
  var detailBytes: [UInt8] = []
  var ndjsonBytes: [UInt8] = []
  var conversationBytes: [UInt8] = []
  var matchCount = 0
  var recordCount = 0
  var beginnings: [TraceTime?] = []
  var isSummarised = false

  mutating func begin(at time: TraceTime?) { beginnings.append(time) }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    recordCount += 1
    table.render(event, payload: payload, into: &tableBytes)
    details.render(event, payload: payload, into: &detailBytes)
    ndjson.render(event, payload: payload, into: &ndjsonBytes)
    if event.stream == 0 { conversation.render(event, into: &conversationBytes) }
    statistics.record(&event, payload: payload)
    if filter?.matches(event, payload: payload) == true { matchCount += 1 }
  }

  mutating func finish(_ summary: TraceSummary) {
    isSummarised = true
    table.render(summary, into: &tableBytes)
    details.render(summary, into: &detailBytes)
    ndjson.render(summary, into: &ndjsonBytes)
    statistics.finish(summary)
  }

  /// The statistics without the round trips, which NDJSON does not hold.
  var counts: [Substring] {
    statistics.ndjson().split(separator: "\n").map { line in
      line.replacing(#/,"round_trip_ns":\{[^}]*\}/#, with: "")[...]
    }
  }
}

/// Reads a written trace, or a capture, as the program does; gives the warning.
@discardableResult
func readFile(
  _ file: [UInt8], inBlocksOf blockSize: Int = 1 << 16, into sink: inout some TraceSink
) throws(CaptureFileError) -> String? {
  var reader = TraceFileReader(options: TraceOptions())
  var buffer: [UInt8] = []
  var offset = 0
  var wanted = 1
  while true {
    repeat {
      let end = min(file.count, offset + blockSize)
      buffer += file[offset..<end]
      offset = end
    } while buffer.count < wanted && offset < file.count
    let progress = try reader.read(
      block: buffer.span.bytes, isLastBlock: offset == file.count, into: &sink)
    buffer.removeFirst(progress.consumed)
    wanted = max(progress.minimumBytes, 1)
    if progress.isEnd {
      reader.finish(into: &sink)
      return progress.warning
    }
  }
}

/// The captures of the repository.
let captureNames: [String] = {
  let directory = BuiltProgram.repository.appending(path: "captures").path
  let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  return names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
}()
