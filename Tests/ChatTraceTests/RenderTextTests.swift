import ChatWire
import TestSupport
import Testing

@testable import ChatTrace

@Suite("Text table") struct RenderTextTests {
  /// What a renderer makes of records and a summary.
  private func rendered(
    _ events: [TraceEvent], summary: TraceSummary? = nil, payload: [UInt8] = [],
    _ change: (inout TextRenderer.Options) -> Void = { _ in }
  ) -> String {
    var options = TextRenderer.Options()
    change(&options)
    var renderer = TextRenderer(options)
    var output: [UInt8] = []
    for event in events { renderer.render(event, payload: payload.span.bytes, into: &output) }
    if let summary { renderer.render(summary, into: &output) }
    return String(decoding: output, as: UTF8.self)
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `the table at 80 columns`() throws {
    let text = rendered(RenderSamples.session, summary: RenderSamples.summary)
    expectGolden(text, named: "render-text-80.txt")
    for line in lines(text) { #expect(displayWidth(line) <= 80) }
  }

  @Test func `the table at 120 columns`() throws {
    let text = rendered(RenderSamples.session, summary: RenderSamples.summary) { $0.width = 120 }
    expectGolden(text, named: "render-text-120.txt")
    for line in lines(text) { #expect(displayWidth(line) <= 120) }
  }

  @Test func `the table in ASCII, with dates`() throws {
    let text = rendered(RenderSamples.session, summary: RenderSamples.summary) {
      $0.unicode = false
      $0.timeFormat = .absoluteWithDate
    }
    expectGolden(text, named: "render-text-ascii.txt")
    for line in lines(text) { #expect(line.utf8.count <= 80) }
  }

  @Test func `every detail of every frame`() throws {
    let payload = Array("oi gente, ol\u{E1}\u{1B}[2J 0123456789 abc".utf8)
    let text = rendered(RenderSamples.session, payload: payload) {
      $0.verbose = true
      $0.includesPayload = true
    }
    expectGolden(text, named: "render-text-verbose.txt")
    for line in lines(text) { #expect(displayWidth(line) <= 80) }
  }

  @Test func `without a width every record is one line`() {
    var random = RenderRandom(seed: 5)
    let events = RenderSamples.session + (0..<200).map { _ in random.event() }
    let text = rendered(events) { $0.width = nil }
    // What faults did is said in the row of the frame, if that stands before it.
    var previousFrame: UInt64 = 0
    let told = events.count { event in
      if event.kind == .frame { previousFrame = event.frame }
      return event.kind == .fault && event.frame != 0 && event.frame == previousFrame
    }
    #expect(told > 0)
    #expect(lines(text).count == events.count + 2 - told)
  }

  @Test func `no record makes a line longer than the table, at any width`() {
    var random = RenderRandom(seed: 6)
    for width in [60, 80, 100, 120, 200] {
      for isVerbose in [false, true] {
        for _ in 0..<100 {
          // The columns themselves grow with their numbers; words must not.
          var event = random.event()
          event.frame %= 100_000
          event.stream %= 100
          event.time = nil
          event.fragment = event.fragment.map { $0 % 1_000 }
          event.fragments = event.fragments.map { $0 % 1_000 }
          event.sender?.window = 16
          for unicode in [false, true] {
            let text = rendered([event]) {
              $0.width = width
              $0.verbose = isVerbose
              $0.unicode = unicode
            }
            for line in lines(text) {
              #expect(displayWidth(line) <= max(width, 80), "\(line)")
            }
          }
        }
      }
    }
  }

  @Test func `the longest rows there can be fit the room set aside`() {
    for format in TextRenderer.TimeFormat.allCases {
      for isVerbose in [false, true] {
        let kinds: [TraceEvent.Kind] = [.frame, .tcp, .gap, .junk, .fault, .session]
        let events = kinds.map { kind in
          var event = RenderSamples.longest
          event.kind = kind
          event.code = 1
          return event
        }
        let text = rendered(events, summary: RenderSamples.longestSummary) {
          $0.timeFormat = format
          $0.verbose = isVerbose
          $0.color = true
        }
        #expect(text.contains("18446744073709551615/18446744073709551615"))
      }
    }
  }

  @Test func `nothing from the wire acts on the terminal`() {
    var random = RenderRandom(seed: 8)
    for _ in 0..<500 {
      let event = random.event()
      for width in [80, 120, nil] {
        let text = rendered([event], summary: RenderSamples.summary) {
          $0.width = width
          $0.verbose = random.flip()
          $0.includesPayload = true
        }
        for scalar in text.unicodeScalars {
          expectHarmless(scalar)
        }
      }
    }
  }

  @Test func `colour is added to signs and words, never put in their place`() {
    var event = RenderSamples.session[7]
    event.notes = NoteID.allCases.map { Note($0) }
    for width in [80, 120] {
      let plain = rendered([event]) { $0.width = width }
      let colored = rendered([event]) {
        $0.width = width
        $0.color = true
      }
      #expect(colored.contains("\u{1B}[2m"))
      var stripped = colored
      for code in [
        "\u{1B}[0m", "\u{1B}[2m", "\u{1B}[34m", "\u{1B}[36m", "\u{1B}[33m", "\u{1B}[1;31m",
      ] {
        stripped = stripped.split(separator: code, omittingEmptySubsequences: false).joined()
      }
      #expect(stripped == plain)
    }
  }

  @Test func `the worst notes come first, and a severity that matters is said in words`() {
    var event = TraceEvent()
    event.notes = NoteID.allCases.map { Note($0) }
    let saidByRow: [NoteID] = [.broadcast, .sessionEnded]
    let labels: [(Severity, String)] = [
      (.error, "error: "), (.warn, "warning: "), (.note, ""), (.chat, ""),
    ]
    let sentences = labels.flatMap { severity, label in
      event.notes.filter { $0.severity == severity && !saidByRow.contains($0.id) }
        .map { label + $0.text }
    }
    let text = rendered([event]) { $0.width = nil }
    #expect(text.hasSuffix("  " + sentences.joined(separator: "  ") + "\n"))
  }

  @Test(arguments: [80, 120])
  func `the speaker stands before the quoted text, and a session's end is said once`(width: Int) {
    let broadcast = RenderSamples.frame(1, 0, .serverToClient, .data, 1) {
      $0.text = "olá"
      $0.nickname = "ana"
      $0.notes = [Note(.messageComplete, 1, 2), Note(.broadcast, detail: "ana")]
    }
    let end = RenderSamples.record(.session, 1) {
      $0.state = .closed
      ($0.mode, $0.window, $0.end) = (.goBackN, 4, .clean)
      $0.notes = [Note(.sessionEnded, detail: SessionEnd.clean.explanation)]
    }
    let text = rendered([broadcast, end]) { $0.width = width }
    #expect(text.contains(" ana: \"olá\""))
    #expect(text.contains("completes message 1 (2 fragments)"))
    #expect(!text.contains("said by"))
    #expect(text.split(separator: "ended cleanly").count == 2)
    #expect(!text.contains("Go-Back-N"))
  }

  @Test(arguments: [
    (TextRenderer.TimeFormat.relative, "  0.001500"), (.delta, "  0.000500"),
    (.absolute, "22:13:20.001500"), (.utc, "22:13:20.001500"),
    (.absoluteWithDate, "2023-11-14 22:13:20.001"),
  ])
  func `times are shown as asked`(_ format: TextRenderer.TimeFormat, _ shown: String) {
    let events = [0, 1_000, 1_500].map { RenderSamples.frame(1, $0, .clientToServer, .ack, 0) }
    let text = rendered(events) { $0.timeFormat = format }
    #expect(lines(text)[3].contains(" \(shown) "))
  }

  @Test func `times before the first record, and none at all, are shown too`() {
    var events = [0, -1_500_000].map { RenderSamples.frame(1, $0, .clientToServer, .ack, 0) }
    events[0].time = nil
    var renderer = TextRenderer()
    renderer.origin = TraceTime(nanoseconds: RenderSamples.start)
    var output: [UInt8] = []
    for event in events { renderer.render(event, payload: RawSpan(), into: &output) }
    let shown = lines(String(decoding: output, as: UTF8.self))
    #expect(shown[1].hasPrefix("    1           -  0"))
    #expect(shown[2].hasPrefix("    1   -1.500000  0"))
  }

  @Test(arguments: [
    (0, 4, "[□□□□]"), (2, 4, "[■■□□]"), (4, 4, "[■■■■]"), (5, 4, "[■■■■]+"), (0, 16, "[□□□□□□□□]"),
    (1, 1_024, "[■□□□□□□□]"), (1_023, 1_024, "[■■■■■■■□]"), (1_024, 1_024, "[■■■■■■■■]"),
    (0, 0, "[closed]"), (3, 0, "[]+"),
  ])
  func `the bar shows how full the window is`(_ inFlight: UInt32, _ window: UInt32, _ bar: String) {
    var event = TraceEvent()
    event.sender = SenderWindow(base: 0, next: 0, inFlight: inFlight, window: window)
    #expect(lines(rendered([event]))[1].hasSuffix(" \(bar)"))
  }

  @Test func `signs tell retransmissions, duplicates and damage apart`() {
    func signs(_ change: (inout TraceEvent) -> Void) -> String {
      var event = TraceEvent()
      change(&event)
      return String(lines(rendered([event]))[1].dropFirst(52).prefix(3))
    }
    #expect(signs { $0.last = true } == "")
    #expect(signs { $0.retransmission = true } == " R ")
    #expect(signs { $0.attempt = 2 } == " D ")
    #expect(
      signs {
        $0.attempt = 2
        $0.dialect = .classic
      } == " R ")
    #expect(signs { $0.disposition = .duplicated } == " D ")
    #expect(signs { $0.disposition = .dropped } == "  X")
    #expect(signs { $0.checksum = .bad } == "  X")
    #expect(signs { $0.checksum = .unverified } == "  ?")
  }

  @Test func `captures without chat and without packets say so`() {
    var summary = TraceSummary()
    #expect(rendered([], summary: summary) == "The capture holds no packets.\n")
    summary.packets = 1
    #expect(rendered([], summary: summary) == "1 packet: no chat was found.\n")
    summary.packets = 12
    summary.otherStreams = 3
    #expect(
      rendered([], summary: summary)
        == "12 packets: no chat was found (3 other TCP connections).\n")
  }

  @Test func `of many streams the ledger lists those with something wrong`() {
    var summary = TraceSummary()
    summary.packets = 1_000
    for number in 0..<100 {
      var stream = TraceSummary.Stream()
      stream.stream = number
      stream.clientToServer.bytes = 10
      stream.clientToServer.frameBytes = 10
      if number == 50 { stream.verdict = .damaged }
      if number == 99 { stream.verdict = .inconclusive }
      summary.streams.append(stream)
    }
    let text = lines(rendered([], summary: summary))
    #expect(text.count == 1 + 24 + 1 + 1 + 1 + 1 + 1)
    #expect(text[21].hasPrefix("    50  damaged"))
    #expect(text[23].hasPrefix("    99  inconclusive"))
    #expect(text[25] == "88 more streams not listed")
    #expect(
      text.suffix(3).joined(separator: " ")
        == "1000 packets, 100 chat streams: all 1000 bytes of chat are in frames; 1 stream damaged "
        + "by the network; 1 stream not captured whole. ")
  }
}

/// Expects that a scalar neither acts on a terminal nor hides in it.
func expectHarmless(_ scalar: Unicode.Scalar) {
  if scalar == "\n" || (0x20..<0x7F).contains(scalar.value) { return }
  #expect(scalar.value >= 0xA0)
  if scalar.value == 0x200C || scalar.value == 0x200D { return }
  let harmful: [Unicode.GeneralCategory] = [
    .control, .format, .lineSeparator, .paragraphSeparator, .surrogate,
  ]
  #expect(!harmful.contains(scalar.properties.generalCategory))
}
