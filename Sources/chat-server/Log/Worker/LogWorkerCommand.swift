internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram

/// The hidden command by which the server starts its logging process.
struct LogWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-worker", abstract: "Write the log of a server, which starts this by itself.",
    shouldDisplay: false)

  @Option(name: .customLong("run"), help: "The name of the server's run.")
  var runName: String

  @Option(help: "Where the files are; standard error if this is not given.")
  var directory: String?

  @Option(help: "The size at which a file is rotated, in bytes.")
  var fileSizeMax: Int

  @Option(help: "How many files are kept.")
  var fileCount: Int

  /// The arguments of a process that writes by these settings; the first is its name.
  static func arguments(_ settings: LogSettings, run: String) -> [String] {
    // With the equals sign a directory may begin with a dash.
    [
      "chat-server log", "log-worker", "--run=\(run)", "--file-size-max=\(settings.fileSizeMax)",
      "--file-count=\(settings.fileCount)",
    ]
      + (settings.directory.map { ["--directory=\($0)"] } ?? [])
  }

  func run() throws {
    Signals.ignoreRequestsToEnd()
    OwnProcess.closeInherited()
    OwnProcess.leaveStandardStreams()
    let socket = StreamSocket(owning: OwnProcess.childDescriptor)
    guard let directory else { return try LogWorker(socket, LogTerminal(), last: 0).run() }
    let file: LogFile
    let last: UInt64
    do throws(Failure) {
      (file, last) = try openFile(in: directory)
    } catch {
      LogWorker.send(.refused(error.message ?? ""), on: socket)
      throw Failure(silently: error.status)
    }
    try LogWorker(socket, file, last: last).run()
  }

  /// Opens the log in a directory, and finds the last record of this run there.
  private func openFile(in path: String) throws(Failure) -> (LogFile, UInt64) {
    let limits = LogFile.Limits(fileSizeMax: fileSizeMax, fileCount: fileCount)
    let directory: Directory
    do throws(SystemError) {
      directory = try Directory(makingIfMissing: path)
    } catch {
      throw Failure(
        "the log directory \(path) cannot be opened or made: \(error.message); name another one")
    }
    do throws(SystemError) {
      guard try Self.lock(directory) else {
        throw SystemError.wouldBlock
      }
      let file = try LogFile(directory, limits)
      return (file, try file.lastRecord(ofRun: runName))
    } catch .wouldBlock {
      throw Failure("another server writes its log in \(path); name another directory")
    } catch {
      throw Failure("the log in \(path) cannot be written: \(error.message)")
    }
  }

  /// Waits a while for another process that is about to end: that of a server that was killed.
  private static func lock(_ directory: borrowing Directory) throws(SystemError) -> Bool {
    let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
    while try !directory.lockIfFree() {
      guard Clock.monotonicNanoseconds() < deadline else { return false }
      var nothing: [Poll.Entry] = []
      Poll.wait(for: &nothing, nanoseconds: 50_000_000)
    }
    return true
  }
}
