internal import ChatWire

/// Who was seen in the conversation.
struct KnownNicknames {
  /// More are not remembered: a server can name as many as it likes.
  private static let countMax = 10_000

  private var spellings: [String: String] = [:]

  /// Somebody was seen, by this spelling.
  mutating func add(_ name: String) {
    guard spellings.count < Self.countMax else { return }
    spellings[Nickname.key(name)] = name
  }

  /// Somebody is gone.
  mutating func remove(_ name: String) {
    spellings[Nickname.key(name)] = nil
  }

  /// These are all who are here.
  mutating func replace(with names: [String]) {
    spellings = [:]
    for name in names { add(name) }
  }

  /// Those that begin like this, in whatever case, in order.
  func beginning(with prefix: String) -> [String] {
    let key = Nickname.key(prefix)
    return spellings.filter { $0.key.hasPrefix(key) }.values.sorted {
      (Nickname.key($0), $0) < (Nickname.key($1), $1)
    }
  }
}

/// What Tab makes of the beginning of a line.
struct Completion: Equatable {
  /// How many characters before the cursor are replaced.
  var replacedCount = 0
  /// What takes their place; nil if nothing is to be done.
  var replacement: String?
  /// What it could be, to be listed if there are several and nothing more could be added.
  var candidates: [String] = []

  /// Completes what stands before the cursor.
  ///
  /// - Parameters:
  ///   - ownNickname: is not offered: nobody talks to himself.
  ///   - isFullScreen: Commands of the full screen are completed, too.
  init(
    of beginning: String, nicknames: KnownNicknames, ownNickname: String?,
    isFullScreen: Bool = false
  ) {
    let word = beginning.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
    let isFirst = word.count == beginning.count
    let known: [String]
    var suffix = " "
    if isFirst, word.hasPrefix("/") {
      let others = isFullScreen ? FullScreenCommand.allCases.map(\.rawValue) : []
      known = (CommandHelp.all.map(\.name) + others).map { "/" + $0 }
        .filter { $0.hasPrefix(word.lowercased()) }
    } else if beginning.hasPrefix("/"), !beginning.hasPrefix("//"),
      let arguments = Self.arguments(of: beginning, word: String(word), isFullScreen)
    {
      known = arguments
    } else {
      // One's own name, too, if that is all there is.
      let all = word.isEmpty ? [] : nicknames.beginning(with: String(word))
      let others = all.filter { $0 != ownNickname }
      known = others.isEmpty ? all : others
      if isFirst { suffix = ": " }
    }
    guard let first = known.first else { return }
    candidates = known
    if known.count == 1 {
      replacedCount = word.count
      replacement = first + suffix
      return
    }
    let common = known.dropFirst().reduce(first) { Self.commonPrefix($0, $1) }
    guard common.count > word.count else { return }
    replacedCount = word.count
    replacement = common
  }

  /// What can stand behind a command; nil if those are nicknames or anything.
  private static func arguments(
    of line: String, word: String, _ isFullScreen: Bool
  ) -> [String]? {
    let name = line.dropFirst().prefix { $0 != " " }
    if isFullScreen, let command = FullScreenCommand(rawValue: name.lowercased()) {
      return command.arguments.filter { $0.hasPrefix(word.lowercased()) }
    }
    guard let help = CommandHelp.named(String(name)) else { return nil }
    let words: [String]
    switch help.command {
    case .repair: words = SlashCommand.Repair.allCases.map(\.rawValue)
    case .timeout: words = ["auto"]
    case .help: words = CommandHelp.all.map(\.name)
    case .faults:
      words = [
        "drop", "corrupt", "duplicate", "delay", "reorder", "off", "c2s", "s2c", "DATA", "ACK",
        "NACK", "jitter", "nth", "first", "every", "attempt", "where",
      ]
    case .quit: return nil
    case .nickname, .who, .status, .window, .fragment, .reconnect, .clear, .save, .trace:
      words = []
    }
    return words.filter { $0.lowercased().hasPrefix(word.lowercased()) }
  }

  /// What both begin with, in whatever case, as the first spells it.
  private static func commonPrefix(_ first: String, _ second: String) -> String {
    let pairs = zip(first, second).prefix { Nickname.key(String($0)) == Nickname.key(String($1)) }
    return String(first.prefix(pairs.count))
  }
}
