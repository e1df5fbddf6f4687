/// Text cut into lines of a width, between words where that is possible.
public enum WrappedText {
  /// The lines of a text; those behind the first are indented.
  ///
  /// - Parameters:
  ///   - width: Cells in a line; below 1 it counts as 1.
  ///   - indentation: Cells of blanks before each line but the first; less where that leaves too
  ///     little room.
  public static func lines(_ text: String, width: Int, indentation: Int = 0) -> [String] {
    let width = max(1, width)
    if text.utf8.count <= width { return [text] }
    let indentation = width - indentation >= 8 ? indentation : 0
    let blank = String(repeating: " ", count: indentation)
    var lines: [String] = []
    var line = ""
    var used = 0
    // The line up to its last blank, behind which it can be cut.
    var breakEnd: String.Index?
    for character in text {
      let cells = Canvas.width(of: String(character))
      if used + cells > width, used > 0 {
        if character == " " {
          lines.append(line)
          (line, used, breakEnd) = (blank, indentation, nil)
          continue
        }
        if let end = breakEnd {
          let rest = line[line.index(after: end)...]
          lines.append(String(line[..<end]))
          line = blank + rest
        } else {
          lines.append(line)
          line = blank
        }
        used = Canvas.width(of: line)
        breakEnd = nil
      }
      if character == " ", used > (lines.isEmpty ? 0 : indentation) { breakEnd = line.endIndex }
      line.append(character)
      used += cells
    }
    lines.append(line)
    return lines
  }
}
