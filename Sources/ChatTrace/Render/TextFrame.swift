internal import ChatWire

// The row of a frame.

extension TextRenderer {
  /// Appends the row of a frame, and what there is to say about it.
  mutating func renderFrame(
    _ event: TraceEvent, since previous: TraceTime?, into output: inout [UInt8]
  ) {
    let worst = event.notes.max { $0.severity < $1.severity }
    var column = 0
    output.write(atMost: 512) {
      $0.put(decimal: event.frame, endingAt: columns.frameEnd, column: &column)
      put(time: event.time, since: previous, with: &$0, column: &column)
      $0.put(
        decimal: UInt64(clamping: event.stream), endingAt: columns.streamEnd, column: &column)
      $0.pad(to: columns.arrow, column: &column)
      put(arrow: event.direction, with: &$0, column: &column)
      $0.pad(to: columns.type, column: &column)
      $0.put(typeOf: event.dialect, event.typeCode)
      column &+= typeNameLength(event.dialect, event.typeCode)
      $0.put(decimal: UInt64(event.sequence), endingAt: columns.sequenceEnd, column: &column)
      put(fragmentOf: event, with: &$0, column: &column)
      put(signsOf: event, worst: worst?.severity, with: &$0, column: &column)
      if let sender = event.sender { put(window: sender, with: &$0, column: &column) }
    }
    renderWords(of: event, worst: worst, from: column, into: &output)
  }

  /// Writes the time column.
  func put(
    time: TraceTime?, since previous: TraceTime?, with writer: inout LineWriter, column: inout Int
  ) {
    guard let time else {
      writer.put("-", endingAt: columns.timeEnd, column: &column)
      return
    }
    switch options.timeFormat {
    case .relative, .delta:
      let start = options.timeFormat == .relative ? origin : previous
      let elapsed = time.nanoseconds.subtractingReportingOverflow(
        (start ?? time).nanoseconds
      ).partialValue
      let (seconds, fraction) = elapsed.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
      let width = decimalDigitCount(seconds) &+ 7 &+ (elapsed < 0 ? 1 : 0)
      writer.pad(to: columns.timeEnd &- width, column: &column)
      if elapsed < 0 { writer.put("-") }
      writer.put(decimal: seconds)
      writer.put(".")
      writer.put(fraction: Int(fraction), digits: columns.fractionDigits)
      column &+= width
    case .absolute, .utc, .absoluteWithDate:
      let clock = ClockTime(time)
      writer.pad(to: columns.frameEnd &+ 1, column: &column)
      if options.timeFormat == .absoluteWithDate {
        writer.put(date: clock)
        writer.put(" ")
      }
      writer.put(timeOfDay: clock)
      writer.put(".")
      writer.put(fraction: clock.nanosecond, digits: columns.fractionDigits)
      column = columns.timeEnd
    }
  }

  private func put(
    arrow direction: Direction, with writer: inout LineWriter, column: inout Int
  ) {
    if options.color { writer.put(TextStyle.dim) }
    switch direction {
    case .clientToServer: writer.put(options.unicode ? "→" : "->")
    case .serverToClient: writer.put(options.unicode ? "←" : "<-")
    }
    if options.color { writer.put(TextStyle.reset) }
    column &+= options.unicode ? 1 : 2
  }

  /// Writes `m/n`, with `?` for the one that is not known.
  private func put(
    fragmentOf event: TraceEvent, with writer: inout LineWriter, column: inout Int
  ) {
    guard event.fragment != nil || event.fragments != nil else { return }
    let width =
      (event.fragment.map { decimalDigitCount($0) } ?? 1) &+ 1
      &+ (event.fragments.map { decimalDigitCount($0) } ?? 1)
    writer.pad(to: columns.fragmentEnd &- width, column: &column)
    if let fragment = event.fragment { writer.put(decimal: fragment) } else { writer.put("?") }
    writer.put("/")
    if let fragments = event.fragments { writer.put(decimal: fragments) } else { writer.put("?") }
    column &+= width
  }

  /// Writes the signs: `!` an error, `R` a retransmission or `D` a duplicate, `X` dropped or damaged, or
  /// `?` not verified.
  private func put(
    signsOf event: TraceEvent, worst: Severity?, with writer: inout LineWriter, column: inout Int
  ) {
    let isError = worst == .error
    let isCopy = (event.attempt ?? 1) > 1
    let isRetransmission = event.retransmission || (isCopy && event.dialect == .classic)
    let isDuplicate = event.disposition == .duplicated || isCopy
    let isLost =
      event.checksum == .bad || event.disposition == .dropped || event.disposition == .corrupted
    let isUnverified = event.checksum == .unverified
    guard isError || isRetransmission || isDuplicate || isLost || isUnverified else { return }
    writer.pad(to: columns.signs, column: &column)
    if isError {
      if options.color { writer.put(TextStyle.of(.error)) }
      writer.put("!")
      if options.color { writer.put(TextStyle.reset) }
    } else {
      writer.put(" ")
    }
    writer.put(isRetransmission ? "R" : isDuplicate ? "D" : " ")
    writer.put(isLost ? "X" : isUnverified ? "?" : " ")
    column &+= 3
  }

  /// Writes the sender's window as a bar: frames in flight out of those that may be.
  ///
  /// A window of up to eight frames has a cell for each; a larger one is scaled to eight, so that only an
  /// empty bar means nothing in flight and only a full one that nothing more may be sent. `+` closes the
  /// bar of a sender that has sent more than it may.
  private func put(
    window sender: SenderWindow, with writer: inout LineWriter, column: inout Int
  ) {
    writer.pad(to: columns.window, column: &column)
    guard let window = sender.window else {
      writer.put(decimal: UInt64(sender.inFlight))
      writer.put("/?")
      column &+= decimalDigitCount(UInt64(sender.inFlight)) &+ 2
      return
    }
    writer.put("[", column: &column)
    if window == 0 && sender.inFlight == 0 {
      writer.put("closed]", column: &column)
      return
    }
    let cells = Int(min(window, 8))
    let filled: Int
    if sender.inFlight >= window {
      filled = cells
    } else if window <= 8 {
      filled = Int(sender.inFlight)
    } else if sender.inFlight == 0 {
      filled = 0
    } else {
      filled = min(max(Int(sender.inFlight) &* 8 / Int(window), 1), 7)
    }
    for cell in 0..<cells {
      if options.unicode {
        writer.put(cell < filled ? "■" : "□")
      } else {
        writer.put(byte: cell < filled ? 0x23 : 0x2E)
      }
    }
    column &+= cells
    writer.put(sender.inFlight > window ? "+" : "]", column: &column)
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
