/// A part of a packet: where it begins, how far it was captured, how far it went on the wire.
///
/// `offset` may lie beyond `capturedEnd` when a snap length cut the packet. `wireEnd` is never
/// before `capturedEnd`, so "not captured" and "was never there" can be told apart.
struct PacketRegion {
  var offset: Int
  var capturedEnd: Int
  var wireEnd: Int

  /// Bytes that were captured; negative if the region begins beyond them.
  @inline(__always)
  var capturedCount: Int { capturedEnd &- offset }

  /// Bytes that were on the wire; negative if the region begins beyond them.
  @inline(__always)
  var wireCount: Int { wireEnd &- offset }

  /// What to call a packet whose next header, of `count` bytes, is not all there.
  func shortfall(_ count: Int) -> PacketOutcome {
    wireCount < count ? .malformed : .truncated
  }

  /// The region without its first bytes.
  @inline(__always)
  func dropping(_ count: Int) -> PacketRegion {
    PacketRegion(offset: offset &+ count, capturedEnd: capturedEnd, wireEnd: wireEnd)
  }

  /// The region with its end where an inner length says; what follows that is padding.
  @inline(__always)
  func ending(at end: Int) -> PacketRegion {
    PacketRegion(offset: offset, capturedEnd: min(capturedEnd, end), wireEnd: end)
  }
}
