public import ChatPosix

/// Why the program ends: one sentence for standard error, and an exit code.
public struct Failure: Error, Equatable, Sendable {
  /// What to say after the name of the program; nil if everything has been said.
  public var message: String?
  /// The exit code.
  public var status: ExitStatus

  /// Ends the program with a sentence.
  public init(_ message: String, status: ExitStatus = .unusable) {
    self.message = message
    self.status = status
  }

  /// Ends the program without a word.
  public init(silently status: ExitStatus) {
    self.status = status
  }
}

/// The exit codes, the same in every program and command.
public enum ExitStatus: Equatable, Sendable {
  /// Done, whatever was found.
  case done
  /// A note as severe as `--fail-on` says was seen.
  case found
  /// Wrong usage, or input that cannot be read.
  case unusable
  /// Nothing was found, but not everything could be told.
  case inconclusive
  /// The display filter, the capture filter or a fault rule is wrong.
  case badFilter
  /// The peer failed, refused or fell silent.
  case peerFailed
  /// A signal ended the program, after everything was closed.
  case signal(TerminationSignal)

  /// The number for the shell.
  public var code: Int32 {
    switch self {
    case .done: 0
    case .found: 1
    case .unusable: 2
    case .inconclusive: 3
    case .badFilter: 4
    case .peerFailed: 5
    case .signal(let signal): signal.exitCode
    }
  }
}
