/// A 16-bit sequence number with serial number arithmetic (PROTOCOL.md, introduction; RFC 1982).
///
/// Numbers wrap around at 65,536. "a precedes b" means `(b - a) mod 65536` lies in `1 ..< 32768`.
@frozen
public struct SequenceNumber: Equatable, Hashable, Sendable {
  /// The 16 bits on the wire.
  public var rawValue: UInt16

  /// Makes a sequence number from its 16 bits.
  @inlinable
  public init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The number that follows this one.
  @inlinable
  public var next: SequenceNumber { SequenceNumber(rawValue &+ 1) }

  /// How far `other` lies ahead, 0 to 65,535: `(other - self) mod 65536`.
  @inlinable
  public func distance(to other: SequenceNumber) -> Int {
    Int(other.rawValue &- rawValue)
  }

  /// The number `count` places on; negative counts go back.
  @inlinable
  public func advanced(by count: Int) -> SequenceNumber {
    SequenceNumber(rawValue &+ UInt16(truncatingIfNeeded: count))
  }

  /// True if this number precedes `other` in serial number arithmetic.
  @inlinable
  public func precedes(_ other: SequenceNumber) -> Bool {
    let distance = other.rawValue &- rawValue
    return distance >= 1 && distance < 32_768
  }
}
