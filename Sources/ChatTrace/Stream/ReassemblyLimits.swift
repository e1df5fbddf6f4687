/// How long and how much a direction of a TCP connection waits for bytes that have not been seen.
///
/// A hole in the sequence numbers is a packet that comes late, one that the network lost and the
/// sender will repeat, or one that the capture lost: only patience tells. Once it is over the hole
/// is a gap. Packets are counted besides time because what disorders a capture (several receive
/// queues, merged files, shuffling) moves packets by a few places, however long those take.
public struct ReassemblyLimits: Sendable, Hashable {
  /// Bytes to hold behind holes: one window of a busy connection.
  public var heldBytes = 1 << 20
  /// Pieces to hold behind holes.
  public var heldSegments = 4096

  /// How long data waits behind a hole, in nanoseconds of capture time.
  ///
  /// RFC 6298 repeats a lost segment after 1 s at the latest while there are round-trip samples,
  /// and 2 s later if that is lost too: 3 s sees both.
  public var holeAge: Int64 = 3_000_000_000
  /// How many more segments of the connection must have been seen before a hole is a gap by age, or
  /// because the peer acknowledges bytes beyond it (so that nobody will repeat it).
  ///
  /// Ten times `holeAge` does without.
  public var holeSegments = 16
  /// The longest hole that a lone segment behind it can prove.
  ///
  /// Beyond, an acknowledgement or three segments in a row must confirm it: a stray segment would
  /// otherwise end a healthy stream. More than any usual receive window.
  public var holeLength: UInt64 = 16 << 20

  /// How many segments of a connection may show where a stream begins whose SYN was not captured.
  public var openingSegments = 16
  /// How long they may take, in nanoseconds of capture time.
  public var openingAge: Int64 = 1_000_000_000

  /// The limits that suit most captures.
  public static let `default` = ReassemblyLimits()

  /// Makes the default limits, to be changed.
  public init() {}
}
