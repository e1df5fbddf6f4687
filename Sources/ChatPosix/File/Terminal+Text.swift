internal import CSys
internal import Glibc

extension Terminal {
  /// Makes the C library read, write and measure characters as UTF-8, also where the environment
  /// names another locale or none; false if there is no such locale.
  @discardableResult
  public static func useUTF8() -> Bool { isUTF8 }

  private static let isUTF8: Bool = {
    setlocale(LC_CTYPE, "")
    if csys_locale_is_utf8() == 0 { setlocale(LC_CTYPE, "C.UTF-8") }
    return csys_locale_is_utf8() != 0
  }()

  /// How many columns a character takes, 0 if it is drawn over the one before; nil for control
  /// characters and those that the C library does not know.
  public static func columns(of scalar: Unicode.Scalar) -> Int? {
    useUTF8()
    let width = csys_character_width(scalar.value)
    return width < 0 ? nil : Int(width)
  }

  /// How many columns terminals give to what people see as one character; ambiguous ones are
  /// narrow.
  public static func columns(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    let widths = scalars.map { columns(of: $0) ?? 1 }
    // An emoji that is put together is drawn in the place of one.
    let isJoined = scalars.contains { $0.value == 0x200D || (0x1F3FB...0x1F3FF) ~= $0.value }
    return isJoined ? (widths.max() ?? 0) : widths.reduce(0, +)
  }

  /// How many columns a text takes that has no control characters.
  public static func columns(of text: String) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
  }
}
