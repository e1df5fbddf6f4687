internal import ChatProgram
internal import ChatTrace
internal import ChatWire

extension ControlRequest {
  /// Finds what is wrong with the rules or the filter of a request before anybody is asked: then
  /// the error shows the place.
  func check() throws(Failure) {
    switch self {
    case .addRules(let text):
      guard !(try Self.rules(text)).isEmpty else {
        throw Failure("rules: expected at least one rule, such as drop 10% c2s", status: .badFilter)
      }
    case .changeRule(_, let text):
      guard try Self.rules(text).rules.count == 1 else {
        throw Failure("rule: expected one rule, such as drop 10% c2s", status: .badFilter)
      }
    case .intercept(let filter?):
      do {
        _ = try FrameFilter(filter, matcher: RegularExpressions.compile)
      } catch {
        let marked = error.caretMessage(for: filter).split(separator: "\n").map { "  " + $0 }
        throw Failure(
          "filter: \(error.message)\n\(marked.joined(separator: "\n"))", status: .badFilter)
      }
    case .statistics, .connections, .close, .rules, .removeRule, .removeAllRules, .interception,
      .intercept(nil), .release, .drop, .alter:
      break
    }
  }

  private static func rules(_ text: String) throws(Failure) -> FaultRules {
    do {
      return try FaultRules(parsing: text, filters: .forProgram)
    } catch {
      throw Failure(faultRules: error, in: text, from: "rules")
    }
  }
}

extension Failure {
  /// The failure as a JSON object: its sentence, and the lines with the caret if there are any.
  var controlJSON: JSONValue {
    let message = message ?? ""
    let sentence = message.prefix { !$0.isNewline }
    let rest = message.dropFirst(sentence.count + 1)
    return .object(
      [JSONMember("error", String(sentence))]
        + (rest.isEmpty ? [] : [JSONMember("where", String(rest))]))
  }
}
