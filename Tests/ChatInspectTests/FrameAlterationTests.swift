import ChatWire
import Testing

@testable import chat_inspect

/// What becomes of a frame that somebody alters.
@Suite struct FrameAlterationTests {
  private static let native = nativeFrame(payload: Array("hello".utf8))
  private static let classic = classicFrame(payload: Array("hello".utf8))

  private func header(_ frame: [UInt8], _ dialect: Dialect) throws -> FrameHeader {
    let header = FrameHeader(dialect, in: frame.span.bytes, at: 0)
    return try #require(header)
  }

  @Test(arguments: [Dialect.native, .classic])
  func `another payload gets its length and its checksum`(dialect: Dialect) throws {
    let payload = Array("something longer".utf8)
    let (frame, expected) =
      dialect == .native
      ? (Self.native, nativeFrame(payload: payload))
      : (Self.classic, classicFrame(payload: payload))
    #expect(FrameAlteration(payload: payload).applied(to: frame, dialect: dialect) == expected)
    let empty = dialect == .native ? nativeFrame(payload: []) : classicFrame(payload: [])
    #expect(FrameAlteration(payload: []).applied(to: frame, dialect: dialect) == empty)
  }

  @Test(arguments: [Dialect.native, .classic])
  func `header fields are changed, and the rest stays`(dialect: Dialect) throws {
    let frame = dialect == .native ? Self.native : Self.classic
    let alteration = FrameAlteration(typeCode: 6, sequence: 17, flags: 3)
    let altered = alteration.applied(to: frame, dialect: dialect)
    let header = try header(altered, dialect)
    #expect(header.typeCode == 6 && header.sequence == 17 && header.flags == 3)
    #expect(header.length == 5)
    #expect(altered.suffix(5) == frame.suffix(5))
    // The native checksum covers the header, the classic one does not.
    let payload = Array("hello".utf8)
    let before = try self.header(frame, dialect).checksum
    #expect((header.checksum == before) == (dialect == .classic))
    if dialect == .native {
      let checksum = CRC32().frameChecksum(header: header, payload: payload.span.bytes)
      #expect(header.checksum == checksum)
    }
  }

  @Test(arguments: [Dialect.native, .classic])
  func `a checksum that is kept no longer fits`(dialect: Dialect) throws {
    let frame = dialect == .native ? Self.native : Self.classic
    let alteration = FrameAlteration(payload: [1, 2, 3], keepsChecksum: true)
    let altered = alteration.applied(to: frame, dialect: dialect)
    #expect(try header(altered, dialect).checksum == header(frame, dialect).checksum)
    #expect(try header(altered, dialect).length == 3)
    #expect(altered.suffix(3) == [1, 2, 3])
  }

  @Test func `bytes in place of the whole frame are taken as they are`() {
    for bytes in [[], [1], Self.classic] {
      #expect(FrameAlteration(bytes: bytes).applied(to: Self.native, dialect: .native) == bytes)
    }
  }

  @Test func `nothing happens to a frame without a header, or without an alteration`() {
    for length in 0..<Dialect.native.headerSize {
      let cut = Array(Self.native[..<length])
      #expect(FrameAlteration(payload: [1]).applied(to: cut, dialect: .native) == cut)
    }
    var damaged = Self.native
    damaged[8] ^= 1
    #expect(FrameAlteration().applied(to: damaged, dialect: .native) == damaged)
  }

  @Test func `a type has a name of either dialect, or a number`() {
    for (word, code) in [
      ("DATA", 4), ("data", 4), ("FIN", 6), ("DISCONNECT", 6), ("ERROR", 14),
      ("CHANNEL_CONFIG", 99), ("255", 255), ("0", 0), ("256", nil), ("-1", nil), ("", nil),
      ("UNKNOWN", nil), ("DAT", nil),
    ] as [(String, UInt8?)] {
      #expect(FrameAlteration.typeCode(named: word) == code)
    }
  }

  @Test func `hexadecimal digits are read with spaces and colons between bytes`() {
    for (text, bytes) in [
      ("", []), ("00ff", [0, 255]), ("00 fF", [0, 255]), ("00:Ff ", [0, 255]), ("0", nil),
      ("0 0", nil), ("0x00", nil), ("é0", nil),
    ] as [(String, [UInt8]?)] {
      #expect(HexText.bytes(text) == bytes)
    }
    let all = Array(UInt8.min...UInt8.max)
    #expect(HexText.bytes(HexText.string(all)) == all)
  }
}
