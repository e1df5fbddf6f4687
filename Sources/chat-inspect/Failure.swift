internal import ChatPosix

/// Why the program ends: one sentence for standard error, and an exit code.
struct Failure: Error, Equatable {
  /// What to say after the name of the program; nil if everything has been said.
  var message: String?
  var status: ExitStatus

  init(_ message: String, status: ExitStatus = .unusable) {
    self.message = message
    self.status = status
  }

  /// Ends the program without a word.
  init(silently status: ExitStatus) {
    self.status = status
  }
}

/// The exit codes, the same in every command.
enum ExitStatus: Equatable {
  /// Done, whatever was found.
  case done
  /// A note as severe as `--fail-on` says was seen.
  case found
  /// Wrong usage, or input that cannot be read.
  case unusable
  /// The display filter or the capture filter is wrong.
  case badFilter
  /// A signal ended the capture, after everything was closed.
  case signal(TerminationSignal)

  var code: Int32 {
    switch self {
    case .done: 0
    case .found: 1
    case .unusable: 2
    case .badFilter: 4
    case .signal(let signal): signal.exitCode
    }
  }
}

/// Messages for people, on standard error.
enum Diagnostics {
  /// Says one sentence, after the name of the program.
  static func say(_ message: String) {
    write("chat-inspect: " + printable(message) + "\n")
  }

  /// Writes text as it is.
  static func write(_ text: String) {
    // Standard error may be closed; there is nobody left to tell.
    try? writeAll(text, to: 2)
  }

  /// Text whose control characters cannot reach the terminal; lines stay lines.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar != "\n" && scalar != "\t")
      || (0x7F...0x9F).contains(scalar.value)
  }
}
