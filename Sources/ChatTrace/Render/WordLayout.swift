/// Lays words out behind or beneath the columns of a row.
///
/// A piece (a text, a note) goes on the current line if it fits there whole. Else it begins on a
/// line of its own, and is broken between words, and within a word only where it is longer than a
/// line.
struct WordLayout {
  /// Cells used on the current line.
  var column: Int
  /// Where the first piece begins on the row.
  let start: Int
  /// Cells of a line; nil for one endless line.
  let width: Int?
  /// Whether a first piece that does not fit whole begins on the row all the same.
  let isBeside: Bool
  /// Where the other lines begin.
  let continuation: Int

  /// Cells between two pieces on one line.
  private static let gap = 2
  /// Cells that a line of words has at least, however narrow the terminal is.
  private static let lineWidthMin = 20

  /// Cells for a piece that shall not be broken.
  var widthMax: Int? { width.map { max($0 &- continuation, Self.lineWidthMin) } }

  /// Places a piece: UTF-8 with nothing left to escape.
  mutating func place(
    _ piece: Span<UInt8>, color: StaticString?, onOwnLine: Bool = false,
    into output: inout [UInt8]
  ) {
    let begin = max(start, column == 0 ? 0 : column &+ Self.gap)
    let pieceWidth = width == nil ? 0 : cells(of: piece, 0..<piece.count)
    let lineEnd = width.map { max($0, continuation &+ Self.lineWidthMin) }
    guard let lineEnd, onOwnLine || begin &+ pieceWidth > lineEnd else {
      space(begin &- column, into: &output)
      append(piece, 0..<piece.count, color: color, into: &output)
      column = begin &+ pieceWidth
      return
    }
    if isBeside && !onOwnLine && column <= start {
      space(start &- column, into: &output)
      column = start
    } else {
      breakLine(into: &output)
    }
    wrap(piece, lineEnd: lineEnd, color: color, into: &output)
  }

  /// Writes a piece from the current column on, breaking lines.
  private mutating func wrap(
    _ piece: Span<UInt8>, lineEnd: Int, color: StaticString?, into output: inout [UInt8]
  ) {
    // What is on the current line and not written yet.
    var line = 0..<0
    var index = 0
    while index < piece.count {
      let gapStart = index
      while index < piece.count && piece[index] == 0x20 { index &+= 1 }
      let wordStart = index
      while index < piece.count && piece[index] != 0x20 { index &+= 1 }
      let gapWidth = line.isEmpty ? 0 : wordStart &- gapStart
      let wordWidth = cells(of: piece, wordStart..<index)
      if column &+ gapWidth &+ wordWidth <= lineEnd {
        line = line.isEmpty ? wordStart..<index : line.lowerBound..<index
        column &+= gapWidth &+ wordWidth
        continue
      }
      if !line.isEmpty {
        append(piece, line, color: color, into: &output)
        breakLine(into: &output)
      }
      line = wordStart..<index
      if column &+ wordWidth > lineEnd {
        line = breakWord(piece, line, lineEnd: lineEnd, color: color, into: &output)
      } else {
        column &+= wordWidth
      }
    }
    append(piece, line, color: color, into: &output)
  }

  /// Writes a word that is longer than a line, broken between graphemes; gives the rest, which
  /// fits.
  private mutating func breakWord(
    _ piece: Span<UInt8>, _ word: Range<Int>, lineEnd: Int, color: StaticString?,
    into output: inout [UInt8]
  ) -> Range<Int> {
    var lineStart = word.lowerBound
    var index = word.lowerBound
    for character in string(of: piece, word) {
      let width = displayWidth(character)
      if column &+ width > lineEnd && index > lineStart {
        append(piece, lineStart..<index, color: color, into: &output)
        breakLine(into: &output)
        lineStart = index
      }
      column &+= width
      index &+= character.utf8.count
    }
    return lineStart..<word.upperBound
  }

  private mutating func breakLine(into output: inout [UInt8]) {
    output.append("\n")
    space(continuation, into: &output)
    column = continuation
  }

  private func space(_ count: Int, into output: inout [UInt8]) {
    for _ in 0..<max(count, 0) { output.append(0x20) }
  }

  private func append(
    _ piece: Span<UInt8>, _ range: Range<Int>, color: StaticString?, into output: inout [UInt8]
  ) {
    if let color { output.append(color) }
    output.append(piece, range)
    if color != nil { output.append(TextStyle.reset) }
  }

  private func cells(of piece: Span<UInt8>, _ range: Range<Int>) -> Int {
    for index in range where piece[index] >= 0x80 {
      return displayWidth(string(of: piece, range))
    }
    return range.count
  }

  private func string(of piece: Span<UInt8>, _ range: Range<Int>) -> String {
    unsafe piece.extracting(range).withUnsafeBufferPointer {
      unsafe String(decoding: $0, as: UTF8.self)
    }
  }
}
