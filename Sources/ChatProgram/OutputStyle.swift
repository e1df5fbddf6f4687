public import ArgumentParser
internal import ChatPosix

/// When to use colour.
public enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// What it says; `auto` decides by the environment and the terminal.
  case auto, always, never
}

/// How to write for whoever reads standard output.
public struct OutputStyle: Equatable, Sendable {
  /// Standard output is a terminal.
  public var isTerminal: Bool
  /// Use colour.
  public var color: Bool
  /// Characters outside ASCII can be shown.
  public var unicode: Bool
  /// Columns.
  public var width: Int

  /// Makes a style.
  public init(isTerminal: Bool, color: Bool, unicode: Bool, width: Int) {
    self.isTerminal = isTerminal
    self.color = color
    self.unicode = unicode
    self.width = width
  }

  /// Decides from the option, the environment and the terminal.
  public static func decide(_ choice: ColorChoice) -> OutputStyle {
    let isTerminal = Terminal.isTerminal(1)
    return OutputStyle(
      isTerminal: isTerminal,
      color: usesColor(choice, isTerminal: isTerminal, environment: environmentVariable),
      unicode: usesUnicode(environment: environmentVariable),
      width: width(
        columns: isTerminal ? Terminal.columns(1) : nil, isTerminal: isTerminal,
        environment: environmentVariable))
  }

  /// The option decides, then NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR, CLICOLOR, TERM, the
  /// terminal.
  public static func usesColor(
    _ choice: ColorChoice, isTerminal: Bool, environment: (String) -> String?
  ) -> Bool {
    switch choice {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if environment("NO_COLOR") != nil { return false }
    for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
      if let value = environment(name), value != "0" { return true }
    }
    if environment("CLICOLOR") == "0" || environment("TERM") == "dumb" { return false }
    return isTerminal
  }

  /// True if the locale's character encoding is UTF-8.
  public static func usesUnicode(environment: (String) -> String?) -> Bool {
    let locale = environment("LC_ALL") ?? environment("LC_CTYPE") ?? environment("LANG") ?? "C"
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  /// The terminal's width, else COLUMNS, else 80 on a terminal and 120 elsewhere.
  public static func width(
    columns: Int?, isTerminal: Bool, environment: (String) -> String?
  ) -> Int {
    if let columns { return columns }
    if let columns = environment("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
    return isTerminal ? 80 : 120
  }
}
