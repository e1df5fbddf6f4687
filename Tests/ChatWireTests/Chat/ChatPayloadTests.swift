import ChatWire
import TestSupport
import Testing

@Suite struct ChatPayloadTests {
  @Test func `every broadcast vector is read and written back, or rejected`() throws {
    for vector in try PayloadVectors.load().broadcast {
      let bytes = try hexBytes(vector.hex)
      guard vector.valid else {
        #expect(throws: Broadcast.Violation.self, "\(vector.name)") {
          _ = try Broadcast(decoding: bytes.span.bytes)
        }
        continue
      }
      let broadcast = try Broadcast(decoding: bytes.span.bytes)
      #expect(broadcast.sentAtMilliseconds == vector.sentAt, "\(vector.name)")
      #expect(sameScalars(broadcast.nickname, vector.nickname), "\(vector.name)")
      #expect(sameScalars(broadcast.text, vector.text), "\(vector.name)")
      var encoded: [UInt8] = []
      #expect(broadcast.encode(into: &encoded))
      #expect(encoded == bytes, "\(vector.name)")
    }
  }

  @Test func `every roster vector is read and written back, or rejected`() throws {
    for vector in try PayloadVectors.load().roster {
      let bytes = try hexBytes(vector.hex)
      guard vector.valid else {
        #expect(throws: Roster.Violation.self, "\(vector.name)") {
          _ = try Roster(decoding: bytes.span.bytes)
        }
        continue
      }
      let roster = try Roster(decoding: bytes.span.bytes)
      let expected = try #require(vector.entries).map {
        Roster.Entry(
          nickname: $0.nickname, mode: $0.mode, window: $0.window, fragment: $0.fragment,
          connectedSeconds: $0.connectedSeconds, flags: $0.flags)
      }
      #expect(roster.entries == expected, "\(vector.name)")
      var encoded: [UInt8] = []
      #expect(roster.encode(into: &encoded))
      #expect(encoded == bytes, "\(vector.name)")
    }
  }

  @Test func `the flags and the mode of a roster entry have meanings`() {
    var entry = Roster.Entry(
      nickname: "cl", mode: 1, window: 4, fragment: 3, connectedSeconds: 7, flags: 2)
    #expect(entry.isClassic && !entry.isYou && entry.arqMode == .goBackN)
    entry.flags = 0xFD
    entry.mode = 3
    #expect(!entry.isClassic && entry.isYou && entry.arqMode == nil)
  }

  @Test func `every coded vector is read and written back, or rejected`() throws {
    for vector in try PayloadVectors.load().coded {
      let bytes = try hexBytes(vector.hex)
      guard vector.valid else {
        #expect(throws: CodedText.Violation.self, "\(vector.name)") {
          _ = try CodedText(decoding: bytes.span.bytes)
        }
        continue
      }
      let coded = try CodedText(decoding: bytes.span.bytes)
      #expect(coded.code == vector.code, "\(vector.name)")
      #expect(sameScalars(coded.text, vector.text), "\(vector.name)")
      var encoded: [UInt8] = []
      coded.encode(into: &encoded)
      #expect(encoded == bytes, "\(vector.name)")
    }
  }

  @Test func `every acknowledgement vector is read and written back`() throws {
    for vector in try PayloadVectors.load().ack {
      let bytes = try hexBytes(vector.hex)
      let decoded = AcknowledgementPayload(decoding: bytes.span.bytes)
      let payload = try #require(decoded)
      #expect(payload.nextExpected == SequenceNumber(vector.nextExpected))
      #expect(payload.window == vector.window)
      var encoded: [UInt8] = []
      payload.encode(into: &encoded)
      #expect(encoded == bytes)
      for cut in HostileBytes.cuts(of: bytes + [0]) where cut.count != 4 {
        #expect(AcknowledgementPayload(decoding: cut.span.bytes) == nil)
      }
    }
  }

  @Test func `what does not fit into its length byte is not written`() {
    let long = String(repeating: "n", count: 256)
    var output: [UInt8] = []
    #expect(!Broadcast(sentAtMilliseconds: 0, nickname: long, text: "").encode(into: &output))
    let entry = Roster.Entry(
      nickname: long, mode: 1, window: 1, fragment: 1, connectedSeconds: 0, flags: 0)
    #expect(!Roster(entries: [entry]).encode(into: &output))
    #expect(output.isEmpty)
  }

  @Test func `whatever decodes from hostile bytes is what those bytes say`() throws {
    let vectors = try PayloadVectors.load()
    let samples = try
      (vectors.broadcast.map(\.hex) + vectors.roster.map(\.hex) + vectors.coded.map(\.hex))
      .map(hexBytes)
    var hostile = HostileBytes(seed: 62)
    var decoded = 0
    for sample in samples {
      let bytes =
        HostileBytes.cuts(of: sample) + (0..<200).map { _ in hostile.mutation(of: sample) }
      for bytes in bytes {
        var encoded: [UInt8] = []
        if let broadcast = try? Broadcast(decoding: bytes.span.bytes) {
          #expect(broadcast.encode(into: &encoded) && encoded == bytes)
          decoded += 1
        }
        encoded = []
        if let roster = try? Roster(decoding: bytes.span.bytes) {
          #expect(roster.encode(into: &encoded) && encoded == bytes)
          decoded += 1
        }
        encoded = []
        if let coded = try? CodedText(decoding: bytes.span.bytes) {
          coded.encode(into: &encoded)
          #expect(encoded == bytes)
          #expect(Notice(coded).payload == coded)
          decoded += 1
        }
      }
    }
    #expect(decoded > 1000)
  }

  @Test func `a notice is read by its code`() {
    func notice(_ code: UInt8, _ text: String) -> Notice {
      Notice(CodedText(code: code, text: text))
    }
    #expect(notice(1, "ann") == .joined(nickname: "ann"))
    #expect(notice(2, "ann") == .left(nickname: "ann", reason: nil))
    #expect(notice(2, "ann\ngood\nnight") == .left(nickname: "ann", reason: "good\nnight"))
    #expect(notice(3, "guest-1\nzoë") == .renamed(from: "guest-1", to: "zoë"))
    #expect(notice(3, "guest-1") == .other(code: 3, text: "guest-1"))
    #expect(notice(3, "a\r\nb") == .renamed(from: "a\r", to: "b"))
    #expect(notice(4, "zoë") == .nicknameAccepted("zoë"))
    #expect(notice(5, "No.") == .refused("No."))
    #expect(notice(6, "Bye.") == .shuttingDown("Bye."))
    #expect(notice(7, "") == .welcome(""))
    #expect(notice(8, "x") == .other(code: 8, text: "x"))
  }

  @Test func `the codes have the names of the protocol`() {
    #expect(ErrorCode.framingLost.rawValue == 11 && ErrorCode.framingLost.name == "framing lost")
    #expect(ErrorCode(rawValue: 12).name == "unknown error")
    #expect(NoticeCode.nicknameAccepted.rawValue == 4)
    #expect(NoticeCode(rawValue: 0).name == "unknown notice")
  }

  /// Strings are equal when canonically equivalent; what is carried must not change at all.
  private func sameScalars(_ left: String, _ right: String?) -> Bool {
    right.map { left.utf8.elementsEqual($0.utf8) } ?? false
  }
}
