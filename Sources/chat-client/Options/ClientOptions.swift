internal import ArgumentParser
internal import ChatProgram

/// In this program an option is one of the command line, not one of a handshake.
typealias Option<Value> = ArgumentParser.Option<Value>

/// The options of a client, as text where they can also be set elsewhere: `SettingsTable` checks
/// what is written here, in the environment and in a configuration file in one way.
struct ClientOptions: ParsableArguments {
  @OptionGroup(title: "Where to, and as whom") var connecting: ConnectingOptions
  @OptionGroup(title: "What to ask the server for") var wishes: WishOptions
  @OptionGroup(title: "Faults, to see how the protocol repairs them") var faults: FaultOptions
  @OptionGroup(title: "In scripts") var script: ScriptOptions
  @OptionGroup(title: "What is shown") var showing: ShowingOptions
}

/// Where to connect.
struct ConnectingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The server's name or address (127.0.0.1).", valueName: "host"))
  var host: String?

  @Option(help: ArgumentHelp("Its port (5000).", valueName: "port"))
  var port: String?

  @Option(
    name: [.customLong("nick"), .customLong("nickname")],
    help: ArgumentHelp("The nickname to ask for (the server's choice).", valueName: "name"))
  var nickname: String?

  @Flag(help: "End when the connection breaks, instead of connecting again.")
  var noReconnect = false

  @Option(
    help: ArgumentHelp(
      "Read settings from this file (~/.config/chatwire/config.toml).", valueName: "file"),
    completion: .file())
  var config: String?
}

/// What the session is to be like.
struct WishOptions: ParsableArguments {
  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "How losses are repaired: gbn (Go-Back-N) or sr (Selective Repeat) (gbn).",
      valueName: "name"))
  var mode: String?

  @Option(
    help: ArgumentHelp("The window, 1 to 16384 frames (16; classic: 4).", valueName: "frames"))
  var windowSize: String?

  @Option(
    help: ArgumentHelp(
      "The largest fragment, 1 to 65535 bytes (1024; classic: 3 characters).", valueName: "bytes"))
  var maxFragmentSize: String?

  @Option(
    help: ArgumentHelp(
      """
      A fixed retransmission timeout, such as 0.5 or 500ms, in place of the measured one (classic: \
      how long an answer may take, 5).
      """, valueName: "seconds"))
  var timeout: String?

  @Flag(help: "Speak the dialect of the original Python programs.")
  var classic = false
}

/// What is done instead of reading standard input.
struct ScriptOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Say this, wait until it is confirmed, and end; may be repeated.",
      valueName: "text"))
  var send: [String] = []

  @Option(
    help: ArgumentHelp("Say what is in this file, or - for standard input.", valueName: "path"),
    completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp(
      "Then stay so long, such as 5 or 500ms, and print what comes.", valueName: "seconds"))
  var wait: String?

  @Option(
    help: ArgumentHelp(
      "Then stay until so many messages of others have come, at most for --wait (60).",
      valueName: "count"))
  var expect: Int?
}

/// How the chat is shown.
struct ShowingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      ui (full screen, with a lens on the wire), chat (with a prompt) or plain (lines in, lines \
      out) (chat on a terminal, else plain).
      """,
      valueName: "mode"))
  var mode: Mode?

  @Flag(help: "Connect at once, without the screen for it (--mode ui).")
  var connect = false

  @Flag(help: "Print messages of others only.")
  var quiet = false

  @Flag(help: "Print everything as JSON, an object a line (docs/CLIENT.md).")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write every frame to this file: JSON lines, or a table if it ends in .txt.",
      valueName: "file"), completion: .file())
  var trace: String?

  @Option(help: ArgumentHelp("Use colour: auto, always or never (auto).", valueName: "when"))
  var color: String?

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case ui, chat, plain
  }
}
