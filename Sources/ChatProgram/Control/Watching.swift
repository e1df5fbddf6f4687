internal import ChatPosix

/// What commands that ask another program have in common: printing the answer, once or again and
/// again.
public struct Watching: Sendable {
  private let nanoseconds: Int64?
  private let clears: Bool

  /// Asks every so many seconds, or once if nothing is said.
  ///
  /// - Parameter isForPrograms: leaves the terminal as it is between two answers.
  public init(every seconds: String?, isForPrograms: Bool) throws(Failure) {
    nanoseconds = try seconds.map { seconds throws(Failure) in
      let text = SettingText(seconds, from: .option("--watch"))
      guard let seconds = Double(seconds), (0.1...86_400).contains(seconds) else {
        throw text.failure("expected seconds, 0.1 to 86400")
      }
      return Int64(seconds * 1e9)
    }
    clears = nanoseconds != nil && !isForPrograms && Terminal.isTerminal(1)
  }

  /// Prints what `answer` returns, until Ctrl-C if that was asked for.
  public func run(_ answer: () throws(Failure) -> String) throws(Failure) {
    guard let nanoseconds else { return try Self.write(try answer()) }
    let signals: SignalPipe
    do throws(SystemError) {
      signals = try SignalPipe()
    } catch {
      throw Failure("signals: \(error.message)")
    }
    while true {
      try Self.write((clears ? "\u{1B}[H\u{1B}[2J" : "") + (try answer()))
      var entries = [Poll.Entry(signals.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: nanoseconds)
      if signals.take() != nil { return }
    }
  }

  /// Writes an answer to standard output.
  public static func write(_ text: String) throws(Failure) {
    do throws(SystemError) {
      try writeAll(text, to: 1)
    } catch {
      // A reader that has had enough is no error.
      throw error == .brokenPipe
        ? Failure(silently: .done) : Failure("standard output: \(error.message)")
    }
  }
}
