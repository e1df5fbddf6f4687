import ChatTrace
import Testing

@Suite struct CaptureTimestampTests {
  /// The time that the reader gives to a pcapng timestamp.
  static func nanoseconds(_ ticks: UInt64, resolution: UInt8?, offset: Int64? = nil) -> Int64? {
    var file = CaptureFileBuilder()
    file.section(isBigEndian: ticks & 1 == 1)
    file.interface(resolution: resolution, offset: offset)
    file.enhancedPacket([], ticks: ticks)
    return readCapture(file.bytes).packets.first?.nanoseconds
  }

  /// ticks / 10^exponent seconds, by shifting decimal digits.
  static func decimalModel(_ ticks: UInt64, exponent: Int) -> Int64? {
    let digits = String(ticks)
    let text =
      exponent <= 9
      ? digits + String(repeating: "0", count: 9 - exponent)
      : String(digits.dropLast(exponent - 9))
    return text.isEmpty ? 0 : Int64(text)
  }

  /// ticks / 2^exponent seconds, by long division, digit after digit.
  static func binaryModel(_ ticks: UInt64, exponent: Int) -> Int64? {
    let unit = UInt128(1) << UInt128(exponent)
    var text = String(UInt128(ticks) / unit)
    var rest = UInt128(ticks) % unit
    for _ in 0..<9 {
      // The rest is below 2^64 as the ticks are, so ten times it fits.
      rest *= 10
      text += String(rest / unit)
      rest %= unit
    }
    return Int64(text)
  }

  static let ticks: [UInt64] = [
    0, 1, 9, 999_999, 1_700_000_000, 1_700_000_000_123_456, 1_700_000_000_123_456_789,
    UInt64(Int64.max), UInt64(Int64.max) + 1, .max, .max - 1, 1 << 32, 0x0123_4567_89AB_CDEF,
  ]

  @Test(arguments: UInt8(0)...127)
  func `every resolution is converted exactly`(_ exponent: UInt8) {
    for ticks in Self.ticks {
      #expect(
        Self.nanoseconds(ticks, resolution: exponent)
          == Self.decimalModel(ticks, exponent: Int(exponent)), "10^-\(exponent), \(ticks)")
      #expect(
        Self.nanoseconds(ticks, resolution: exponent | 0x80)
          == Self.binaryModel(ticks, exponent: Int(exponent)), "2^-\(exponent), \(ticks)")
    }
  }

  @Test func `microseconds are the default`() {
    #expect(Self.nanoseconds(1_700_000_000_123_456, resolution: nil) == 1_700_000_000_123_456_000)
  }

  @Test func `an offset in seconds is added`() {
    #expect(Self.nanoseconds(5, resolution: 9, offset: 3) == 3_000_000_005)
    #expect(Self.nanoseconds(5, resolution: 9, offset: -3) == -2_999_999_995)
    #expect(Self.nanoseconds(5, resolution: 12, offset: -1) == -1_000_000_000)
    #expect(Self.nanoseconds(3, resolution: 0x81, offset: 1) == 2_500_000_000)
    // Each alone is out of range, their sum is not.
    #expect(
      Self.nanoseconds(10_000_000_000, resolution: 0, offset: -10_000_000_007) == -7_000_000_000)
    #expect(
      Self.nanoseconds(9_223_372_036_000_000_000, resolution: 9, offset: 0)
        == 9_223_372_036_000_000_000)
  }

  @Test func `a time out of range is none`() {
    for offset in [Int64.min, .max, 9_223_372_037, -9_223_372_038] {
      #expect(Self.nanoseconds(0, resolution: 6, offset: offset) == nil)
    }
    #expect(Self.nanoseconds(0, resolution: 6, offset: -9_223_372_036) != nil)
    #expect(Self.nanoseconds(9_223_372_037, resolution: 0) == nil)
    #expect(Self.nanoseconds(.max, resolution: 0x80, offset: .max) == nil)
  }
}
