internal import ChatWire

/// Draws the frames of one direction as a strip: what the sender knows above, the numbers, what the
/// receiver has said below; each side's window in brackets.
///
///     you send       ack   ack [ lost  sent  sent   .  ]
///     3 of 4        1001  1002  1003  1004  1005
///     server has     got   got [ gap   kept  kept   .  ]
///
/// Where more are on their way than fit, a frame is one sign wide.
struct StripView {
  /// Rows that it takes.
  static let rows = 3
  private static let labelColumns = 13
  private static let cellColumns = 6
  /// Frames before the window that are shown.
  private static let contextCount = 2

  let flow: FlowState
  let direction: Direction
  let signs: Signs
  /// Columns for the frames.
  private let columns: Int
  /// The positions that are shown.
  private let positions: Range<Int>
  /// A frame is a sign, not a word.
  private let isNarrow: Bool

  init(_ flow: FlowState, _ direction: Direction, columns: Int, _ signs: Signs) {
    self.flow = flow
    self.direction = direction
    self.signs = signs
    self.columns = max(0, columns - Self.labelColumns)
    let low = min(flow.base, flow.expected)
    let wideCount = (self.columns - 1) / Self.cellColumns
    isNarrow = flow.end - low + Self.contextCount + 1 > wideCount
    let count = max(0, isNarrow ? self.columns - 1 : wideCount)
    var first = max(flow.start, low - Self.contextCount)
    // The newest has to be seen, whatever else is.
    if flow.end - first >= count { first = max(first, flow.end - count + 1) }
    positions = first..<first + count
  }

  func draw(on canvas: inout Canvas, row: Int, column: Int) {
    let isOutgoing = direction == .clientToServer
    canvas.put(isOutgoing ? "you send" : "server sends", row: row, column: column, .bold)
    canvas.put(
      isOutgoing ? "server has" : "you have", row: row + 2, column: column, .bold)
    let window = flow.sendWindow.map { " of \($0)" } ?? " in flight"
    canvas.put(
      "\(flow.inFlightCount)\(window)", row: row + 1, column: column,
      width: Self.labelColumns - 1, .dim)
    let first = column + Self.labelColumns
    guard !flow.frames.isEmpty else {
      canvas.put("nothing yet", row: row + 1, column: first, .dim)
      return
    }
    drawNumbers(on: &canvas, row: row + 1, column: first)
    drawSide(
      on: &canvas, row: row, column: first, window: flow.base, flow.sendWindow, isSender: true)
    drawSide(
      on: &canvas, row: row + 2, column: first, window: flow.expected, flow.receiveWindow,
      isSender: false)
  }

  private var step: Int { isNarrow ? 1 : Self.cellColumns }

  private func drawNumbers(on canvas: inout Canvas, row: Int, column: Int) {
    if isNarrow {
      // The oldest on its way, and the newest.
      for position in [flow.end - 1, flow.base] where positions.contains(position) {
        guard let sequence = flow.sequence(at: position) else { continue }
        let text = "\(sequence)"
        let place = position - positions.lowerBound
        let isLast = place + text.count > columns
        canvas.put(
          text, row: row, column: column + 1 + (isLast ? place - text.count + 1 : place),
          position == flow.base ? .bold : .dim)
      }
      return
    }
    for position in positions where position < flow.end {
      guard let sequence = flow.sequence(at: position) else { continue }
      let text = Self.centred("\(sequence)")
      let place = column + (position - positions.lowerBound) * step + 1
      canvas.put(text, row: row, column: place, position < flow.base ? .dim : .plain)
    }
  }

  private func drawSide(
    on canvas: inout Canvas, row: Int, column: Int, window start: Int, _ size: Int?,
    isSender: Bool
  ) {
    let window = start..<start + (size ?? 0)
    for position in positions {
      let frame = flow[position]
      let isInWindow = window.contains(position)
      let mark =
        isSender
        ? StripMark(sent: frame?.sent, isInWindow: isInWindow)
        : StripMark(received: frame?.received, isInWindow: isInWindow)
      let place = column + (position - positions.lowerBound) * step + 1
      canvas.put(
        isNarrow ? mark.sign : Self.centred(mark.word), row: row, column: place, mark.style)
    }
    guard size != nil, !isNarrow else { return }
    if positions.contains(window.lowerBound) {
      let place = (window.lowerBound - positions.lowerBound) * step
      canvas.put("[", row: row, column: column + place, .bold)
    }
    if window.upperBound > positions.lowerBound, window.upperBound <= positions.upperBound {
      let place = (window.upperBound - positions.lowerBound) * step
      // A closed window is a pair of brackets in one place.
      canvas.put(window.isEmpty ? "|" : "]", row: row, column: column + place, .bold)
    }
  }

  /// A word in the five columns of a cell.
  private static func centred(_ word: String) -> String {
    let blanks = 5 - word.count
    let before = max(0, blanks - blanks / 2)
    return String(repeating: " ", count: before) + word
      + String(repeating: " ", count: max(0, blanks - before))
  }
}

/// What stands on a strip for one frame, as a word, as a sign, and in a colour.
struct StripMark {
  let word: String
  let sign: String
  let style: CellStyle

  private init(_ word: String, _ sign: String, _ style: CellStyle) {
    self.word = word
    self.sign = sign
    self.style = style
  }

  init(sent: FlowState.SentMark?, isInWindow: Bool) {
    self =
      switch sent {
      case .sent: StripMark("sent", ">", CellStyle(.cyan))
      case .lost: StripMark("lost", "X", CellStyle(.red, isBold: true))
      case .damaged: StripMark("bad", "!", CellStyle(.red, isBold: true))
      case .held: StripMark("held", "~", CellStyle(.yellow))
      case .asked: StripMark("nack", "?", CellStyle(.yellow, isBold: true))
      case .again: StripMark("again", "R", CellStyle(.cyan, isBold: true))
      case .acknowledged: StripMark("ack", "+", CellStyle(.green))
      case .acknowledgedAlone: StripMark("(ack)", "*", CellStyle(.green, isBold: true))
      case .unknown, nil: isInWindow ? Self.free : Self.none
      }
  }

  init(received: FlowState.ReceivedMark?, isInWindow: Bool) {
    self =
      switch received {
      case .got: StripMark("got", "+", CellStyle(.green))
      case .kept: StripMark("kept", "k", CellStyle(.magenta))
      case .missing: StripMark("gap", "_", CellStyle(.red))
      case .damaged: StripMark("bad", "!", CellStyle(.red))
      case .nothing, nil: isInWindow ? Self.free : Self.none
      }
  }

  /// In the window, and nothing there yet.
  private static let free = StripMark(".", ".", .dim)
  private static let none = StripMark("", " ", .plain)
}
