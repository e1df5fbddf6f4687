import ChatTrace
import ChatWire

/// How a trace is rendered: one way for each input, since rendering takes most of the time.
struct Rendering {
  let isText: Bool
  let isVerbose: Bool
  let isUnicode: Bool
  let isNarrow: Bool
  /// Each character of the output is looked at.
  ///
  /// It takes longer than all else, as the checks are instrumented too.
  let isChecked: Bool

  init(_ choice: UInt8) {
    isText = choice & 1 != 0
    isVerbose = choice & 2 != 0
    isUnicode = choice & 4 != 0
    isNarrow = choice & 8 != 0
    isChecked = choice & 48 == 0
  }
}

/// Renders a trace, and checks what is rendered and whether the bytes add up.
struct Recorder: TraceSink {
  private let tapped: Int
  private let rendering: Rendering
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

  init(_ rendering: Rendering, tapped: Int) {
    self.tapped = tapped
    self.rendering = rendering
    ndjson = NDJSONRenderer(includesPayload: rendering.isVerbose)
    var options = TextRenderer.Options()
    options.width = rendering.isNarrow ? 80 : rendering.isVerbose ? nil : 132
    options.unicode = rendering.isUnicode
    options.verbose = rendering.isVerbose
    options.includesPayload = rendering.isVerbose
    options.timeFormat = rendering.isNarrow ? .relative : .absolute
    text = TextRenderer(options)
    follow = FollowRenderer(stream: tapped, unicode: rendering.isUnicode)
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    account(event, payload)
    output.removeAll(keepingCapacity: true)
    if rendering.isText {
      text.render(event, payload: payload, into: &output)
      follow.render(event, into: &output)
      checkText()
    } else {
      ndjson.render(event, payload: payload, into: &output)
      checkJSON()
      statistics.record(&event, payload: payload)
    }
  }

  mutating func finish(_ summary: TraceSummary) {
    isFinished = true
    check(summary)
    output.removeAll(keepingCapacity: true)
    if rendering.isText {
      text.render(summary, into: &output)
      checkText()
    } else {
      ndjson.render(summary, into: &output)
      checkJSON()
      statistics.finish(summary)
      output = Array(statistics.text(width: 80).utf8)
      checkText()
      output = Array(statistics.ndjson().utf8)
      checkJSON()
    }
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
    checkText(allowsTab: false)
    guard rendering.isChecked else { return }
    for line in output.split(separator: UInt8(ascii: "\n")) {
      guard isBalancedJSON(line) else { fatalError(String(decoding: line, as: UTF8.self)) }
      guard rendering.isNarrow, line.count <= JSONValue.byteCountMax else { continue }
      do throws(JSONError) {
        guard try JSONValue(decoding: line.span.bytes).isObject else { fatalError("no object") }
      } catch {
        fatalError("\(error): \(String(decoding: line, as: UTF8.self))")
      }
    }
  }

  /// One pair of braces around the whole line, and quotes and brackets in pairs inside it.
  private func isBalancedJSON(_ line: ArraySlice<UInt8>) -> Bool {
    var depth = 0
    var isString = false
    var isEscaped = false
    for (index, byte) in line.enumerated() {
      if isString {
        if !isEscaped, byte == UInt8(ascii: "\"") { isString = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case 0x21...0x7E: break
      default: return false
      }
      guard depth > 0 || index == line.count - 1 else { return false }
    }
    return depth == 0 && !isString && line.first == UInt8(ascii: "{")
  }

  /// Valid UTF-8 that cannot act on a terminal: no control characters, no marks of direction.
  private func checkText(allowsTab: Bool = true) {
    guard String(validating: output, as: UTF8.self) != nil else { fatalError("not UTF-8") }
    guard rendering.isChecked else { return }
    var before: (UInt8, UInt8) = (0, 0)
    for byte in output {
      let isHarmless =
        switch byte {
        case 0x0A: true
        case 0x09: allowsTab
        case 0x00...0x1F, 0x7F: false
        case 0x80...0x9F where before.1 == 0xC2: false
        case 0x8E, 0x8F, 0xAA...0xAE: before != (0xE2, 0x80)
        case 0xA6...0xA9: before != (0xE2, 0x81)
        default: true
        }
      guard isHarmless else { fatalError("\(byte) in \(String(decoding: output, as: UTF8.self))") }
      before = (before.1, byte)
    }
  }
}
