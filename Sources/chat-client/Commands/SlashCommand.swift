internal import ChatWire

/// What a line that begins with a slash asks for.
enum SlashCommand: Equatable {
  case nickname(String)
  case who
  case quit(reason: String)
  /// Help, about one command or all.
  case help(CommandHelp?)
  case status
  case repair(Repair)
  /// In frames.
  case window(Int)
  /// In bytes; classic: in characters.
  case fragment(Int)
  /// Nil: computed.
  case timeout(Duration?)
  case showFaults
  /// Empty: off.
  case faults(FaultRules)
  case reconnect
  case clear
  case save(path: String, replacing: Bool)
  /// What went over the wire, in a file.
  case trace(path: String, replacing: Bool)

  /// What `/protocol` can ask for.
  enum Repair: String, CaseIterable {
    case goBackN = "gbn"
    case selectiveRepeat = "sr"
    case classic

    /// As it is written for people.
    var title: String {
      switch self {
      case .goBackN: ARQMode.goBackN.title
      case .selectiveRepeat: ARQMode.selectiveRepeat.title
      case .classic: "the classic dialect"
      }
    }
  }
}

/// Why a line with a slash is no command.
struct SlashCommandError: Error, Equatable {
  /// A sentence.
  var message: String
  /// Lines that belong below it.
  var details: [String] = []
}

extension ARQMode {
  /// As it is written for people.
  var title: String {
    switch self {
    case .goBackN: "Go-Back-N"
    case .selectiveRepeat: "Selective Repeat"
    }
  }
}
