internal import ChatWire

// The row of a frame.

extension TextRenderer {
  /// Appends the row of a frame, and what there is to say about it.
  mutating func renderFrame(
    _ event: TraceEvent, _ row: TextRow, into output: inout [UInt8]
  ) {
    let columns = columns
    let worst = event.notes.lazy.map(\.severity).max()
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
      row.put(signsOf: event, worst: worst, with: &$0, column: &column)
      if let sender = event.sender { row.put(window: sender, with: &$0, column: &column) }
    }
    renderWords(of: event, from: column, into: &output)
  }

  /// Appends the chat text and the notes that belong to a row, and ends its line.
  private mutating func renderWords(
    of event: TraceEvent, from column: Int, into output: inout [UInt8]
  ) {
    var layout = WordLayout(
      column: column, start: columns.note, width: options.width, isBeside: columns.isWide,
      continuation: columns.isWide ? columns.note : columns.continuation)
    // In detail they follow beneath.
    if !options.verbose, let text = event.text {
      words.removeAll(keepingCapacity: true)
      var widthMax = layout.widthMax
      if event.direction == .serverToClient, let speaker = event.nickname {
        let width = escaping.append(speaker, to: &words)
        words.append(": ")
        widthMax = widthMax.map { $0 &- width &- 2 }
      }
      escaping.appendQuoted(text, widthMax: widthMax, to: &words)
      layout.place(words.span, color: nil, into: &output)
    }
    if !options.verbose {
      renderNotes(event.notes, isFirst: event.text == nil, &layout, into: &output)
    }
    output.append("\n")
  }

  /// Places the worst note first, then the others, without those that the row says already.
  ///
  /// Beside a wide table all of them are shown, else those that warn.
  mutating func renderNotes(
    _ notes: [Note], isFirst: Bool, _ layout: inout WordLayout, into output: inout [UInt8]
  ) {
    var isAlone = true
    guard var severity = notes.lazy.map(\.severity).max() else { return }
    while true {
      for note in notes where note.severity == severity && !note.id.isSaidByRow {
        guard isAlone || columns.isWide || severity >= .warn else { return }
        words.removeAll(keepingCapacity: true)
        appendSentence(of: note, to: &words)
        let color = options.color ? TextStyle.of(severity) : nil
        layout.place(words.span, color: color, onOwnLine: !(isFirst && isAlone), into: &output)
        isAlone = false
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

extension NoteID {
  /// Whether a row of the table says it anyway: who speaks, and how a session ended.
  var isSaidByRow: Bool { self == .broadcast || self == .sessionEnded }
}

/// How long the name of a type is.
private func typeNameLength(_ dialect: Dialect, _ code: UInt8) -> Int {
  switch dialect {
  case .native: FrameType(rawValue: code).name.utf8.count
  case .classic: ClassicType(rawValue: code).name.utf8.count
  }
}
