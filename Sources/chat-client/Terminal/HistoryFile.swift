internal import ChatPosix

/// What was typed in earlier sessions: one line each, in a file that only its owner can read.
struct HistoryFile {
  /// The most lines that are kept.
  static let linesMax = 1_000
  /// The most bytes that are read; what is older is forgotten.
  private static let byteCountMax = 1 << 20

  /// Where it is; nil keeps nothing.
  let path: String?

  /// The file at a path, or none.
  init(path: String?) {
    self.path = path
  }

  /// `$XDG_STATE_HOME/chatwire/history`, or else `~/.local/state/chatwire/history`.
  static func standard(environment: (String) -> String?) -> HistoryFile {
    HistoryFile(path: StateFile.path("history", environment: environment))
  }

  /// The newest lines, the oldest of them first; makes the file shorter where it has grown long.
  func load() -> [String] {
    guard let path, let bytes = WholeFile.readEnd(path, byteCountMax: Self.byteCountMax) else {
      return []
    }
    var lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    // The first of them may have lost its beginning.
    if bytes.count == Self.byteCountMax { lines.removeFirst() }
    guard lines.count > Self.linesMax else { return lines }
    lines.removeFirst(lines.count - Self.linesMax)
    // Without the file the history of this session is in memory all the same.
    try? WholeFile.replace(
      path, with: lines.map { $0 + "\n" }.joined(), permissions: 0o600)
    return lines
  }

  /// Adds a line that was typed, unless it begins with a space.
  func append(_ line: String) {
    guard let path, Self.isKept(line) else { return }
    if let slash = path.lastIndex(of: "/") { WholeFile.makeDirectories(String(path[..<slash])) }
    try? WholeFile.append(line + "\n", to: path, permissions: 0o600)
  }

  /// False for lines that history is to forget.
  static func isKept(_ line: String) -> Bool {
    !line.isEmpty && line.first != " " && !line.unicodeScalars.contains("\n")
  }
}
