/// What an Interface Description Block says about the packets that refer to it.
struct PcapngInterface: Sendable {
  var linkType: LinkType
  /// Bytes kept of each packet; 0 means all.
  var snapLength: UInt32
  /// How to make nanoseconds of a timestamp.
  var scale = Scale.multiplied(1000)
  /// Seconds to add to each timestamp.
  var offsetSeconds: Int64 = 0
  /// Which side of a proxy it is, by its name.
  var recordingSide: RecordedLeg.Side?

  /// The size of one tick of a timestamp, arranged so that conversion is exact.
  enum Scale: Equatable, Sendable {
    /// Nanoseconds per tick.
    case multiplied(UInt64)
    /// Ticks per nanosecond.
    case divided(UInt64)
    /// 2 to this power ticks per second.
    case binary(UInt8)
    /// So small that 2^64 ticks are not a nanosecond.
    case vanishing

    /// From the option if_tsresol: a power of ten, or of two if the top bit is set.
    init(resolution: UInt8) {
      let exponent = resolution & 0x7F
      if resolution & 0x80 != 0 {
        self = .binary(exponent)
      } else if exponent <= 9 {
        self = .multiplied(Self.powerOfTen(9 - exponent))
      } else if exponent <= 28 {
        self = .divided(Self.powerOfTen(exponent - 9))
      } else {
        self = .vanishing
      }
    }

    /// 10 to a power that is at most 19.
    private static func powerOfTen(_ exponent: UInt8) -> UInt64 {
      var power: UInt64 = 1
      for _ in 0..<exponent { power &*= 10 }
      return power
    }
  }

  /// The moment that a timestamp means, nil if Int64 nanoseconds since 1970 do not reach so far.
  @inline(__always)
  func time(ticks: UInt64) -> TraceTime? {
    if case .multiplied(let factor) = scale, offsetSeconds == 0 {
      let (nanoseconds, overflow) = ticks.multipliedReportingOverflow(by: factor)
      guard !overflow, nanoseconds <= UInt64(Int64.max) else { return nil }
      return TraceTime(nanoseconds: Int64(truncatingIfNeeded: nanoseconds))
    }
    return timeByWideArithmetic(ticks: ticks)
  }

  /// The general case: in 128 bits no product of a timestamp or an offset can overflow.
  private func timeByWideArithmetic(ticks: UInt64) -> TraceTime? {
    let sinceOffset: Int128 =
      switch scale {
      case .multiplied(let factor): Int128(ticks) &* Int128(factor)
      case .divided(let divisor): Int128(ticks / max(divisor, 1))
      case .binary(let exponent): (Int128(ticks) &* 1_000_000_000) >> Int128(exponent)
      case .vanishing: 0
      }
    guard let sum = Int64(exactly: sinceOffset &+ Int128(offsetSeconds) &* 1_000_000_000)
    else { return nil }
    return TraceTime(nanoseconds: sum)
  }

  /// Reads the body of an Interface Description Block, which lies in `start ..< end`.
  init(in bytes: RawSpan, from start: Int, to end: Int, _ order: ByteOrder) {
    linkType = LinkType(rawValue: UInt32(bytes.uint16(at: start, order)))
    snapLength = bytes.uint32(at: start &+ 4, order)
    var offset = start &+ 8
    while offset &+ 4 <= end {
      let code = bytes.uint16(at: offset, order)
      let length = Int(bytes.uint16(at: offset &+ 2, order))
      let value = offset &+ 4
      // Options are not needed to find packets: what follows a damaged one is left alone.
      guard code != 0, value &+ length <= end else { break }
      if code == 9, length >= 1 {
        scale = Scale(resolution: bytes.uint8(at: value))
      } else if code == 14, length >= 8 {
        offsetSeconds = Int64(bitPattern: bytes.uint64(at: value, order))
      } else if code == PcapngCode.interfaceName {
        recordingSide = RecordedLeg.Side(interfaceNamed: bytes.extracting(value..<value &+ length))
      }
      offset = value &+ (length &+ 3) & ~3
    }
  }
}
