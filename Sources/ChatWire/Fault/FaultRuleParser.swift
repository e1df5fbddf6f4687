/// Reads fault rules from text, one token ahead, without recursion.
///
///     rules     = [rule] *(("\n" / ";") [rule])
///     rule      = action *selector
///     action    = "drop" / "corrupt" [part] / "duplicate" [number] / "delay" time [time]
///               / "reorder" / ("bandwidth" / "rate") rate / "blackhole" / "reset"
///               / ("slow_close" / "slow" "close") time
///     selector  = percentage / fraction / type *("," type) / "c2s" / "s2c"
///               / ("nth" / "message" / "fragment" / "attempt" / "connection") number *("," number)
///               / ("first" / "every") number / "jitter" time / "gap" number
///               / ("after" / "for") time / "on" time "off" time
///               / "where" test *(("and" / "&&") test)
///     test      = comparison / "(" filter ")"
struct FaultRuleParser {
  var lexer: FaultRuleLexer
  /// The token that was not taken yet.
  private(set) var token: FaultRuleToken
  /// The language of filters; nil if there is none here.
  let filters: FaultFilterLanguage?

  init(_ text: String, filters: FaultFilterLanguage?) throws(FaultRuleError) {
    self.filters = filters
    lexer = FaultRuleLexer(Array(text.utf8.prefix(FaultLimits.textBytesMax + 1)))
    token = FaultRuleToken(kind: .end, range: 0..<0)
    if lexer.text.count > FaultLimits.textBytesMax {
      let bytesMax = FaultLimits.textBytesMax
      throw error("the rules are too long; they may have \(bytesMax) bytes", bytesMax..<bytesMax)
    }
    token = lexer.next()
  }

  /// All rules of the text.
  mutating func rules() throws(FaultRuleError) -> [FaultRule] {
    var rules: [FaultRule] = []
    /// Bytes of the rules in their normal spelling, which can be longer and must be readable too.
    var normalByteCount = 0
    while true {
      switch token.kind {
      case .end: return rules
      case .separator: advance()
      case .word, .comparison, .comma, .and, .other:
        if rules.count == FaultLimits.rulesMax {
          throw error("there are too many rules; there may be \(FaultLimits.rulesMax)", token.range)
        }
        let start = token.range
        let rule = try rule()
        rules.append(rule)
        normalByteCount += rule.description.utf8.count + 1
        if normalByteCount > FaultLimits.textBytesMax {
          throw error("the rules up to this one are too long, written out", start)
        }
      }
    }
  }

  // MARK: rules

  private mutating func rule() throws(FaultRuleError) -> FaultRule {
    var rule = FaultRule(try action())
    /// What the rule says already, so that nothing is said twice.
    var said: Set<String> = []
    while token.kind != .end, token.kind != .separator {
      try selector(into: &rule, said: &said)
    }
    return rule
  }

  private mutating func action() throws(FaultRuleError) -> FaultAction {
    guard token.kind == .word else { throw notAnAction() }
    if tokenText.lowercased() == "slow" { return .slowClose(try slowClose()) }
    guard let word = FaultRuleWord(word: tokenText), word.isAction else { throw notAnAction() }
    advance()
    switch word {
    case .drop, .loss: return .drop
    case .corrupt:
      guard token.kind == .word else { return .corrupt(.payload) }
      let name = tokenText.lowercased()
      for part in FramePart.allCases where part.name == name {
        advance()
        return .corrupt(part)
      }
      return .corrupt(.payload)
    case .duplicate:
      guard token.kind == .word, lexer.text[token.range].allSatisfy(\.isDecimalDigit) else {
        return .duplicate(copies: 1)
      }
      let copies = try number(of: "duplicate", in: 1...FaultLimits.copiesMax)
      return .duplicate(copies: Int(copies))
    case .delay:
      let time = try duration("delay needs a time, as in delay 50ms")
      // As in netem, a second time is the jitter.
      guard token.kind == .word, case .value = FaultDuration.read(lexer.text[token.range]) else {
        return .delay(time, jitter: .zero)
      }
      return .delay(time, jitter: try duration(""))
    case .reorder: return .reorder(gap: 1)
    case .bandwidth, .rate: return .bandwidth(try rate(of: word.rawValue))
    case .blackhole: return .blackhole(nil)
    case .reset: return .reset
    case .slowClose: return .slowClose(try duration(Self.slowCloseTime))
    default: throw notAnAction()
    }
  }

  private static let slowCloseTime = "slow_close needs a time, as in slow_close 2s"

