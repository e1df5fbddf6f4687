internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// Which proxy to ask, and how to print what it says.
struct CtlOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The port at which the proxy listens.", valueName: "port"))
  var port: String?

  @Option(
    help: ArgumentHelp("The proxy's control socket.", valueName: "path"), completion: .file())
  var control: String?

  @Flag(help: "Print JSON, one object.")
  var json = false

  /// The proxy that is meant.
  func client() throws(Failure) -> ControlClient {
    let number = try port.map { text throws(Failure) in
      try SettingText(text, from: .option("--port")).integer(in: 1...65_535)
    }
    if let control {
      guard port == nil else { throw Failure("--port and --control exclude each other") }
      return ControlClient(path: try ControlOptions.path(control))
    }
    return ControlClient(
      path: try ControlSocket.program.findSocket(
        port: number.map { UInt16(truncatingIfNeeded: $0) }, usualPort: nil))
  }

  /// The text of a reply.
  func text(_ reply: ControlReply) -> String {
    if json { return reply.json.text + "\n" }
    let style = OutputStyle.decide(.never)
    return reply.text(width: style.width, asciiOnly: !style.unicode)
  }

  /// Asks for something, and prints the reply.
  func ask(_ request: ControlRequest) throws(Failure) {
    try Watching.write(text(try client().ask(request)))
  }

  /// Has something done, and says so unless a program wants to know.
  func order(_ request: ControlRequest, saying sentence: String) throws(Failure) {
    let reply = try client().ask(request)
    if case .done = reply, !json { return try Watching.write(sentence + "\n") }
    try Watching.write(text(reply))
  }
}

/// For commands that can ask again and again.
struct WatchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Ask again every so many seconds, until Ctrl-C.", valueName: "seconds"))
  var watch: String?

  /// Asks for something, once or again and again, and prints the replies.
  func ask(_ request: ControlRequest, _ options: CtlOptions) throws(Failure) {
    let watching = try Watching(every: watch, isForPrograms: options.json)
    let client = try options.client()
    try watching.run { () throws(Failure) in options.text(try client.ask(request)) }
  }
}

/// Checks numbers of things on command lines.
enum CtlNumber {
  static func check(_ number: Int, _ noun: String) throws(Failure) -> Int {
    guard number >= 0 else { throw Failure("\(number): \(noun)s have no negative numbers") }
    return number
  }
}
