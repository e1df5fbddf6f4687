/// The compression function of MD5 (RFC 1321, section 3.4), its 64 steps written out.
extension MD5.Digest {
  /// Mixes one block of sixteen little-endian words into the state.
  mutating func compress(_ x: InlineArray<16, UInt32>) {
    let before = self
    round1(x)
    round2(x)
    round3(x)
    round4(x)
    a &+= before.a
    b &+= before.b
    c &+= before.c
    d &+= before.d
  }

  /// One step: `w` becomes `n` more than what `w`, the round function, the word and the constant
  /// add up to, turned left by `s`.
  @inline(__always)
  private static func turn(
    _ w: inout UInt32, _ n: UInt32, _ f: UInt32, _ x: UInt32, _ s: UInt32, _ k: UInt32
  ) {
    let sum = (w &+ x &+ k) &+ f
    w = n &+ (sum << s | sum >> (32 &- s))
  }

  @inline(__always)
  private static func choose(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 {
    z ^ (x & (y ^ z))
  }

  /// As `choose(z, x, y)`, in a form whose longer half does not wait for `x`, the newest word.
  @inline(__always)
  private static func select(_ z: UInt32, _ x: UInt32, _ y: UInt32) -> UInt32 {
    (y & ~z) &+ (z & x)
  }

  @inline(__always)
  private static func exclude(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 {
    y ^ (x | ~z)
  }

  @inline(__always)
  private mutating func round1(_ x: InlineArray<16, UInt32>) {
    Self.turn(&a, b, Self.choose(b, c, d), x[0], 7, 0xD76A_A478)
    Self.turn(&d, a, Self.choose(a, b, c), x[1], 12, 0xE8C7_B756)
    Self.turn(&c, d, Self.choose(d, a, b), x[2], 17, 0x2420_70DB)
    Self.turn(&b, c, Self.choose(c, d, a), x[3], 22, 0xC1BD_CEEE)
    Self.turn(&a, b, Self.choose(b, c, d), x[4], 7, 0xF57C_0FAF)
    Self.turn(&d, a, Self.choose(a, b, c), x[5], 12, 0x4787_C62A)
    Self.turn(&c, d, Self.choose(d, a, b), x[6], 17, 0xA830_4613)
    Self.turn(&b, c, Self.choose(c, d, a), x[7], 22, 0xFD46_9501)
    Self.turn(&a, b, Self.choose(b, c, d), x[8], 7, 0x6980_98D8)
    Self.turn(&d, a, Self.choose(a, b, c), x[9], 12, 0x8B44_F7AF)
    Self.turn(&c, d, Self.choose(d, a, b), x[10], 17, 0xFFFF_5BB1)
    Self.turn(&b, c, Self.choose(c, d, a), x[11], 22, 0x895C_D7BE)
    Self.turn(&a, b, Self.choose(b, c, d), x[12], 7, 0x6B90_1122)
    Self.turn(&d, a, Self.choose(a, b, c), x[13], 12, 0xFD98_7193)
    Self.turn(&c, d, Self.choose(d, a, b), x[14], 17, 0xA679_438E)
    Self.turn(&b, c, Self.choose(c, d, a), x[15], 22, 0x49B4_0821)
  }

  @inline(__always)
  private mutating func round2(_ x: InlineArray<16, UInt32>) {
    Self.turn(&a, b, Self.select(d, b, c), x[1], 5, 0xF61E_2562)
    Self.turn(&d, a, Self.select(c, a, b), x[6], 9, 0xC040_B340)
    Self.turn(&c, d, Self.select(b, d, a), x[11], 14, 0x265E_5A51)
    Self.turn(&b, c, Self.select(a, c, d), x[0], 20, 0xE9B6_C7AA)
    Self.turn(&a, b, Self.select(d, b, c), x[5], 5, 0xD62F_105D)
    Self.turn(&d, a, Self.select(c, a, b), x[10], 9, 0x0244_1453)
    Self.turn(&c, d, Self.select(b, d, a), x[15], 14, 0xD8A1_E681)
    Self.turn(&b, c, Self.select(a, c, d), x[4], 20, 0xE7D3_FBC8)
    Self.turn(&a, b, Self.select(d, b, c), x[9], 5, 0x21E1_CDE6)
    Self.turn(&d, a, Self.select(c, a, b), x[14], 9, 0xC337_07D6)
    Self.turn(&c, d, Self.select(b, d, a), x[3], 14, 0xF4D5_0D87)
    Self.turn(&b, c, Self.select(a, c, d), x[8], 20, 0x455A_14ED)
    Self.turn(&a, b, Self.select(d, b, c), x[13], 5, 0xA9E3_E905)
    Self.turn(&d, a, Self.select(c, a, b), x[2], 9, 0xFCEF_A3F8)
    Self.turn(&c, d, Self.select(b, d, a), x[7], 14, 0x676F_02D9)
    Self.turn(&b, c, Self.select(a, c, d), x[12], 20, 0x8D2A_4C8A)
  }

  @inline(__always)
  private mutating func round3(_ x: InlineArray<16, UInt32>) {
    Self.turn(&a, b, b ^ c ^ d, x[5], 4, 0xFFFA_3942)
    Self.turn(&d, a, a ^ b ^ c, x[8], 11, 0x8771_F681)
    Self.turn(&c, d, d ^ a ^ b, x[11], 16, 0x6D9D_6122)
    Self.turn(&b, c, c ^ d ^ a, x[14], 23, 0xFDE5_380C)
    Self.turn(&a, b, b ^ c ^ d, x[1], 4, 0xA4BE_EA44)
    Self.turn(&d, a, a ^ b ^ c, x[4], 11, 0x4BDE_CFA9)
    Self.turn(&c, d, d ^ a ^ b, x[7], 16, 0xF6BB_4B60)
    Self.turn(&b, c, c ^ d ^ a, x[10], 23, 0xBEBF_BC70)
    Self.turn(&a, b, b ^ c ^ d, x[13], 4, 0x289B_7EC6)
    Self.turn(&d, a, a ^ b ^ c, x[0], 11, 0xEAA1_27FA)
    Self.turn(&c, d, d ^ a ^ b, x[3], 16, 0xD4EF_3085)
    Self.turn(&b, c, c ^ d ^ a, x[6], 23, 0x0488_1D05)
    Self.turn(&a, b, b ^ c ^ d, x[9], 4, 0xD9D4_D039)
    Self.turn(&d, a, a ^ b ^ c, x[12], 11, 0xE6DB_99E5)
    Self.turn(&c, d, d ^ a ^ b, x[15], 16, 0x1FA2_7CF8)
    Self.turn(&b, c, c ^ d ^ a, x[2], 23, 0xC4AC_5665)
  }

  @inline(__always)
  private mutating func round4(_ x: InlineArray<16, UInt32>) {
    Self.turn(&a, b, Self.exclude(b, c, d), x[0], 6, 0xF429_2244)
    Self.turn(&d, a, Self.exclude(a, b, c), x[7], 10, 0x432A_FF97)
    Self.turn(&c, d, Self.exclude(d, a, b), x[14], 15, 0xAB94_23A7)
    Self.turn(&b, c, Self.exclude(c, d, a), x[5], 21, 0xFC93_A039)
    Self.turn(&a, b, Self.exclude(b, c, d), x[12], 6, 0x655B_59C3)
    Self.turn(&d, a, Self.exclude(a, b, c), x[3], 10, 0x8F0C_CC92)
    Self.turn(&c, d, Self.exclude(d, a, b), x[10], 15, 0xFFEF_F47D)
    Self.turn(&b, c, Self.exclude(c, d, a), x[1], 21, 0x8584_5DD1)
    Self.turn(&a, b, Self.exclude(b, c, d), x[8], 6, 0x6FA8_7E4F)
    Self.turn(&d, a, Self.exclude(a, b, c), x[15], 10, 0xFE2C_E6E0)
    Self.turn(&c, d, Self.exclude(d, a, b), x[6], 15, 0xA301_4314)
    Self.turn(&b, c, Self.exclude(c, d, a), x[13], 21, 0x4E08_11A1)
    Self.turn(&a, b, Self.exclude(b, c, d), x[4], 6, 0xF753_7E82)
    Self.turn(&d, a, Self.exclude(a, b, c), x[11], 10, 0xBD3A_F235)
    Self.turn(&c, d, Self.exclude(d, a, b), x[2], 15, 0x2AD7_D2BB)
    Self.turn(&b, c, Self.exclude(c, d, a), x[9], 21, 0xEB86_D391)
  }
}