  /// `slow close`, the same in two words, and its time.
  private mutating func slowClose() throws(FaultRuleError) -> Duration {
    let range = token.range
    advance()
    guard token.kind == .word, tokenText.lowercased() == "close" else {
      throw error("\"slow\" is not something a rule does; did you mean slow_close?", range)
    }
    advance()
    return try duration(Self.slowCloseTime)
  }

  private mutating func selector(
    into rule: inout FaultRule, said: inout Set<String>
  ) throws(FaultRuleError) {
    let start = token.range
    let text = tokenText
    guard token.kind == .word else { throw unexpected() }
    if let first = text.utf8.first, first.isDecimalDigit || first == UInt8(ascii: ".") {
      try once("a probability", start, &said)
      rule.probability = try probability()
    } else if let word = FaultRuleWord(word: text) {
      advance()
      try selector(word, at: start, into: &rule, said: &said)
    } else if FrameTypeName(word: text) != nil {
      if rule.action.isAboutEnd { throw endIsNoFrame(start) }
      if !said.insert("types").inserted {
        throw error("this rule has types already; they are joined by commas: DATA,ACK", start)
      }
      rule.types = try types()
    } else {
      throw notASelector(of: rule)
    }
  }

  private mutating func selector(
    _ word: FaultRuleWord, at start: Range<Int>, into rule: inout FaultRule,
    said: inout Set<String>
  ) throws(FaultRuleError) {
    if word.isAboutFrames, rule.action.isAboutEnd { throw endIsNoFrame(start) }
    switch word {
    case _ where word.isAction:
      throw error("a rule does one thing; the next one begins behind \";\" or on a new line", start)
    case .clientToServer, .serverToClient, .upstream, .downstream:
      try once("a direction", start, &said)
      let isClientToServer = word == .clientToServer || word == .upstream
      rule.direction = isClientToServer ? .clientToServer : .serverToClient
      return
    case .where:
      try conditions(into: &rule)
      return
    case .jitter:
      guard case .delay(let time, let jitter) = rule.action else {
        throw error("only a delay has a jitter", start)
      }
      if jitter != .zero { said.insert("jitter") }
      try once("jitter", start, &said)
      rule.action = .delay(
        time, jitter: try duration("jitter needs a time, as in jitter 10ms"))
      return
    case .gap:
      guard case .reorder = rule.action else { throw error("only reorder has a gap", start) }
      try once("gap", start, &said)
      rule.action = .reorder(gap: Int(try number(of: "gap", in: 1...FaultLimits.gapMax)))
      return
    case .on, .off:
      try periods(word, at: start, into: &rule, said: &said)
      return
    default: break
    }
    try once(word.rawValue, start, &said)
    switch word {
    case .first: rule.first = try number(of: "first", in: 1...UInt64.max)
    case .every: rule.every = try number(of: "every", in: 1...UInt64.max)
    case .nth: rule.nth = try numbers(of: "nth", from: 1)
    case .message: rule.messages = try numbers(of: "message", from: 1)
    case .fragment: rule.fragments = try numbers(of: "fragment", from: 1)
    case .attempt: rule.attempts = try numbers(of: "attempt", from: 1)
    case .after: rule.after = try duration("after needs a time, as in after 5s")
    case .lasting: rule.lasting = try positiveDuration("for needs a time, as in for 10s")
    default: rule.connections = try numbers(of: "connection", from: 0)
    }
  }

  private mutating func periods(
    _ word: FaultRuleWord, at start: Range<Int>, into rule: inout FaultRule,
    said: inout Set<String>
  ) throws(FaultRuleError) {
    let example = "blackhole on 2s off 8s"
    guard case .blackhole = rule.action else {
      throw error("only a blackhole is on and off", start)
    }
    guard word == .on else { throw error("on stands before off, as in \(example)", start) }
    try once("periods", start, &said)
    let on = try positiveDuration("on needs a time, as in \(example)")
    guard token.kind == .word, FaultRuleWord(word: tokenText) == .off else {
      throw error("behind on stands off, as in \(example)", token.range)
    }
    advance()
    let off = try positiveDuration("off needs a time, as in \(example)")
    rule.action = .blackhole(FaultAction.Periods(on: on, off: off))
  }

  private func once(
    _ what: String, _ range: Range<Int>, _ said: inout Set<String>
  ) throws(FaultRuleError) {
    if !said.insert(what).inserted { throw error("this rule has \(what) already", range) }
  }

  // MARK: tokens

  mutating func advance() {
    token = lexer.next()
  }

  /// The text of the token that was not taken yet.
  var tokenText: String { lexer.text(of: token) }

  /// Its bytes.
  var tokenBytes: ArraySlice<UInt8> { lexer.text[token.range] }

  func error(_ message: String, _ range: Range<Int>) -> FaultRuleError {
    FaultRuleError(message, at: range, in: lexer.text)
  }
}
