internal import ChatWire

// The rows of everything that is not a frame: a sentence each.

extension TextRenderer {
  /// Appends the row of a TCP event, a gap, junk, a fault, or what happened to a session.
  mutating func renderSentence(
    _ event: TraceEvent, _ row: TextRow, into output: inout [UInt8]
  ) {
    var column = 0
    output.write(atMost: 128) {
      row.put(time: event.time, with: &$0, column: &column)
    }
    words.removeAll(keepingCapacity: true)
    words.append("stream ")
    words.append(decimal: UInt64(clamping: event.stream))
    words.append(": ")
    switch event.kind {
    case .tcp: appendTCPEvent(event, to: &words)
    case .gap: appendGap(event, to: &words)
    case .junk: appendJunk(event, to: &words)
    case .fault: appendFault(event, to: &words)
    case .session: appendSession(event, to: &words)
    // Neither has a sentence: they are rendered elsewhere.
    case .frame, .summary: break
    }
    var layout = WordLayout(
      column: column, start: columns.sentence, width: options.width, isBeside: true,
      continuation: columns.sentence)
    layout.place(words.span, color: nil, into: &output)
    if !options.verbose, let worst = event.notes.max(by: { $0.severity < $1.severity }) {
      renderNotes(event.notes, worst, &layout, into: &output)
    }
    output.append("\n")
    if options.verbose { renderDetailedNotes(event.notes, into: &output) }
  }

  private func appendTCPEvent(_ event: TraceEvent, to words: inout [UInt8]) {
    switch event.tcpEvent {
    case .open: words.append("TCP opened")
    case .close: words.append("TCP closed")
    case .reset: words.append("TCP reset")
    case nil: words.append("TCP")
    }
    if let client = event.client {
      words.append(", client ")
      escaping.append(client, to: &words)
    }
    if let server = event.server {
      words.append(", server ")
      escaping.append(server, to: &words)
    }
  }

  private func appendGap(_ event: TraceEvent, to words: inout [UInt8]) {
    words.append("gap of ")
    words.append(event.length, "byte")
    words.append(event.direction.sender)
    words.append(" never captured (offset ")
    words.append(decimal: event.offset)
    words.append(")")
  }

  private func appendJunk(_ event: TraceEvent, to words: inout [UInt8]) {
    words.append("junk of ")
    words.append(event.length, "byte")
    words.append(event.direction.sender)
    words.append(" outside any frame (offset ")
    words.append(decimal: event.offset)
    words.append(")")
    guard event.isLostFrame else { return }
    words.append(", framing was lost at a header of ")
    words.write(atMost: 48) {
      $0.put(typeOf: event.dialect, event.typeCode)
      $0.put(" ")
      $0.put(decimal: UInt64(event.sequence))
    }
  }

  private func appendFault(_ event: TraceEvent, to words: inout [UInt8]) {
    words.append("fault")
    if event.frame != 0 {
      words.append(" on frame ")
      words.append(decimal: event.frame)
    }
    if let action = event.action {
      words.append(": ")
      escaping.append(action, to: &words)
    }
    if let rule = event.rule {
      words.append(" (rule: ")
      escaping.append(rule, to: &words)
      words.append(")")
    }
  }

  private func appendSession(_ event: TraceEvent, to words: inout [UInt8]) {
    switch event.state {
    case .opening: words.append("session opening")
    case .established: words.append("session established")
    case .closing: words.append("session closing")
    case .closed: words.append("session closed")
    case nil: words.append("session")
    }
    var isFirst = true
    func separate(_ words: inout [UInt8]) {
      words.append(isFirst ? ": " : ", ")
      isFirst = false
    }
    if let mode = event.mode {
      separate(&words)
      switch mode {
      case .goBackN: words.append("Go-Back-N")
      case .selectiveRepeat: words.append("Selective Repeat")
      }
    }
    if let window = event.window {
      separate(&words)
      words.append("window of ")
      words.append(window, "frame")
    }
    if let fragmentSize = event.fragmentSize {
      separate(&words)
      words.append("fragments of up to ")
      switch event.dialect {
      case .native: words.append(fragmentSize, "byte")
      case .classic: words.append(fragmentSize, "character")
      }
    }
    // The note of the analysis says it as well.
    if let end = event.end, !event.notes.contains(where: { $0.id == .sessionEnded }) {
      separate(&words)
      words.append(end.sentence)
    }
  }
}

extension Direction {
  /// Whose bytes they are.
  fileprivate var sender: StaticString {
    switch self {
    case .clientToServer: " from the client"
    case .serverToClient: " from the server"
    }
  }
}

extension SessionEnd {
  /// How it ended, in words.
  fileprivate var sentence: StaticString {
    switch self {
    case .clean: "a clean end, both sides said goodbye and everything was acknowledged"
    case .unconfirmed: "both sides said goodbye, but the last acknowledgement was not seen"
    case .abrupt: "an abrupt end, TCP was closed without a goodbye"
    case .reset: "an abrupt end, TCP was reset"
    case .error: "ended by an ERROR"
    case .refused: "the server refused the handshake"
    case .open: "still open where the trace ends"
    }
  }
}

extension [UInt8] {
  /// Appends a count with its noun: `1 byte`, `2 bytes`.
  mutating func append(_ count: UInt64, _ noun: StaticString) {
    append(decimal: count)
    append(" ")
    append(noun)
    if count != 1 { append("s") }
  }
}
