import ChatTrace
import ChatWire

/// Renders a trace in every way, and checks what is rendered and whether the bytes add up.
struct Recorder: TraceSink {
  private let tapped: Int
  private var ndjson: NDJSONRenderer
  private var text: TextRenderer
  private var follow: FollowRenderer
  private var statistics = TraceStatistics()
  private var ledgers: [Place: Ledger] = [:]
  private var tappedBytes: [Direction: UInt64] = [:]
  private var lastFrame: UInt64 = 0
  private(set) var output: [UInt8] = []
  private(set) var isFinished = false

  private struct Place: Hashable {
    var stream: Int
    var direction: Direction
  }

  /// What the records of one direction say about its bytes.
  private struct Ledger {
    /// Where frames, gaps and junk lie.
    var ranges: [Range<UInt64>] = []
    var frameBytes: UInt64 = 0
    var gapBytes: UInt64 = 0
    var junkBytes: UInt64 = 0
  }

  init(_ choice: UInt8, tapped: Int) {
    self.tapped = tapped
    ndjson = NDJSONRenderer(includesPayload: choice & 4 != 0)
    var options = TextRenderer.Options()
    options.width = choice & 8 != 0 ? 132 : choice & 16 != 0 ? nil : 80
    options.unicode = choice & 16 == 0
    options.verbose = choice & 32 != 0
    options.includesPayload = options.verbose
    options.timeFormat =
      TextRenderer.TimeFormat.allCases[
        Int(choice) % TextRenderer.TimeFormat.allCases.count]
    text = TextRenderer(options)
    follow = FollowRenderer(stream: tapped, unicode: choice & 16 == 0)
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    account(event, payload)
    output.removeAll(keepingCapacity: true)
    ndjson.render(event, payload: payload, into: &output)
    checkJSON()
    output.removeAll(keepingCapacity: true)
    text.render(event, payload: payload, into: &output)
    checkText()
    output.removeAll(keepingCapacity: true)
    follow.render(event, into: &output)
    checkText()
    statistics.record(event, payload: payload)
  }

  mutating func finish(_ summary: TraceSummary) {
    isFinished = true
    check(summary)
    output.removeAll(keepingCapacity: true)
    ndjson.render(summary, into: &output)
    checkJSON()
    output.removeAll(keepingCapacity: true)
    text.render(summary, into: &output)
    checkText()
    statistics.finish(summary)
    output = Array(statistics.text(width: 80).utf8)
    checkText()
    output = Array(statistics.ndjson().utf8)
    checkJSON()
  }

  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {
    guard stream == tapped, bytes.byteCount > 0 else { fatalError("the tap leaks") }
    tappedBytes[direction, default: 0] += UInt64(bytes.byteCount)
  }

  // MARK: bytes

  private mutating func account(_ event: TraceEvent, _ payload: RawSpan) {
    let place = Place(stream: event.stream, direction: event.direction)
    var count: UInt64
    switch event.kind {
    case .frame:
      lastFrame += 1
      guard event.frame == lastFrame else { fatalError("frame \(event.frame) after \(lastFrame)") }
      let isWhole = UInt64(payload.byteCount) == event.length
      guard isWhole || event.checksum == .unverified else { fatalError("a piece of a frame") }
      count = UInt64(event.dialect.headerSize + payload.byteCount)
      ledgers[place, default: Ledger()].frameBytes += count
    case .gap:
      count = event.length
      ledgers[place, default: Ledger()].gapBytes += count
    case .junk:
      count = event.length
      ledgers[place, default: Ledger()].junkBytes += count
    case .tcp, .fault, .session, .summary: return
    }
    guard count > 0 else { fatalError("a record of no bytes") }
    ledgers[place]?.ranges.append(event.offset..<(event.offset + count))
  }

  private func check(_ summary: TraceSummary) {
    var previous = -1
    for stream in summary.streams {
      guard stream.stream > previous else { fatalError("stream \(stream.stream) twice") }
      previous = stream.stream
      for (direction, ledger) in [
        (Direction.clientToServer, stream.clientToServer),
        (.serverToClient, stream.serverToClient),
      ] {
        check(ledger, Place(stream: stream.stream, direction: direction))
      }
    }
    for place in ledgers.keys {
      guard summary.streams.contains(where: { $0.stream == place.stream }) else {
        fatalError("stream \(place.stream) is not in the summary")
      }
    }
  }

  private func check(_ ledger: TraceSummary.Ledger, _ place: Place) {
    let seen = ledgers[place] ?? Ledger()
    let sum = ledger.frameBytes + ledger.gapBytes + ledger.junkBytes + ledger.undecidedBytes
    // The rest of an unverified frame behind a gap has no record of its own, and neither have what
    // was given up before the other direction turned out to be chat, and the gaps beyond 64 in it.
    guard sum == ledger.bytes, seen.frameBytes <= ledger.frameBytes,
      seen.gapBytes <= ledger.gapBytes, seen.junkBytes <= ledger.junkBytes
    else { fatalError("\(place): \(ledger) but \(seen)") }
    var end: UInt64 = 0
    for range in seen.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard range.lowerBound >= end else { fatalError("\(place): \(range) before \(end)") }
      end = range.upperBound
    }
    guard end <= ledger.bytes else { fatalError("\(place): \(end) of \(ledger), \(seen)") }
    if place.stream == tapped {
      let captured = tappedBytes[place.direction] ?? 0
      let isExact = seen.junkBytes == ledger.junkBytes
      let known = captured + ledger.gapBytes
      guard isExact ? known == ledger.bytes : known <= ledger.bytes else {
        fatalError("\(place): \(captured) bytes captured, but \(ledger)")
      }
    }
  }

  // MARK: output

  /// Every line is one JSON object.
  private func checkJSON() {
    guard output.isEmpty || output.last == UInt8(ascii: "\n") else { fatalError("half a line") }
    for line in output.split(separator: UInt8(ascii: "\n")) where line.count < 16_384 {
      do throws(JSONError) {
        guard try JSONValue(decoding: line.span.bytes).isObject else { fatalError("no object") }
      } catch {
        fatalError("\(error): \(String(decoding: line, as: UTF8.self))")
      }
    }
    checkText(allowsTab: false)
  }

  /// Valid UTF-8 that cannot act on a terminal.
  private func checkText(allowsTab: Bool = true) {
    guard let text = String(validating: output, as: UTF8.self) else { fatalError("not UTF-8") }
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: break
      case 0x09 where allowsTab: break
      case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
        fatalError("U+\(String(scalar.value, radix: 16)) in \(text)")
      default: break
      }
    }
  }
}
