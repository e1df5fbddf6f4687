/// The payload of a classic CHANNEL_CONFIG: how the server is to mistreat what it gets.
public struct ClassicChannelConfig: Sendable, Hashable {
  /// The share of frames to ignore, from 0 to 1.
  public var lossProbability = 0.0
  /// The share of frames to damage, from 0 to 1.
  public var corruptionProbability = 0.0
  /// The share of frames to delay, from 0 to 1.
  public var delayProbability = 0.0
  /// For how long, in seconds, not negative; may be infinite.
  public var delaySeconds = 0.0

  /// A healthy channel.
  public init() {}

  /// Reads a payload; where this throws, the server ignores the frame.
  ///
  /// What `type` says does not matter, and a missing key is 0.
  public init(decoding bytes: RawSpan) throws(ClassicPayloadError) {
    let json = try JSONValue.object(decoding: bytes)
    lossProbability = try Self.probability("loss_prob", in: json)
    corruptionProbability = try Self.probability("corruption_prob", in: json)
    delayProbability = try Self.probability("delay_prob", in: json)
    let delay = try Self.number("delay_time", in: json)
    // `max(0.0, NaN)` is 0 in Python.
    delaySeconds = delay > 0 ? delay : 0
  }

  private static func probability(
    _ key: String, in json: JSONValue
  ) throws(ClassicPayloadError) -> Double {
    let value = try number(key, in: json)
    // `min(1.0, NaN)` is 1 in Python.
    if value.isNaN || value > 1 { return 1 }
    return value > 0 ? value : 0
  }

  private static func number(
    _ key: String, in json: JSONValue
  ) throws(ClassicPayloadError) -> Double {
    guard let value = json[key] else { return 0 }
    guard let number = value.pythonFloat else { throw .wrongType(key: key) }
    return number
  }

  /// Appends the payload, in the spelling of the original client.
  public func encode(into output: inout [UInt8]) {
    JSONValue.object([
      JSONMember("type", .string("channel_config")),
      JSONMember("loss_prob", .number(JSONNumber(lossProbability))),
      JSONMember("corruption_prob", .number(JSONNumber(corruptionProbability))),
      JSONMember("delay_prob", .number(JSONNumber(delayProbability))),
      JSONMember("delay_time", .number(JSONNumber(delaySeconds))),
    ]).encode(into: &output)
  }
}
