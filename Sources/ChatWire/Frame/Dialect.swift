/// The two framings that ChatWire understands (PROTOCOL.md sections 1 and 9).
@frozen
public enum Dialect: UInt8, Equatable, Hashable, Sendable {
  /// The 11-byte header with CRC-32, sections 2-8.
  case native
  /// The 12-byte header with an MD5 prefix, spoken by the original Python programs.
  case classic

  /// Bytes of a frame header in this dialect.
  @inlinable
  public var headerSize: Int {
    switch self {
    case .native: 11
    case .classic: 12
    }
  }
}
