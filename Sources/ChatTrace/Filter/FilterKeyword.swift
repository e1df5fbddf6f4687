/// The operators of the filter language, whether written as words or as signs.
enum FilterKeyword: Equatable {
  case and, or, xor, not, any, all, contains, matches, `in`
  /// With the quantifier that it has when none is written.
  case comparison(FilterComparison, FilterQuantifier)

  init?(_ sign: FilterToken.Sign) {
    switch sign {
    case .equal: self = .comparison(.equal, .any)
    case .notEqual: self = .comparison(.notEqual, .all)
    case .allEqual: self = .comparison(.equal, .all)
    case .anyNotEqual: self = .comparison(.notEqual, .any)
    case .greater: self = .comparison(.greater, .any)
    case .greaterOrEqual: self = .comparison(.greaterOrEqual, .any)
    case .less: self = .comparison(.less, .any)
    case .lessOrEqual: self = .comparison(.lessOrEqual, .any)
    case .matches: self = .matches
    case .and: self = .and
    case .or: self = .or
    case .xor: self = .xor
    case .not: self = .not
    case .leftParenthesis, .rightParenthesis, .leftBracket, .rightBracket, .leftBrace, .rightBrace,
      .comma, .range:
      return nil
    }
  }

  init?(word: String) {
    switch word {
    case "and": self = .and
    case "or": self = .or
    case "xor": self = .xor
    case "not": self = .not
    case "any": self = .any
    case "all": self = .all
    case "contains": self = .contains
    case "matches": self = .matches
    case "in": self = .in
    case "eq", "any_eq": self = .comparison(.equal, .any)
    case "ne", "all_ne": self = .comparison(.notEqual, .all)
    case "all_eq": self = .comparison(.equal, .all)
    case "any_ne": self = .comparison(.notEqual, .any)
    case "gt": self = .comparison(.greater, .any)
    case "ge": self = .comparison(.greaterOrEqual, .any)
    case "lt": self = .comparison(.less, .any)
    case "le": self = .comparison(.lessOrEqual, .any)
    default: return nil
    }
  }
}
