public import ChatWire

/// What has to be the same for two traces to be equal.
public enum ComparisonLevel: String, Sendable, Hashable, CaseIterable {
  /// Every frame, byte for byte, in each direction.
  case wire
  /// What the machines did, without what belongs to the peer or the moment: initial sequence
  /// numbers, session ids, times.
  case `protocol`
  /// What people and programs got: messages, names, how it ended.
  case meaning
}

/// Something in which two traces differ.
public struct TraceDifference: Sendable, Hashable {
  /// The level on which it shows.
  public var level: ComparisonLevel
  /// The connection in the first trace, and in the second; nil where there is none.
  public var streams: ComparedPair<Int?>
  /// Which way; nil if it is about the connection.
  public var direction: Direction?
  /// Which message of its direction, from 1, as the first trace counts, else the second.
  public var message: Int?
  /// Which fragment of it.
  public var fragment: Int?
  /// The field that differs, as in `chat-inspect fields`; `message` or `frame` if all of it does.
  public var field: String
  /// What each trace has, as text; nil for nothing.
  public var values: ComparedPair<String?>
  /// The frames where it shows; 0 for none.
  public var frames: ComparedPair<UInt64>
  /// The type of the frame or message, as `FrameType.name`; empty if it is about the connection.
  public var type = ""
}

/// One thing of each of two traces.
public struct ComparedPair<Value> {
  /// Of the first trace.
  public var first: Value
  /// Of the second.
  public var second: Value

  /// Makes a pair.
  public init(_ first: Value, _ second: Value) {
    self.first = first
    self.second = second
  }
}

extension ComparedPair: Sendable where Value: Sendable {}
extension ComparedPair: Equatable where Value: Equatable {}
extension ComparedPair: Hashable where Value: Hashable {}
