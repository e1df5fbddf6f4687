internal import ChatWire

/// Writes the columns of a row that are more than a number: time, arrow, fragment, signs, window.
///
/// It holds numbers only, so that the code which writes a row keeps a copy at no cost.
struct TextRow {
  /// How the table looks.
  let options: TextRenderer.Options
  /// Where its columns are.
  let columns: TextColumns
  /// The moment that the time column counts from.
  let start: TraceTime?

  /// Writes the time column.
  @inline(__always)
  func put(
    time: TraceTime?, with writer: inout LineWriter, column: inout Int
  ) {
    guard let time else {
      writer.put("-", endingAt: columns.timeEnd, column: &column)
      return
    }
    switch options.timeFormat {
    case .relative, .delta:
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

  @inline(__always)
  func put(
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
  @inline(__always)
  func put(
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

  /// Writes the signs: `!` an error, `R` a retransmission or `D` a duplicate, `X` dropped or
  /// damaged, `?` not verified, or `~` held here.
  @inline(__always)
  func put(
    signsOf event: TraceEvent, worst: Severity?, with writer: inout LineWriter, column: inout Int
  ) {
    let isError = worst == .error
    let isCopy = (event.attempt ?? 1) > 1
    let isRetransmission = event.retransmission || (isCopy && event.dialect == .classic)
    let isDuplicate = event.disposition == .duplicated || isCopy
    let isLost =
      event.checksum == .bad || event.disposition == .dropped || event.disposition == .corrupted
    let isUnverified = event.checksum == .unverified
    let isHeld = event.disposition == .delayed || event.disposition == .reordered
    guard isError || isRetransmission || isDuplicate || isLost || isUnverified || isHeld else {
      return
    }
    writer.pad(to: columns.signs, column: &column)
    if isError {
      if options.color { writer.put(TextStyle.of(.error)) }
      writer.put("!")
      if options.color { writer.put(TextStyle.reset) }
    } else {
      writer.put(" ")
    }
    writer.put(isRetransmission ? "R" : isDuplicate ? "D" : " ")
    writer.put(isLost ? "X" : isUnverified ? "?" : isHeld ? "~" : " ")
    column &+= 3
  }

  /// Writes the sender's window as a bar: frames in flight out of those that may be.
  ///
  /// A window of up to eight frames has a cell for each; a larger one is scaled to eight, so that
  /// only an empty bar means nothing in flight and only a full one that nothing more may be sent.
  /// `+` follows the bar of a sender that has sent more than it may.
  @inline(__always)
  func put(
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
    writer.put(sender.inFlight > window ? "]+" : "]", column: &column)
  }
}
