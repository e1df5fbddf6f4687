import ChatWire
import TestSupport
import Testing

@Suite struct HandshakeOptionsTests {
  private static let frames: [String: HandshakeFrame] = [
    "SYN": .syn, "SYN_ACK": .synAck, "HANDSHAKE_ACK": .handshakeAck,
  ]

  private func decode(_ bytes: [UInt8], _ frame: HandshakeFrame) throws -> HandshakeOptions {
    try HandshakeOptions.decode(bytes.span.bytes, for: frame)
  }

  @Test func `every vector of options gives its values or its errors`() throws {
    let vectors = try OptionVectors.load().options
    #expect(vectors.count == 59)
    for vector in vectors {
      let frame = try #require(Self.frames[vector.frame])
      let bytes = try hexBytes(vector.hex)
      if let errors = vector.errors {
        #expect(vector.outcome == "error")
        let error = #expect(throws: HandshakeError.self, "\(vector.name)") {
          _ = try self.decode(bytes, frame)
        }
        #expect(errors.contains(error?.code.rawValue ?? 0), "\(vector.name)")
        continue
      }
      let values = try #require(vector.values)
      var expected = HandshakeOptions()
      expected.version = values.version
      expected.mode = values.mode
      expected.window = values.window
      expected.fragment = values.fragment
      expected.maxMessage = values.maxMessage
      expected.acknowledges = values.acknowledges
      expected.session = try values.session.map(hexBytes)
      expected.nickname = try values.nickname.map(hexBytes)
      expected.name = try values.name.map(hexBytes)
      let options = try decode(bytes, frame)
      #expect(options == expected, "\(vector.name)")
      var encoded: [UInt8] = []
      try options.encode(for: frame, into: &encoded)
      #expect(try decode(encoded, frame) == options, "\(vector.name)")
    }
  }

  @Test func `options are written in order of kind, byte for byte`() throws {
    let minimal = try hexBytes(
      "01010102010103020010040204000504001000000602123407080001020304050607080767756573742d37")
    var output: [UInt8] = [0xAA]
    try decode(minimal, .synAck).encode(for: .synAck, into: &output)
    #expect(output == [0xAA] + minimal)
  }

  @Test func `what a receiver would refuse is not written`() throws {
    var options = HandshakeOptions()
    options.session = [1, 2, 3]
    var output: [UInt8] = []
    #expect(throws: HandshakeError.wrongLength(.session, length: 3)) {
      try options.encode(for: .handshakeAck, into: &output)
    }
    #expect(throws: HandshakeError.missing(.version)) {
      try options.encode(for: .syn, into: &output)
    }
    #expect(output.isEmpty)
  }

  @Test func `a foreign version is reported before anything else`() throws {
    let error = #expect(throws: HandshakeError.self) {
      _ = try self.decode(hexBytes("0101020201090302ffff0909"), .syn)
    }
    #expect(error == .unsupportedVersion(2))
    #expect(error?.code == .unsupportedVersion)
  }

  @Test func `scanning keeps what is there and says what is wrong first`() throws {
    let bytes = try hexBytes("0101010302001003020020" + "0804616e6e61" + "0905616263")
    let (options, error) = HandshakeOptions.scan(bytes.span.bytes, for: .syn)
    #expect(options.window == 16)
    #expect(options.nicknameText == "anna")
    #expect(error == .duplicate(.window))
  }

  @Test func `a list shows the options in the order of the bytes, up to the one that overruns`()
    throws
  {
    let bytes = try hexBytes(
      "0804616e6e61" + "1102abcd" + "0302001003010a" + "0802ffff" + "0905616263")
    #expect(
      HandshakeOption.list(bytes.span.bytes) == [
        HandshakeOption(.nickname, .text("anna")),
        HandshakeOption(HandshakeOptionKind(rawValue: 0x11), .bytes([0xAB, 0xCD])),
        HandshakeOption(.window, .number(16)),
        HandshakeOption(.window, .bytes([0x0A])),
        HandshakeOption(.nickname, .bytes([0xFF, 0xFF])),
      ])
  }

  @Test
  func `hostile options are legal, or an error with a sentence, and legal ones can be written`()
    throws
  {
    var hostile = HostileBytes(seed: 31)
    var legal = 0
    for vector in try OptionVectors.load().options {
      let bytes = try hexBytes(vector.hex)
      let samples =
        HostileBytes.cuts(of: bytes) + (0..<100).map { _ in hostile.mutation(of: bytes) }
      for sample in samples {
        for frame in HandshakeFrame.allCases {
          let (options, error) = HandshakeOptions.scan(sample.span.bytes, for: frame)
          let list = HandshakeOption.list(sample.span.bytes)
          #expect(list.count <= sample.count / 2)
          if let error {
            #expect(error.code.rawValue <= 2 && error.sentence.hasSuffix("."))
          } else {
            legal += 1
            var encoded: [UInt8] = []
            try options.encode(for: frame, into: &encoded)
            #expect(try decode(encoded, frame) == options)
          }
        }
      }
    }
    #expect(legal > 100)
  }
}
