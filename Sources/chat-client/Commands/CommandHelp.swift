/// What `/help` says about a command.
struct CommandHelp: Equatable {
  /// The command, whatever it is called.
  enum Command: CaseIterable {
    case nickname, who, quit, help, status, repair, window, fragment, timeout, faults, reconnect
    case clear, save, trace
  }

  let command: Command
  /// What stands behind the slash.
  let name: String
  /// Other names of it.
  var otherNames: [String] = []
  /// How it is typed.
  let usage: String
  /// One line.
  let summary: String
  /// More lines, for `/help NAME`.
  var details: [String] = []

  /// False if the name is all there is to type.
  var takesArgument: Bool { usage.contains(" ") }

  /// The command of a name, in whatever case.
  static func named(_ name: String) -> CommandHelp? {
    let name = name.lowercased()
    return all.first { $0.name == name || $0.otherNames.contains(name) }
  }

  /// The help for a command.
  static func about(_ command: Command) -> CommandHelp {
    guard let help = all.first(where: { $0.command == command }) else {
      preconditionFailure("there is no help for \(command)")
    }
    return help
  }

  /// All commands, in the order of `/help`.
  static let all = [
    CommandHelp(
      command: .help, name: "help", usage: "/help [COMMAND]",
      summary: "list the commands, or say more about one"),
    CommandHelp(
      command: .nickname, name: "nick", usage: "/nick NAME", summary: "take another nickname",
      details: [
        "A nickname has 1 to 32 letters, digits, marks or any of - _ . | ^, and begins",
        "with a letter, a digit or _. If somebody has it the server says so, and you",
        "keep yours.",
      ]),
    CommandHelp(
      command: .who, name: "who", usage: "/who",
      summary: "list who is here, and how they are connected"),
    CommandHelp(
      command: .status, name: "status", usage: "/status",
      summary: "show what was negotiated and measured"),
    CommandHelp(
      command: .repair, name: "protocol", otherNames: ["mode"], usage: "/protocol gbn|sr|classic",
      summary: "choose how losses are repaired; reconnects",
      details: [
        "gbn      Go-Back-N: after a loss all is sent again from the lost frame on",
        "sr       Selective Repeat: only what was lost is sent again",
        "classic  the dialect of the original Python programs",
        "Messages that are not acknowledged yet are sent again in the new session.",
      ]),
    CommandHelp(
      command: .window, name: "window", usage: "/window N",
      summary: "ask for a window of N frames; reconnects",
      details: ["So many frames may be on their way at once. The server may grant fewer."]),
    CommandHelp(
      command: .fragment, name: "fragment", usage: "/fragment N",
      summary: "ask for fragments of at most N bytes; reconnects",
      details: [
        "Longer messages are cut into several frames. In the classic dialect N counts",
        "characters.",
      ]),
    CommandHelp(
      command: .timeout, name: "timeout", usage: "/timeout SECONDS|auto",
      summary: "fix the retransmission timeout; reconnects",
      details: [
        "What is not acknowledged by then is sent again. auto computes it from the",
        "round trips. A unit can be given, as in 200ms.",
      ]),
    CommandHelp(
      command: .faults, name: "faults", usage: "/faults [RULES|off]",
      summary: "lose, damage or delay frames on purpose",
      details: [
        "Without rules it shows those in force. Several are separated by ; as in",
        "  /faults drop 10% DATA c2s; delay 50ms jitter 10ms",
        "c2s is from here to the server, s2c the way back. docs/FAULTS.md has it all.",
      ]),
    CommandHelp(
      command: .reconnect, name: "reconnect", usage: "/reconnect",
      summary: "give the connection up and make a new one"),
    CommandHelp(
      command: .clear, name: "clear", usage: "/clear", summary: "clear the screen; so does Ctrl-L"),
    CommandHelp(
      command: .save, name: "save", otherNames: ["save!"], usage: "/save FILE",
      summary: "write the conversation to a file",
      details: ["A file that is there already is kept; /save! FILE replaces it."]),
    CommandHelp(
      command: .trace, name: "trace", otherNames: ["trace!"], usage: "/trace FILE",
      summary: "write every frame to a file (--mode ui)",
      details: [
        "chat-inspect read -r FILE shows it. A file that is there already is kept;",
        "/trace! FILE replaces it. Elsewhere --trace FILE writes it as it happens.",
      ]),
    CommandHelp(
      command: .quit, name: "quit", otherNames: ["exit"], usage: "/quit [REASON]",
      summary: "say goodbye, and end once everything has arrived"),
  ]
}
