internal import ChatLens
internal import ChatPosix
internal import ChatWire

/// The bars at the top and above the line that is typed: where one is connected, and how.
struct BarView {
  let signs: Signs

  /// Where one is connected, and what was negotiated.
  func title(
    nickname: String?, session: ClientSessionInfo?, status: ClientStatus
  ) -> String {
    let address = SocketAddress(host: status.host, port: status.port).description
    guard let session else {
      return " ChatWire  \(EscapedText.line(address))  not connected"
    }
    let unit = session.dialect == .classic ? "character" : "byte"
    let dialect = session.dialect == .classic ? "classic, " : ""
    let name = nickname.map { EscapedText.line($0) + " at " } ?? ""
    return " ChatWire  \(name)\(EscapedText.line(address))  \(dialect)\(session.mode.title), "
      + "window \(session.windowSize), fragments of "
      + counted(session.fragmentSizeMax, unit)
  }

  /// Draws a bar: what does not fit is cut off.
  func draw(_ text: String, on canvas: inout Canvas, in area: Area) {
    guard !area.isEmpty else { return }
    canvas.clear(area, .reversed)
    canvas.put(text, row: area.row, column: area.column, width: area.columns, .reversed)
  }

  /// Draws the bar above the line that is typed: parts in brackets, the most important first, and
  /// if there is room a hint at the right.
  func drawStatus(
    _ parts: [StyledText], last: String, on canvas: inout Canvas, in area: Area
  ) {
    guard !area.isEmpty else { return }
    canvas.clear(area, .reversed)
    var column = area.column
    for part in parts where !part.text.isEmpty && column < area.endColumn {
      var style = part.style
      style.isReversed = true
      column += canvas.put(
        " [" + part.text + "]", row: area.row, column: column, width: area.endColumn - column,
        style)
    }
    // The help is there also where there is no room to say so.
    let start = area.endColumn - Canvas.width(of: last) - 1
    if start > column { canvas.put(last, row: area.row, column: start, .reversed) }
  }
}
