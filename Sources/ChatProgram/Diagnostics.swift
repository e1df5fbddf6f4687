internal import ChatPosix

/// Messages for people, on standard error.
public enum Diagnostics {
  /// What this program was called as, without directories.
  public static let programName: String = {
    let path = CommandLine.arguments.first ?? "chatwire"
    return path.split(separator: "/").last.map(String.init) ?? path
  }()

  /// Says one sentence, after the name of the program.
  public static func say(_ message: String) {
    write(line(message))
  }

  /// One sentence as `say` writes it.
  public static func line(_ message: String) -> String {
    programName + ": " + printable(message) + "\n"
  }

  /// Writes text as it is.
  public static func write(_ text: String) {
    // Standard error may be closed; there is nobody left to tell.
    try? writeAll(text, to: 2)
  }

  /// Text whose control characters cannot reach the terminal; lines stay lines.
  public static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar != "\n" && scalar != "\t")
      || (0x7F...0x9F).contains(scalar.value)
  }
}
