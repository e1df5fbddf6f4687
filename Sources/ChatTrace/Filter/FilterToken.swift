/// A word, a string or a sign of a filter.
struct FilterToken: Equatable {
  enum Kind: Equatable {
    /// A name, a number, or bytes: what it is depends on where it stands.
    case word
    /// Text in quotes, escapes resolved: bytes, since escapes can make any.
    case string([UInt8])
    /// A character constant.
    case character(UInt8)
    case sign(Sign)
    case end
  }

  enum Sign: Equatable {
    case equal, notEqual, allEqual, anyNotEqual, greater, greaterOrEqual, less, lessOrEqual
    case matches, and, or, xor, not
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case comma, range
  }

  var kind: Kind
  var location: FilterLocation
}
