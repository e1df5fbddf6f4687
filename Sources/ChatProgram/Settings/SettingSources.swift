internal import ChatPosix

/// Where values come from besides the command line.
public struct SettingSources: Sendable {
  /// The value of an environment variable; nil if it is not set or empty.
  public var environment: @Sendable (String) -> String?
  /// The configuration file, and its path.
  public var file: (path: String, content: ConfigurationFile)?

  /// These sources.
  public init(
    environment: @escaping @Sendable (String) -> String?,
    file: (path: String, content: ConfigurationFile)? = nil
  ) {
    self.environment = environment
    self.file = file
  }

  /// The environment, and the configuration file: that of `--config`, else that of CHAT_CONFIG,
  /// else the user's, if there is one.
  ///
  /// - Parameter path: what was given with `--config`.
  public static func find(configuration path: String?) throws(Failure) -> SettingSources {
    try find(configuration: path, environment: { environmentVariable($0) })
  }

  /// As above, in an environment of its own.
  public static func find(
    configuration path: String?, environment: @escaping @Sendable (String) -> String?
  ) throws(Failure) -> SettingSources {
    var sources = SettingSources(environment: environment)
    if let path {
      sources.file = try read(path, calledFor: "--config")
    } else if let path = environment("CHAT_CONFIG") {
      sources.file = try read(path, calledFor: "CHAT_CONFIG")
    } else if let path = usualPath(environment), isThere(path) {
      sources.file = try read(path, calledFor: nil)
    }
    return sources
  }

  /// `$XDG_CONFIG_HOME/chatwire/config.toml`, else `~/.config/chatwire/config.toml`.
  static func usualPath(_ environment: (String) -> String?) -> String? {
    if let directory = environment("XDG_CONFIG_HOME"), directory.hasPrefix("/") {
      return directory + "/chatwire/config.toml"
    }
    return environment("HOME").map { $0 + "/.config/chatwire/config.toml" }
  }

  private static func isThere(_ path: String) -> Bool {
    do throws(SystemError) {
      _ = try FileDescriptor.openForReading(path)
      return true
    } catch {
      return !error.isMissingFile
    }
  }

  private static func read(
    _ path: String, calledFor origin: String?
  ) throws(Failure) -> (String, ConfigurationFile) {
    let text: String
    do {
      text = try TextFile.read(path, byteCountMax: ConfigurationFile.byteCountMax)
    } catch {
      throw Failure((origin.map { "\($0): " } ?? "") + (error.message ?? ""))
    }
    let name = path == "-" ? "standard input" : path
    do {
      return (name, try ConfigurationFile(parsing: text))
    } catch {
      throw Failure(
        "\(name), line \(error.place.line), column \(error.place.column): \(error.message)")
    }
  }
}
