internal import ArgumentParser
internal import ChatProgram

/// `chat-server`: serves until a signal asks it to end.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "A chat room over TCP.",
    usage: """
      chat-server [<options>]
      chat-server status [<options>]
      """,
    discussion: """
      Waits for clients of the ChatWire protocol, and for those of the classic one, on the same \
      port. Ctrl-C, or SIGTERM, ends the server once everybody has been told.

      Examples:
        chat-server
        chat-server --host :: --port 7777 --motd "Welcome!"
        chat-server --protocol sr --faults "drop 5% s2c" --seed 1
        chat-server --log /var/log/chatwire --log-level notice
        chat-server status

      Sizes are in bytes, or end in k, M or G (1024, and so on).

      Every option can also be set in the environment (CHAT_PORT for --port, CHAT_MAX_CLIENTS for \
      --max-clients) and in a configuration file (port = 7777, max-clients = 500; a text is in \
      quotes; lines below [server] are for the server alone). The command line goes before the \
      environment, and that before the file: the one of --config, else of CHAT_CONFIG, else \
      $XDG_CONFIG_HOME/chatwire/config.toml, else ~/.config/chatwire/config.toml if it is there. \
      docs/SERVER.md has all of it.

      Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 wrong usage, or it cannot listen; 4 wrong \
      fault rule.
      """)

  @OptionGroup var options: ServerOptions

  func run() throws {
    let sources = try SettingSources.find(configuration: options.control.config)
    let settings = try ServerSettings(options, sources, drawSeed: Self.randomSeed)
    if let announcement = settings.faultAnnouncement { Diagnostics.say(announcement) }
    try Server.run(settings)
  }

  /// Small enough to be typed again.
  private static func randomSeed() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return UInt64.random(in: 1...999_999_999, using: &generator)
  }
}
