internal import ChatWire

// The row of a frame.

extension TextRenderer {
  /// Appends the row of a frame, and what there is to say about it.
  mutating func renderFrame(
    _ event: TraceEvent, _ row: TextRow, into output: inout [UInt8]
  ) {
    let columns = columns
    let worst = event.notes.max { $0.severity < $1.severity }
    var column = 0
    output.write(atMost: 512) {
      $0.put(decimal: event.frame, endingAt: columns.frameEnd, column: &column)
      row.put(time: event.time, with: &$0, column: &column)
      $0.put(
        decimal: UInt64(clamping: event.stream), endingAt: columns.streamEnd, column: &column)
      $0.pad(to: columns.arrow, column: &column)
      row.put(arrow: event.direction, with: &$0, column: &column)
      $0.pad(to: columns.type, column: &column)
      $0.put(typeOf: event.dialect, event.typeCode)
      column &+= typeNameLength(event.dialect, event.typeCode)
      $0.put(decimal: UInt64(event.sequence), endingAt: columns.sequenceEnd, column: &column)
      row.put(fragmentOf: event, with: &$0, column: &column)
      row.put(signsOf: event, worst: worst?.severity, with: &$0, column: &column)
      if let sender = event.sender { row.put(window: sender, with: &$0, column: &column) }
    }
    renderWords(of: event, worst: worst, from: column, into: &output)
  }

  /// Appends the chat text and the notes that belong to a row, and ends its line.
  private mutating func renderWords(
    of event: TraceEvent, worst: Note?, from column: Int, into output: inout [UInt8]
  ) {
    var layout = WordLayout(
      column: column, start: columns.note, width: options.width, isBeside: columns.isWide,
      continuation: columns.isWide ? columns.note : columns.continuation)
    // In detail they follow beneath.
    if !options.verbose, let text = event.text {
      words.removeAll(keepingCapacity: true)
      escaping.appendQuoted(text, widthMax: layout.widthMax, to: &words)
      layout.place(words.span, color: nil, into: &output)
    }
    if !options.verbose, let worst { renderNotes(event.notes, worst, &layout, into: &output) }
    output.append("\n")
  }

  /// Places the worst note first, then the others: all of them beside a wide table, else those that
  /// warn.
  mutating func renderNotes(
    _ notes: [Note], _ worst: Note, _ layout: inout WordLayout, into output: inout [UInt8]
  ) {
    var isFirst = true
    var severity = worst.severity
    while true {
      for note in notes where note.severity == severity {
        guard isFirst || columns.isWide || severity >= .warn else { return }
        words.removeAll(keepingCapacity: true)
        appendSentence(of: note, to: &words)
        let color = options.color ? TextStyle.of(severity) : nil
        layout.place(words.span, color: color, onOwnLine: !isFirst, into: &output)
        isFirst = false
      }
      guard let lower = Severity(rawValue: severity.rawValue &- 1) else { return }
      severity = lower
    }
  }

  /// Appends a note's sentence; a severity that matters is said in words too.
  func appendSentence(of note: Note, to words: inout [UInt8]) {
    switch note.severity {
    case .chat, .note: break
    case .warn: words.append("warning: ")
    case .error: words.append("error: ")
    }
    escaping.append(note.text, to: &words)
  }
}

/// How long the name of a type is.
private func typeNameLength(_ dialect: Dialect, _ code: UInt8) -> Int {
  switch dialect {
  case .native: FrameType(rawValue: code).name.utf8.count
  case .classic: ClassicType(rawValue: code).name.utf8.count
  }
}
