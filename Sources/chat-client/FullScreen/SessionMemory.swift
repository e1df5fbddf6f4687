internal import ChatLens
internal import ChatPosix

/// What was chosen last on the screen before connecting: a file that only its owner can read.
struct SessionMemory {
  /// The most bytes that are read.
  private static let byteCountMax = 64 << 10

  /// Where it is; nil keeps nothing.
  let path: String?

  /// `$XDG_STATE_HOME/chatwire/last-session`, or else `~/.local/state/chatwire/last-session`.
  static func standard(environment: (String) -> String?) -> SessionMemory {
    SessionMemory(path: StateFile.path("last-session", environment: environment))
  }

  /// What was remembered, if anything was.
  func load() -> SessionChoices? {
    guard let path, let bytes = WholeFile.readEnd(path, byteCountMax: Self.byteCountMax) else {
      return nil
    }
    return SessionChoices(remembered: String(decoding: bytes, as: UTF8.self))
  }

  /// Remembers; without the file the next run begins with the usual choices.
  func save(_ choices: SessionChoices) {
    guard let path else { return }
    if let slash = path.lastIndex(of: "/") { WholeFile.makeDirectories(String(path[..<slash])) }
    try? WholeFile.replace(path, with: choices.text, permissions: 0o600)
  }
}

/// Where programs keep what they remember between runs.
enum StateFile {
  /// `$XDG_STATE_HOME/chatwire/NAME`, or else `~/.local/state/chatwire/NAME`; nil without a home.
  static func path(_ name: String, environment: (String) -> String?) -> String? {
    // A relative path there is to be ignored, says the specification.
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return "\(state)/chatwire/\(name)"
    }
    return environment("HOME").map { "\($0)/.local/state/chatwire/\(name)" }
  }
}
