import ChatWire

// What `chat-inspect verify` prints: connection by connection the verdict on each peer, what it is
// made of, and what was nobody's breach; at the end one line.

extension ConformanceReport {
  /// The report for people.
  public func text(_ options: Options) -> [UInt8] {
    var writer = ConformanceTextWriter(options)
    let shown = shownStreams
    for stream in shown { writer.write(stream) }
    let rest = streams.count - shown.count
    if rest > 0 {
      writer.line("and \(rest) more connections (-T ndjson has everything)", indent: 0)
      writer.line("", indent: 0)
    }
    // Programs look for it too: it stays one line.
    writer.options.width = nil
    writer.line(conclusion, indent: 0, color: ConformanceTextWriter.color(of: verdict))
    return writer.output
  }

  /// Those that are told one by one: the worst, in the order of their numbers.
  private var shownStreams: [ConformanceStream] {
    guard streams.count > Self.shownStreamsMax else { return streams }
    var shown: [ConformanceStream] = []
    for verdict in [ConformanceVerdict.violated, .inconclusive, .conformant] {
      let room = Self.shownStreamsMax - shown.count
      shown += streams.lazy.filter { $0.verdict == verdict }.prefix(room)
    }
    return shown.sorted { $0.stream < $1.stream }
  }
}

/// Writes lines that are not longer than the terminal is wide.
private struct ConformanceTextWriter {
  var output: [UInt8] = []
  var options: ConformanceReport.Options
  /// Where the words behind `expected` begin.
  private static let textColumn = 14

  init(_ options: ConformanceReport.Options) {
    self.options = options
  }

  static func color(of verdict: ConformanceVerdict) -> StaticString? {
    switch verdict {
    case .conformant: nil
    case .violated: TextStyle.of(.error)
    case .inconclusive: TextStyle.of(.warn)
    }
  }

  mutating func write(_ stream: ConformanceStream) {
    let ends = "\(stream.client ?? "?") > \(stream.server ?? "?")"
    let dialect = stream.dialect == .native ? "native" : "classic"
    line("stream \(stream.stream)  \(ends)  \(dialect), \(stream.frames) frames", indent: 0)
    for side in ConformanceReport.sides {
      let verdict = stream.verdict(of: side)
      let count = stream.findings.count { $0.side == side && $0.blame == .peer }
      var words = "\(side.conformanceName)  \(verdict.name)"
      if count > 0 { words += ", \(count) finding\(count == 1 ? "" : "s")" }
      if stream.isDisturbed(at: side) { words += "; frames are disturbed on its side, unseen" }
      line(words, indent: 2, color: Self.color(of: verdict))
    }
    for doubt in stream.doubts { line("in doubt: \(doubt)", indent: 2) }
    if stream.excusedCount > 0 {
      let isOne = stream.excusedCount == 1
      line(
        "\(stream.excusedCount) finding\(isOne ? " is" : "s are") put down to these unseen faults; "
          + "--hidden-faults none tells \(isOne ? "it" : "them")", indent: 2)
    }
    line("", indent: 0)
    for side in ConformanceReport.sides {
      write(stream.findings.filter { $0.blame == .peer && $0.side == side })
    }
    if stream.findingsLeftOut > 0 {
      line("and \(stream.findingsLeftOut) more, which were not kept", indent: 2)
      line("", indent: 0)
    }
    let rest: [(Blame, String)] = [
      (.network, "not the peers' doing, but the network's:"),
      (.capture, "what the capture lacks:"),
    ]
    for (blame, title) in rest {
      let findings = stream.findings.filter { $0.blame == blame }
      guard !findings.isEmpty else { continue }
      line(title, indent: 2)
      summarise(findings)
      line("", indent: 0)
    }
  }

  /// Writes what is nobody's breach: of each kind the first, and where the others are.
  private mutating func summarise(_ findings: [Finding]) {
    for side in ConformanceReport.sides {
      for rule in ConformanceRule.allCases {
        let alike = findings.filter { $0.side == side && $0.rule == rule }
        guard let first = alike.first else { continue }
        let numbers = alike.map(\.frame).filter { $0 > 0 }
        let shown = numbers.prefix(10).map { String($0) }.joined(separator: ", ")
        let more = numbers.count > 10 ? " and \(numbers.count - 10) more" : ""
        let place = numbers.isEmpty ? "" : "  frame\(numbers.count == 1 ? "" : "s") \(shown)\(more)"
        line(
          "\(side.conformanceName)  \(first.place)  \(rule.name)\(place)", indent: 4,
          continuation: 6)
        line(first.found, indent: 6)
      }
    }
  }

  private mutating func write(_ findings: [Finding]) {
    for finding in findings.prefix(ConformanceReport.shownFindingsMax) { write(finding) }
    let rest = findings.count - ConformanceReport.shownFindingsMax
    guard rest > 0 else { return }
    line("and \(rest) more (-T ndjson has them)", indent: 2)
    line("", indent: 0)
  }

  private mutating func write(_ finding: Finding) {
    let place = finding.frame > 0 ? "frame \(finding.frame)" : "at the end"
    line(
      "\(place)  \(finding.side.conformanceName)  \(finding.place)  \(finding.rule.name)",
      indent: 2,
      color: finding.blame == .peer ? TextStyle.of(.error) : nil)
    line("expected  \(finding.expected)", indent: 4, continuation: Self.textColumn)
    line("found     \(finding.found)", indent: 4, continuation: Self.textColumn)
    if !finding.because.isEmpty {
      let word = finding.because.count == 1 ? "frame" : "frames"
      let numbers = finding.because.map { String($0) }.joined(separator: ", ")
      line("because   \(word) \(numbers)", indent: 4, continuation: Self.textColumn)
    }
    line("", indent: 0)
  }

  /// Writes a line, or several if it is too long; whatever it says, it is safe.
  mutating func line(
    _ text: String, indent: Int, continuation: Int? = nil, color: StaticString? = nil
  ) {
    var safe: [UInt8] = []
    Escaping(asciiOnly: !options.unicode).append(text, to: &safe)
    if !safe.isEmpty {
      var layout = WordLayout(
        column: 0, start: indent, width: options.width, isBeside: true,
        continuation: continuation ?? indent + 2)
      layout.place(safe.span, color: options.color ? color : nil, into: &output)
    }
    output.append(0x0A)
  }
}
