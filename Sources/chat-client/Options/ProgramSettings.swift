internal import ChatProgram
internal import ChatWire

/// Everything that can be set about the client, after command line, environment and configuration
/// file have been put together.
struct ProgramSettings {
  var connection = ClientSettings()
  var color = ColorChoice.auto
  /// Nobody has given the seed of the faults.
  var isSeedDrawn = false
  var plain = PlainSettings()
  /// Which of the faces is shown.
  var face = Face.plain
  /// Full screen: connect without asking.
  var connectsAtOnce = false
  /// The names of those settings that somebody has given, wherever.
  var givenNames: Set<String> = []

  /// How the chat is shown.
  enum Face {
    case plain, chat, fullScreen
  }

  /// What to say about faults at the beginning; nil if there are none.
  var faultAnnouncement: String? {
    guard !connection.faults.isEmpty else { return nil }
    let count = connection.faults.rules.count
    let rules = count == 1 ? "one fault rule is" : "\(count) fault rules are"
    return isSeedDrawn
      ? "\(rules) in force; to repeat what they do: --seed \(connection.faultSeed)"
      : "\(rules) in force, with seed \(connection.faultSeed)"
  }
}
