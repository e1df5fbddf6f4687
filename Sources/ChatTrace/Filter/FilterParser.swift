// The grammar of filters, by recursive descent; what a comparison means is in FilterParser+Meaning.
//
//   filter      = [ or ]
//   or          = xor { ("or" | "||") xor }
//   xor         = and { ("xor" | "^^") and }
//   and         = not { ("and" | "&&") not }
//   not         = { "not" | "!" } ( "(" or ")" | relation )
//   relation    = [ "any" | "all" ] operand [ comparison | search | membership ]
//   comparison  = operator operand { operator operand }
//   search      = ("contains" | "matches" | "~") operand
//   membership  = [ "not" ] "in" "{" element { "," element } "}"
//   element     = literal [ ".." literal ]
//   operand     = ( word | string | character | call ) { "[" slice "]" }
//   call        = name "(" [ operand { "," operand } ] ")"

/// Turns the text of a filter into a program.
struct FilterParser {
  /// Longer filters are refused.
  static let bytesMax = 16 << 10
  /// Parentheses, functions and slices nest at most so deep: bounds the recursion here and when
  /// running.
  static let depthMax = 64

  var lexer: FilterLexer
  var token = FilterToken(kind: .end, location: FilterLocation(start: 0, end: 0))
  var program = FilterProgram()
  let scope: FilterScope
  let matcher: RegularExpressionCompiler?
  private var depth = 0

  init(_ text: String, scope: FilterScope, matcher: RegularExpressionCompiler?) {
    lexer = FilterLexer(text)
    self.scope = scope
    self.matcher = matcher
  }

  /// The program of a whole filter.
  static func program(
    of text: String, scope: FilterScope, matcher: RegularExpressionCompiler?
  ) throws(FilterError) -> FilterProgram {
    guard text.utf8.count <= bytesMax else {
      throw FilterError(
        "a filter has at most \(bytesMax) bytes",
        at: FilterLocation(start: bytesMax, end: bytesMax + 1),
        in: Array(text.utf8.prefix(bytesMax + 1)))
    }
    var parser = FilterParser(text, scope: scope, matcher: matcher)
    try parser.advance()
    if parser.token.kind == .end {
      parser.program.root = parser.program.add(.always)
    } else {
      parser.program.root = try parser.disjunction()
      guard parser.token.kind == .end else { throw parser.unexpected() }
    }
    return parser.program
  }

  // MARK: logic

  private mutating func disjunction() throws(FilterError) -> FilterProgram.Index {
    var members = [try exclusiveDisjunction()]
    while keyword() == .or {
      try advance()
      members.append(try exclusiveDisjunction())
    }
    return program.add(members: members) { .some($0) }
  }

  private mutating func exclusiveDisjunction() throws(FilterError) -> FilterProgram.Index {
    var members = [try conjunction()]
    while keyword() == .xor {
      try advance()
      members.append(try conjunction())
    }
    return program.add(members: members) { .odd($0) }
  }

  private mutating func conjunction() throws(FilterError) -> FilterProgram.Index {
    var members = [try negation()]
    while keyword() == .and {
      try advance()
      members.append(try negation())
    }
    return program.add(members: members) { .every($0) }
  }

  private mutating func negation() throws(FilterError) -> FilterProgram.Index {
    var isNegated = false
    while keyword() == .not {
      try advance()
      isNegated.toggle()
    }
    let test: FilterProgram.Index
    if token.kind == .sign(.leftParenthesis) {
      let opening = token
      try enter()
      try advance()
      test = try disjunction()
      try close(.rightParenthesis, opening: opening)
      depth -= 1
    } else {
      test = try relation()
    }
    return isNegated ? program.add(.not(test)) : test
  }

  // MARK: relations

  private mutating func relation() throws(FilterError) -> FilterProgram.Index {
    var quantifier: FilterQuantifier?
    let start = token
    if keyword() == .any || keyword() == .all {
      quantifier = keyword() == .any ? .any : .all
      try advance()
    }
    let left = try operand()
    switch keyword() {
    case .comparison: return try comparisons(left, quantifier)
    case .contains:
      try advance()
      return try contains(left, operand(), quantifier ?? .any)
    case .matches:
      try advance()
      return try matches(left, operand(), quantifier ?? .any)
    case .in: return try membership(left, quantifier ?? .any)
    case .not:
      let not = token
      try advance()
      guard keyword() == .in else { throw unexpected(not) }
      return program.add(.not(try membership(left, quantifier ?? .any)))
    case .and, .or, .xor, .any, .all, nil:
      if quantifier != nil {
        let word = lexer.source(start.location)
        throw lexer.error("\"\(word)\" stands before a comparison", start.location)
      }
      return try existence(of: left)
    }
  }

