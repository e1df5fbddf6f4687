internal import ChatLens
internal import ChatPosix

/// What Tab could mean, in columns.
enum CandidateList {
  /// More are not listed.
  private static let countMax = 200

  /// The candidates, sorted from left to right, in as many columns as fit.
  static func lines(_ candidates: [String], columns: Int) -> [String] {
    let shown = candidates.prefix(countMax).map(EscapedText.line)
    let cell = (shown.map { Terminal.columns(of: $0) }.max() ?? 0) + 2
    let perLine = max(1, columns / max(1, cell))
    var lines = stride(from: 0, to: shown.count, by: perLine).map { start in
      let row = shown[start..<min(start + perLine, shown.count)]
      let padded = row.dropLast().map {
        $0 + String(repeating: " ", count: cell - Terminal.columns(of: $0))
      }
      return padded.joined() + (row.last ?? "")
    }
    if candidates.count > countMax { lines.append("and \(candidates.count - countMax) more") }
    return lines
  }
}
