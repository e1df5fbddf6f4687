internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// `chat-inspect replay`: plays a recorded session again, against a live server or live clients.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Play a recorded session again, against a live server or live clients.",
    usage: """
      chat-inspect replay <file> --to <host>:<port> [<options>]
             chat-inspect replay <file> --serve [<host>:]<port> [<options>]
      """,
    discussion: """
      With --to every recorded client is played, by real sessions that send the recorded messages: \
      each message when everything that was complete before it in the recording has happened \
      again. With --serve the recorded server is played. What is said then is compared with what \
      was recorded. Nothing is ever sent to an address from the recording.

      Exit codes: 0 the same, 1 different, 3 not decidable, since parts of the recording are \
      missing, 5 the peer cannot be reached or broke off, 2 and 4 wrong usage, 130 ended by Ctrl-C.

      Examples:
        chat-inspect replay session.pcapng --to localhost:5000
        chat-inspect replay session.pcapng --to localhost:5000 --pace x10 --twice
        chat-inspect replay bug.pcapng --to localhost:5000 --faults-from bug.pcapng -w again.pcapng
        chat-inspect replay session.pcapng --serve 6000 --stream 0
      """)

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp("Play the clients against this server.", valueName: "host:port"))
  var to: String?

  @Option(
    help: ArgumentHelp(
      "Play the server; loopback only, unless a host is given. Port 0 takes a free one.",
      valueName: "[host:]port"))
  var serve: String?

  @Option(
    help: ArgumentHelp(
      "Only this connection of the recording; may be repeated.", valueName: "number"))
  var stream: [Int] = []

  @Option(
    help: ArgumentHelp(
      """
      How fast: recorded, x10 for ten times as fast, asap, or step for a message at each Enter.
      """, valueName: "pace"))
  var pace = "recorded"

  @Option(
    help: ArgumentHelp(
      """
      How long nothing may happen before what is awaited is given up; 5 s, with --serve 60 s.
      """, valueName: "seconds"))
  var patience: Double?

  @Option(
    help: ArgumentHelp(
      "Do to the frames what this ledger, or this recording of a proxy, says was done.",
      valueName: "file"), completion: .file())
  var faultsFrom: String?

  @OptionGroup(title: "Comparing") var comparing: ReplayComparingOptions

  @OptionGroup(title: "Recording what is played") var recording: RecordingOptions

  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The form of the report: text or ndjson.", valueName: "format"))
  var format = ReplayReportFormat.text

  @Flag(name: .customShort("q"), help: "Print nothing; the exit code says it.")
  var quiet = false

  @Option(help: ArgumentHelp("When to use colour.", valueName: "when"))
  var color = ColorChoice.auto

  func run() throws {
    let setup = try ReplaySetup(self)
    let recording = try ReplayRecording.read(self.input.open())
    try ReplayJob(
      command: self, setup: setup, recording: recording, direction: setup.direction(recording)
    ).run()
  }
}

/// The forms of a report.
enum ReplayReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, ndjson
}
