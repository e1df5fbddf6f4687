/// What a configuration file may have for a setting.
public enum SettingKind: Sendable {
  /// Text in quotes.
  case text
  /// A whole number.
  case number
  /// A whole number, or text such as "64k".
  case byteCount
  /// `true` or `false`.
  case flag

  func accepts(_ value: ConfigurationFile.Value) -> Bool {
    switch (self, value) {
    case (.text, .text), (.number, .number), (.byteCount, .number), (.byteCount, .text),
      (.flag, .flag):
      true
    case (.text, _), (.number, _), (.byteCount, _), (.flag, _): false
    }
  }

  var expectation: String {
    switch self {
    case .text: "expected a text in quotes"
    case .number: "expected a whole number, without quotes"
    case .byteCount: "expected bytes, such as 65536 or \"64k\""
    case .flag: "expected true or false, without quotes"
    }
  }
}

/// One thing that can be set: on the command line, in the environment, in a configuration file.
///
/// Its value is text until `assign` checks it, so it is checked alike wherever it was written.
public struct Setting<Options, Settings>: Sendable {
  /// The long name of the option, without hyphens in front: also the key in a file.
  public let name: String
  /// What a file may have for it.
  public let kind: SettingKind
  /// The name of another setting that says the same in another way: only one may be given.
  public let alternative: String?
  let option: @Sendable (Options) -> String?
  let assign: @Sendable (inout Settings, SettingText) throws(Failure) -> Void

  /// Makes a setting.
  ///
  /// - Parameter option: what was given on the command line, if anything was.
  /// - Parameter assign: reads the text, whatever its origin.
  public init(
    _ name: String, _ kind: SettingKind = .text, alternative: String? = nil,
    option: @escaping @Sendable (Options) -> String?,
    assign: @escaping @Sendable (inout Settings, SettingText) throws(Failure) -> Void
  ) {
    self.name = name
    self.kind = kind
    self.alternative = alternative
    self.option = option
    self.assign = assign
  }

  /// The variable: `CHAT_MAX_CLIENTS` for `max-clients`.
  public var environmentName: String {
    "CHAT_" + name.uppercased().split(separator: "-").joined(separator: "_")
  }
}

/// The names that can be set in a configuration file, of both programs.
///
/// What stands before the first section holds for both, and each has to know the names that only
/// the other one has.
public enum SettingNames {
  /// Of chat-server, under `[server]`.
  public static let server = [
    "host", "port", "protocol", "window-size", "max-fragment-size", "max-message", "max-clients",
    "max-per-address", "rate", "max-queue", "log", "log-level", "log-size", "log-files", "name",
    "motd", "faults", "faults-file", "seed", "control",
  ]
  /// Of chat-client, under `[client]`.
  public static let client = [
    "host", "port", "protocol", "window-size", "max-fragment-size", "nickname", "classic",
    "timeout", "reconnect", "trace", "color", "faults", "faults-file", "seed",
  ]
}
