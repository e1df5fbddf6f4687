import ChatTrace
import ChatWire
import TestSupport
import Testing

/// A trace that was written as NDJSON says the same when it is read again.
@Suite("Written traces") struct WrittenTraceTests {
  @Test func `there are captures to try it with`() {
    #expect(captureNames.count >= 20)
  }

  @Test("a capture's trace read again prints the same in every form", arguments: captureNames)
  func roundTrip(_ name: String) throws {
    let capture = try CaptureFixture.bytes(name)
    var first = AllForms()
    try readFile(capture, into: &first)
    var second = AllForms()
    let warning = try readFile(first.ndjsonBytes, into: &second)
    #expect(warning == nil)
    #expect(second.recordCount == first.recordCount)
    #expect(second.ndjsonBytes == first.ndjsonBytes, "NDJSON")
    #expect(second.tableBytes == first.tableBytes, "the table")
    #expect(second.detailBytes == first.detailBytes, "the details")
    #expect(second.conversationBytes == first.conversationBytes, "the conversation")
    #expect(second.matchCount == first.matchCount, "the filter")
    #expect(second.counts == first.counts, "the statistics")
  }

  @Test func `the size of blocks changes nothing`() throws {
    var first = AllForms()
    try readFile(try CaptureFixture.bytes("a_handshake_one_message.pcap"), into: &first)
    for size in [1, 7, 100, 1_000] {
      var second = AllForms()
      try readFile(first.ndjsonBytes, inBlocksOf: size, into: &second)
      #expect(second.ndjsonBytes == first.ndjsonBytes, "blocks of \(size)")
    }
  }

  @Test func `every record there can be is written the same again`() throws {
    var random = RenderRandom(seed: 7)
    for round in 0..<500 * effort {
      var event = random.event()
      event.stream &= 0xFFF
      let payload = (0..<round % 5).map { UInt8($0 * 77 & 0xFF) }
      var renderer = NDJSONRenderer(includesPayload: true)
      var line: [UInt8] = []
      renderer.render(event, payload: payload.span.bytes, into: &line)
      var sink = AllForms()
      try readFile(line, into: &sink)
      let isSame = sink.ndjsonBytes == line
      #expect(isSame, "\(String(decoding: line, as: UTF8.self))")
      guard isSame else { return }
    }
  }

  @Test func `a summary of any numbers is written the same again`() throws {
    var random = RenderRandom(seed: 8)
    for _ in 0..<200 {
      var summary = TraceSummary()
      (summary.packets, summary.otherStreams) = (random.number(), random.number())
      for _ in 0..<random.number() % 5 {
        var stream = TraceSummary.Stream()
        stream.stream = Int(random.number() & 0xFFFF)
        stream.verdict = random.pick([.complete, .inconclusive, .damaged])
        stream.clientToServer.bytes = random.number()
        stream.clientToServer.frameBytes = random.number()
        stream.serverToClient.gapBytes = random.number()
        stream.serverToClient.junkBytes = random.number()
        stream.serverToClient.undecidedBytes = random.number()
        summary.streams.append(stream)
      }
      var line: [UInt8] = []
      let time = random.maybe { TraceTime(nanoseconds: $0.int64()) }
      NDJSONRenderer.write(summary, at: time, into: &line)
      var sink = AllForms()
      try readFile(line, into: &sink)
      #expect(sink.isSummarised)
      #expect(sink.ndjsonBytes == line)
    }
  }

  @Test func `a note that was read keeps its sentence, its severity and its causes`() throws {
    let line =
      #"{"schema_version":1,"kind":"session","stream":0,"notes":[{"id":"arq.ack.for","#
      + #""severity":"chat","text":"said \u001b otherwise","because":[7,3]},{"id":"not.known","#
      + #""severity":"error","text":"x","because":[]}]}"#
    var sink = CollectingSink()
    try readFile(Array(line.utf8), into: &sink)
    let notes = sink.records.first?.event.notes ?? []
    #expect(notes.map(\.id) == [.acknowledges])
    #expect(notes.map(\.text) == ["said \u{1B} otherwise"])
    #expect(notes.first?.causes.count == 2 && notes.first?.causes[1] == 3)
    #expect(notes.first?.severity == .chat)
  }
}

extension NDJSONRenderer {
  /// Writes a summary alone.
  fileprivate static func write(
    _ summary: TraceSummary, at time: TraceTime?, into output: inout [UInt8]
  ) {
    var renderer = NDJSONRenderer(includesPayload: false)
    renderer.render(summary, at: time, into: &output)
  }
}
