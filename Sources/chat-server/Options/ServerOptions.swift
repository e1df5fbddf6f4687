internal import ArgumentParser
internal import ChatProgram

/// The options of a server, as text: `SettingsTable` checks what is written here, in the
/// environment and in a configuration file in one way.
struct ServerOptions: ParsableArguments {
  @OptionGroup(title: "Where it listens") var listening: ListeningOptions
  @OptionGroup(title: "What it grants clients") var protocolLimits: ProtocolOptions
  @OptionGroup(title: "How much it takes") var load: LoadOptions
  @OptionGroup(title: "What clients see") var greeting: GreetingOptions
  @OptionGroup(title: "The log") var logging: LoggingOptions
  @OptionGroup(title: "Faults, to see how the protocol repairs them") var faults: FaultOptions
  @OptionGroup(title: "Running it") var control: ControlOptions
}

extension ServerOptions {
  /// The options of a command line, outside of a command.
  init(parsing arguments: [String]) throws {
    self = try Self.parse(arguments)
  }
}

/// Where a server listens.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The address, IPv4 or IPv6; :: takes both (0.0.0.0).", valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("The port, or 0 for any free one (5000).", valueName: "port"))
  var port: String?
}

/// What a server grants.
struct ProtocolOptions: ParsableArguments {
  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      """
      gbn (Go-Back-N) or sr (Selective Repeat) for all, or any: as each client likes (any).
      """,
      valueName: "name"))
  var mode: String?

  @Option(help: ArgumentHelp("The largest window, 1 to 16384 frames (1024).", valueName: "frames"))
  var windowSize: String?

  @Option(
    help: ArgumentHelp("The largest fragment, 1 to 65535 bytes (65535).", valueName: "bytes"))
  var maxFragmentSize: String?

  @Option(help: ArgumentHelp("The largest message (1M).", valueName: "bytes"))
  var maxMessage: String?
}

/// How much a server takes.
struct LoadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Clients at a time (10000).", valueName: "count"))
  var maxClients: String?

  @Option(
    help: ArgumentHelp("Clients from one address, 0 for no limit (1000).", valueName: "count"))
  var maxPerAddress: String?

  @Option(
    help: ArgumentHelp(
      "Messages a second from one client, 0 for no limit (100).", valueName: "count"))
  var rate: String?

  @Option(
    help: ArgumentHelp(
      """
      What may wait for one client; one that does not keep up is ended (8M, or twice \
      --max-message if that is more).
      """, valueName: "bytes"))
  var maxQueue: String?
}

/// What clients are shown.
struct GreetingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The server's name, at most 64 bytes (ChatWire).", valueName: "text"))
  var name: String?

  @Option(help: ArgumentHelp("What new clients are greeted with.", valueName: "text"))
  var motd: String?
}

/// What is logged.
struct LoggingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write JSON lines to files in this directory (readable lines on standard error).",
      valueName: "directory"), completion: .directory)
  var log: String?

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical (info).", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("Begin a new file at this size (16M).", valueName: "bytes"))
  var logSize: String?

  @Option(
    help: ArgumentHelp("Files that are kept, the current one too (8).", valueName: "count"))
  var logFiles: String?
}

/// How a server is run.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where `chat-server status` asks (a socket for this port, private to you).",
      valueName: "path"), completion: .file())
  var control: String?

  @Option(
    help: ArgumentHelp(
      "Read settings from this file (~/.config/chatwire/config.toml).", valueName: "file"),
    completion: .file())
  var config: String?
}
