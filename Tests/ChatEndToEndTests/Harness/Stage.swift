import Foundation
import TestSupport
import Testing

/// The programs of one test, which are gone when it ends, and a directory for them.
final class Stage {
  let directory: String
  private var programs: [ProgramProcess] = []
  private var serverCount = 0

  fileprivate init(directory: String) {
    self.directory = directory
  }

  /// Starts a program.
  func start(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProgramProcess {
    let program = try ProgramProcess(
      name, arguments, environment: environment.merging(Self.ownFiles(directory)) { own, _ in own })
    programs.append(program)
    return program
  }

  /// No test reads or leaves anything in the home of whoever runs it.
  private static func ownFiles(_ directory: String) -> [String: String] {
    [
      "HOME": directory, "XDG_CONFIG_HOME": "\(directory)/config",
      "XDG_STATE_HOME": "\(directory)/state", "XDG_RUNTIME_DIR": directory, "TMPDIR": directory,
    ]
  }

  /// Runs a program to its end.
  func run(
    _ name: String, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> BuiltProgram.Outcome {
    try run(name, arguments, environment: environment)
  }

  /// Runs a program to its end.
  func run(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> BuiltProgram.Outcome {
    let program = try start(name, arguments, environment: environment)
    program.closeInput()
    let exit = try program.waitForExit()
    // What it said is in the outcome; a crash is still found when the stage is cleared.
    if program.disorder == nil { programs.removeAll { $0 === program } }
    guard case .code(let status) = exit else { throw TestFailure("\(name) ended by \(exit)") }
    return BuiltProgram.Outcome(
      status: status, output: program.output.text, errors: program.errors.text)
  }

  /// Starts a server on a port of its own choice.
  func server(_ options: String..., environment: [String: String] = [:]) throws -> TestServer {
    try server(options, environment: environment)
  }

  /// Starts a server on a port of its own choice.
  func server(_ options: [String], environment: [String: String] = [:]) throws -> TestServer {
    serverCount += 1
    let number = serverCount
    let log = "\(directory)/log-\(number)"
    let control = "\(directory)/control-\(number)"
    let process = try start(
      "chat-server",
      ["--host", "127.0.0.1", "--port", "0", "--log", log, "--control", control] + options,
      environment: environment)
    return try TestServer(process, stage: self, logDirectory: log, controlPath: control)
  }

  /// Starts a client that writes JSON Lines, and takes lines to say from its input.
  ///
  /// It hears everything that is said from now on.
  func client(
    _ server: TestServer, nick: String? = nil, _ options: String...
  ) throws -> TestClient {
    let client = try client(port: server.port, nick: nick, options)
    try client.whoIsHere()
    return client
  }

  /// Starts a client that writes JSON Lines.
  func client(port: UInt16, nick: String? = nil, _ options: [String]) throws -> TestClient {
    let name = nick.map { ["--nick", $0] } ?? []
    let process = try start(
      "chat-client",
      ["--host", "127.0.0.1", "--port", "\(port)", "--mode", "plain", "--json"] + name + options)
    return TestClient(process)
  }

  /// Runs a client that says and prints, and then ends.
  func script(port: UInt16, _ options: String...) throws -> BuiltProgram.Outcome {
    try run("chat-client", ["--host", "127.0.0.1", "--port", "\(port)"] + options)
  }

  /// Starts a server that may have so many files open.
  func server(openFileCountMax: Int) throws -> TestServer {
    let log = "\(directory)/log"
    let control = "\(directory)/control"
    let process = try start(
      "/bin/sh",
      [
        "-c", "ulimit -n \(openFileCountMax); exec \"$0\" \"$@\"",
        BuiltProgram.path("chat-server"), "--host", "127.0.0.1", "--port", "0", "--log", log,
        "--control", control,
      ])
    return try TestServer(process, stage: self, logDirectory: log, controlPath: control)
  }

  /// Writes a file into the directory, and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  fileprivate func end(isFailed: Bool, sourceLocation: SourceLocation) {
    let summaries = isFailed ? programs.map(\.summary) : []
    for program in programs { program.end() }
    for disorder in programs.compactMap(\.disorder) {
      Issue.record("\(disorder)", sourceLocation: sourceLocation)
    }
    if isFailed {
      Issue.record(
        "The programs of this test: \(summaries.joined(separator: "\n"))",
        sourceLocation: sourceLocation)
    }
  }
}

/// Lends a stage to a test, and clears it whatever happens.
func withStage(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: (Stage) throws -> Void
) throws {
  try withTemporaryDirectory { directory in
    let stage = Stage(directory: directory.path)
    do {
      try body(stage)
      stage.end(isFailed: false, sourceLocation: sourceLocation)
    } catch {
      stage.end(isFailed: true, sourceLocation: sourceLocation)
      throw error
    }
  }
}
