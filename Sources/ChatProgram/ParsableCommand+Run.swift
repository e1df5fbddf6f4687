public import ArgumentParser
internal import ChatPosix
internal import Glibc

extension ParsableCommand {
  /// Parses the arguments, runs the command, and ends the process with the right exit code.
  ///
  /// - Parameter check: looks at the arguments first, for errors that are better said in our words.
  public static func runAndExit(
    arguments: [String], check: ([String]) throws(Failure) -> Void = { _ throws(Failure) in }
  ) -> Never {
    Signals.ignoreFailedWrites()
    Glibc.exit(status(ofRunning: arguments, check))
  }

  private static func status(
    ofRunning arguments: [String], _ check: ([String]) throws(Failure) -> Void
  ) -> Int32 {
    do {
      try check(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
      return ExitStatus.done.code
    } catch let failure as Failure {
      if let message = failure.message { Diagnostics.say(message) }
      return failure.status.code
    } catch {
      return status(ofParserError: error)
    }
  }

  /// Help and version are answers and go to standard output; the rest are errors, and usage is 2
  /// here.
  private static func status(ofParserError error: any Error) -> Int32 {
    var text = fullMessage(for: error) + "\n"
    guard exitCode(for: error) != .success else {
      try? writeAll(text, to: 1)
      return ExitStatus.done.code
    }
    if text.hasPrefix("Error: ") {
      text = Diagnostics.programName + ": " + text.dropFirst("Error: ".count)
    }
    Diagnostics.write(Diagnostics.printable(text))
    return ExitStatus.unusable.code
  }
}
