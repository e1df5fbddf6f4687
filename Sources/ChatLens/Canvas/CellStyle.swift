/// How a cell looks.
///
/// No meaning rests on it alone: letters and signs say the same.
public struct CellStyle: Sendable, Hashable {
  /// The colours that every terminal has.
  public enum Color: UInt8, Sendable, Hashable, CaseIterable {
    /// What the terminal writes in by itself.
    case standard
    case red, green, yellow, blue, magenta, cyan
  }

  /// The colour of the character.
  public var color = Color.standard
  /// Thicker or brighter.
  public var isBold = false
  /// Fainter.
  public var isDim = false
  /// Character and background change places.
  public var isReversed = false

  /// As the terminal writes by itself.
  public static let plain = CellStyle()
  /// What is of little importance.
  public static let dim = CellStyle(isDim: true)
  /// What stands out.
  public static let bold = CellStyle(isBold: true)
  /// A bar, or what is chosen.
  public static let reversed = CellStyle(isReversed: true)

  /// Makes a style.
  public init(
    _ color: Color = .standard, isBold: Bool = false, isDim: Bool = false, isReversed: Bool = false
  ) {
    self.color = color
    self.isBold = isBold
    self.isDim = isDim
    self.isReversed = isReversed
  }
}

/// A text and how it looks.
public struct StyledText: Sendable, Hashable {
  /// The text, without control characters.
  public var text: String
  /// How all of it looks.
  public var style: CellStyle

  /// Makes a text with a look.
  public init(_ text: String, _ style: CellStyle = .plain) {
    self.text = text
    self.style = style
  }
}
