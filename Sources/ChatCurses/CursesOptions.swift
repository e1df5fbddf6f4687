/// What a terminal is used for, and how.
public struct CursesOptions: Sendable {
  /// Colours are used; bold, dim and reverse are in any case.
  public var color: Bool
  /// It shows characters outside ASCII.
  public var isUnicode: Bool
  /// The mouse is told of, where the terminal can.
  public var mouse: Bool

  /// Makes options.
  public init(color: Bool = true, isUnicode: Bool = true, mouse: Bool = true) {
    self.color = color
    self.isUnicode = isUnicode
    self.mouse = mouse
  }
}

/// Why a terminal cannot be painted on.
public enum CursesError: Error, Equatable {
  case noTerminal
  /// Nobody knows how to place its cursor.
  case unknown(name: String)
  /// ncurses does not say why.
  case refused

  /// A sentence for people.
  public var sentence: String {
    switch self {
    case .noTerminal: "Standard input or output is no terminal."
    case .unknown(let name):
      name.isEmpty
        ? "TERM is not set: nobody can tell which terminal this is."
        : "The terminal \(name) is not known, or cannot show a full screen; is TERM right?"
    case .refused: "ncurses cannot use this terminal."
    }
  }
}