  /// `a < b < c` means `a < b and b < c`.
  private mutating func comparisons(
    _ first: FilterOperand, _ quantifier: FilterQuantifier?
  ) throws(FilterError) -> FilterProgram.Index {
    var left = first
    var members: [FilterProgram.Index] = []
    while case .comparison(let comparison, let usual) = keyword() {
      let location = token.location
      try advance()
      let right = try operand()
      members.append(
        try compare(left, comparison, right, quantifier ?? usual, operator: location))
      left = right
    }
    return program.add(members: members) { .every($0) }
  }

  private mutating func membership(
    _ left: FilterOperand, _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    try advance()
    let opening = token
    guard token.kind == .sign(.leftBrace) else {
      throw lexer.error(
        token.kind == .end
          ? "a set is missing, as in {1, 4..7}" : "a set stands in braces, as in {1, 4..7}",
        token.location)
    }
    try advance()
    var elements: [FilterSetElement] = []
    repeat {
      if !elements.isEmpty { try advance() }
      let low = try operand()
      var high: FilterOperand?
      if token.kind == .sign(.range) {
        try advance()
        high = try operand()
      }
      elements.append(FilterSetElement(low: low, high: high))
    } while token.kind == .sign(.comma)
    try close(.rightBrace, opening: opening)
    return try isMember(left, elements, quantifier)
  }

  // MARK: operands

  private mutating func operand() throws(FilterError) -> FilterOperand {
    let first = token
    var operand: FilterOperand
    switch token.kind {
    case .word:
      guard keyword() == nil else { throw unexpected() }
      let name = lexer.source(token.location)
      try advance()
      if token.kind == .sign(.leftParenthesis) {
        operand = try call(name, first.location)
      } else {
        operand = .word(name, first.location)
      }
    case .string(let bytes):
      operand = .string(bytes, first.location)
      try advance()
    case .character(let byte):
      operand = .character(byte, first.location)
      try advance()
    case .sign, .end: throw unexpected()
    }
    let outside = depth
    while token.kind == .sign(.leftBracket) {
      try enter()
      let ranges = try lexer.sliceRanges()
      let location = FilterLocation(start: first.location.start, end: lexer.offset)
      operand = .slice(operand, ranges, location)
      try advance()
    }
    depth = outside
    return operand
  }

  private mutating func call(
    _ name: String, _ location: FilterLocation
  ) throws(FilterError) -> FilterOperand {
    guard let function = FilterFunction(rawValue: name) else {
      let names = FilterFunction.allCases.map(\.rawValue).joined(separator: ", ")
      throw lexer.error(
        "\(Spelling.quoted(name)) is not a function; they are \(names)", location)
    }
    let opening = token
    try enter()
    try advance()
    var arguments: [FilterOperand] = []
    if token.kind != .sign(.rightParenthesis) {
      arguments.append(try operand())
      while token.kind == .sign(.comma) {
        try advance()
        arguments.append(try operand())
      }
    }
    let end = token.location
    try close(.rightParenthesis, opening: opening)
    depth -= 1
    return .call(function, arguments, location.through(end))
  }

  // MARK: tokens

  mutating func advance() throws(FilterError) {
    token = try lexer.next()
  }

  private mutating func enter() throws(FilterError) {
    depth += 1
    guard depth <= Self.depthMax else {
      throw lexer.error("filters nest at most \(Self.depthMax) deep", token.location)
    }
  }

  private mutating func close(
    _ sign: FilterToken.Sign, opening: FilterToken
  ) throws(FilterError) {
    if token.kind == .end {
      let closing = sign == .rightBrace ? "}" : ")"
      let open = lexer.source(opening.location)
      let place =
        switch scope {
        case .trace: " in column \(lexer.error("", opening.location).column)"
        // Inside a rule columns are others.
        case .arrivingFrame: ""
        }
      throw lexer.error("\"\(closing)\" is missing for the \"\(open)\"\(place)", token.location)
    }
    guard token.kind == .sign(sign) else { throw unexpected() }
    try advance()
  }

  /// The operator or quantifier that the token is.
  private func keyword() -> FilterKeyword? {
    switch token.kind {
    case .sign(let sign): FilterKeyword(sign)
    case .word: FilterKeyword(word: lexer.source(token.location))
    case .string, .character, .end: nil
    }
  }

  private func unexpected(_ given: FilterToken? = nil) -> FilterError {
    let token = given ?? self.token
    guard token.kind != .end else {
      return lexer.error("something is missing at the end of the filter", token.location)
    }
    let text = lexer.source(token.location)
    if token.kind == .word, FilterKeyword(word: text) == nil,
      FilterKeyword(word: text.lowercased()) != nil
    {
      return lexer.error("operators are in lower case: \(text.lowercased())", token.location)
    }
    return lexer.error("\(Spelling.excerpt(text)) is not expected here", token.location)
  }
}

/// An element of a set as it was written.
struct FilterSetElement {
  var low: FilterOperand
  /// The end of a range, inclusive.
  var high: FilterOperand?
}
