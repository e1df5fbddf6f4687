internal import ChatWire
public struct FaultRules: Sendable, Hashable { public init() {}
  public init(parsing text: String) throws(FaultRuleError) {} }
public struct FaultRuleError: Error, Sendable { public var sentence = "" }
