internal import ChatWire
public struct FaultRules: Sendable, Hashable { public init() {}
  var text = ""
  public init(parsing text: String) throws(FaultRuleError) { self.text = text } }
public struct FaultRuleError: Error, Sendable { public var sentence = "" }
