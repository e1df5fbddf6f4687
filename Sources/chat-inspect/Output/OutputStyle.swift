internal import ArgumentParser
internal import ChatPosix

/// When to use colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// How to write for whoever reads standard output.
struct OutputStyle: Equatable {
  var isTerminal: Bool
  var color: Bool
  var unicode: Bool
  var width: Int

  /// Decides from the option, the environment and the terminal.
  static func decide(_ choice: ColorChoice) -> OutputStyle {
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
  static func usesColor(
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
  static func usesUnicode(environment: (String) -> String?) -> Bool {
    let locale = environment("LC_ALL") ?? environment("LC_CTYPE") ?? environment("LANG") ?? "C"
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  static func width(
    columns: Int?, isTerminal: Bool, environment: (String) -> String?
  ) -> Int {
    if let columns { return columns }
    if let columns = environment("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
    return isTerminal ? 80 : 120
  }
}
