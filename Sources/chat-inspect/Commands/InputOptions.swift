internal import ChatProgram
internal import ArgumentParser
internal import ChatTrace

/// Which capture to read.
struct InputOptions: ParsableArguments {
  @Argument(
    help: "A pcap or pcapng file, or - for standard input.", completion: .file())
  var file: String?

  @Option(
    name: .customShort("r", allowingJoined: true),
    help: ArgumentHelp("The same, as tshark has it.", valueName: "file"), completion: .file())
  var readFile: String?

  /// Opens what was named.
  func open() throws(Failure) -> CaptureSource {
    switch (file, readFile) {
    case (let path?, nil), (nil, let path?): return try CaptureSource.open(path)
    case (nil, nil): throw Failure("name a capture file, or - for standard input")
    case (_?, _?): throw Failure("name one capture file: either FILE or -r FILE")
    }
  }
}

/// When what was found makes the program fail.
enum FailureThreshold: String, ExpressibleByArgument, CaseIterable {
  case warn, error

  /// True if a note is as severe as that.
  func isReached(by severity: Severity?) -> Bool {
    guard let severity else { return false }
    return switch self {
    case .warn: severity >= .warn
    case .error: severity >= .error
    }
  }
}

/// Turns what was found into an exit code.
struct FailureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Exit with 1 if a note at least this severe was seen.", valueName: "severity"))
  var failOn: FailureThreshold?

  func check(_ worst: Severity?) throws(Failure) {
    if failOn?.isReached(by: worst) == true { throw Failure(silently: .found) }
  }
}
