internal import ChatWire

// The rows of everything that is not a frame: a sentence each, in place of the columns.

extension TextRenderer {
  /// Appends the row of a TCP event, a gap, junk, a fault, or what happened to a session.
  mutating func renderSentence(
    _ event: TraceEvent, _ row: TextRow, into output: inout [UInt8]
  ) {
    let columns = columns
    var column = 0
    output.write(atMost: 192) {
      row.put(time: event.time, with: &$0, column: &column)
      $0.put(
        decimal: UInt64(clamping: event.stream), endingAt: columns.streamEnd, column: &column)
      guard event.kind == .gap || event.kind == .junk else { return }
      $0.pad(to: columns.arrow, column: &column)
      row.put(arrow: event.direction, with: &$0, column: &column)
    }
    words.removeAll(keepingCapacity: true)
    appendSentence(of: event, to: &words)
    let color: StaticString? =
      switch event.kind {
      case .gap: TextStyle.of(.note)
      case .junk: TextStyle.of(.warn)
      case .tcp, .fault, .session, .frame, .summary: nil
      }
    // Behind an arrow, which is two cells wide in ASCII, it begins like a type.
    let start = column > columns.arrow ? max(columns.type, column &+ 2) : columns.sentence
    var layout = WordLayout(
      column: column, start: start, width: options.width, isBeside: true, continuation: start)
    layout.place(words.span, color: options.color ? color : nil, into: &output)
    if !options.verbose { renderNotes(event.notes, isFirst: true, &layout, into: &output) }
    output.append("\n")
    if options.verbose { renderDetailedNotes(event.notes, into: &output) }
  }

  /// The sentence for a record that is no frame, without its notes: escaped, on one line.
  public func sentence(of event: TraceEvent) -> String {
    var words: [UInt8] = []
    appendSentence(of: event, to: &words)
    return String(decoding: words, as: UTF8.self)
  }

  private func appendSentence(of event: TraceEvent, to words: inout [UInt8]) {
    switch event.kind {
    case .tcp: appendTCPEvent(event, to: &words)
    case .gap: appendGap(event, to: &words)
    case .junk: appendJunk(event, to: &words)
    case .fault: appendFault(event, to: &words)
    case .session: appendSession(event, to: &words)
    // Neither has a sentence: they are rendered elsewhere.
    case .frame, .summary: break
    }
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
    words.append("gap: ")
    words.append(event.length, "byte")
    words.append(event.direction.sender)
    words.append(" not captured")
    appendOffset(of: event, to: &words)
  }

  private func appendJunk(_ event: TraceEvent, to words: inout [UInt8]) {
    words.append("junk: ")
    words.append(event.length, "byte")
    words.append(event.direction.sender)
    if event.isLostFrame {
      words.append(", framing lost at a damaged header (")
      words.write(atMost: 48) {
        $0.put(typeOf: event.dialect, event.typeCode)
        $0.put(" ")
        $0.put(decimal: UInt64(event.sequence))
      }
      words.append(")")
    } else {
      words.append(" that are no frame")
    }
    appendOffset(of: event, to: &words)
  }

  /// Appends where the bytes are missing or lie: only a program or a hex dump needs it.
  private func appendOffset(of event: TraceEvent, to words: inout [UInt8]) {
    guard options.verbose else { return }
    words.append(" (at offset ")
    words.append(decimal: event.offset)
    words.append(")")
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
    words.append("session ")
    if let end = event.end {
      words.append(end.sentence)
      return
    }
    switch event.state {
    case .opening: words.append("opening")
    case .established: words.append("established")
    case .closing: words.append("closing")
    case .closed: words.append("closed")
    case nil: words.append("goes on")
    }
    var isFirst = true
    func separate(_ words: inout [UInt8]) {
      words.append(isFirst ? ": " : ", ")
      isFirst = false
    }
    if let mode = event.mode {
      separate(&words)
      let name: StaticString =
        switch mode {
        case .goBackN: "Go-Back-N"
        case .selectiveRepeat: "Selective Repeat"
        }
      switch event.dialect {
      case .native: words.append(name)
      case .classic:
        // Whatever is agreed, the original programs send one fragment at a time (PROTOCOL.md 9.8).
        words.append("stop-and-wait (although ")
        words.append(name)
        words.append(" was agreed)")
      }
    }
    if let window = event.window, event.dialect == .native {
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
  /// How it ended, in words that go on from "session".
  fileprivate var sentence: StaticString {
    switch self {
    case .clean: "ended cleanly: goodbye said and answered, everything acknowledged"
    case .unconfirmed: "ended: goodbye said on both sides, the last acknowledgement not seen"
    case .abrupt: "ended abruptly: TCP was closed without a goodbye"
    case .reset: "ended abruptly: TCP was reset"
    case .error: "ended by an ERROR"
    case .refused: "refused by the server"
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
