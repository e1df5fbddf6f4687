import ChatWire
import TestSupport
import Testing

@Suite struct ClassicPayloadTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func written(_ encode: (inout [UInt8]) -> Void) -> String {
    var output: [UInt8] = []
    encode(&output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Payloads made by the original programs, with the checksum that their header carries.
  @Test(arguments: [
    (#"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#, 0x81A7_D400),
    (#"{"session_id": "deadbeef", "message": "Connection established"}"#, 0x6AFC_5CAE),
    ("Hel", 0x6B6E_667A), ("lo", 0x7CE8_636C), ("", 0xD41D_8CD9), ("é✓😀", 0x216A_30F2),
    ("[ana] Hello", 0xAFFF_295A), ("ACK for seq 0", 0x0F05_00F5),
    ("ACK for seq 65535", 0xA97E_0B3F), ("NACK for seq 7", 0xC1E8_8467),
    ("Disconnect", 0x42AE_2523), ("Disconnect ACK", 0x3E99_5038), ("ana", 0x276B_6C46),
    ("NICK OK: ana", 0x3201_AABB), ("{}", 0x9991_4B93),
    (#"["ana", "127.0.0.1:40000", "\u00e9"]"#, 0x2B11_DAA5),
    (
      #"{"type": "channel_config", "loss_prob": 0.0, "corruption_prob": 1.0, "#
        + #""delay_prob": 0.0, "delay_time": 0.0}"#, 0x0046_9B5A
    ),
  ])
  func `payloads of the original programs have their checksum`(_ pair: (String, UInt32)) {
    #expect(classicChecksum(of: bytes(pair.0).span.bytes) == pair.1)
  }

  @Test func `what is written is what the original programs write`() {
    #expect(
      written { ClassicSYN.encode(mode: .goBackN, fragmentCharacters: 3, window: 4, into: &$0) }
        == #"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#)
    #expect(
      written {
        ClassicSYNACK.encode(
          mode: .goBackN, fragmentCharacters: 3, window: 4, sessionID: "20ccd443", into: &$0)
      }
        == #"{"status": "ok", "protocol": "gbn", "max_fragment_size": 3, "window_size": 4, "#
        + #""session_id": "20ccd443", "message": "SYN-ACK: Parameters accepted"}"#)
    #expect(
      written { ClassicHandshakeAck.encode(sessionID: "deadbeef", into: &$0) }
        == #"{"session_id": "deadbeef", "message": "Connection established"}"#)
    var config = ClassicChannelConfig()
    config.corruptionProbability = 1
    #expect(
      written { config.encode(into: &$0) }
        == #"{"type": "channel_config", "loss_prob": 0.0, "corruption_prob": 1.0, "#
        + #""delay_prob": 0.0, "delay_time": 0.0}"#)
    #expect(
      written { ClassicRoster(names: ["ana", "127.0.0.1:40000", "é"]).encode(into: &$0) }
        == #"["ana", "127.0.0.1:40000", "\u00e9"]"#)
    #expect(
      written { ClassicAcknowledgement.encodeFragment(sequence: 65535, into: &$0) }
        == "ACK for seq 65535")
    #expect(
      written { ClassicAcknowledgement.encodeNickname("ana", into: &$0) } == "NICK OK: ana")
    #expect(written { ClassicAcknowledgement.encodeDisconnect(into: &$0) } == "Disconnect ACK")
    #expect(written { ClassicNack.encode(sequence: 7, into: &$0) } == "NACK for seq 7")
    #expect(
      written { ClassicBroadcast(name: "ana", text: "Hello").encode(into: &$0) } == "[ana] Hello")
  }

  // MARK: handshake

  private func syn(_ text: String) throws -> ClassicParameters {
    try ClassicSYN(decoding: bytes(text).span.bytes).parameters
  }

  @Test func `a SYN states mode, fragment size and window`() throws {
    let asked = try syn(#"{"protocol": "sr", "max_fragment_size": 3, "window_size": 4, "x": 1}"#)
    #expect(asked.arqMode == .selectiveRepeat)
    #expect(asked.fragmentCharacters == 3)
    #expect(asked.window == 4)
    #expect(asked.json["x"] == .number(JSONNumber(1)))
  }

  @Test func `a SYN may leave everything out or ask for nonsense`() throws {
    let empty = try syn("{}")
    #expect(empty.arqMode == nil && empty.fragmentCharacters == nil && empty.window == nil)
    let nonsense = try syn(#"{"protocol": 5, "window_size": "huge"}"#)
    #expect(nonsense.arqMode == nil && nonsense.window == nil)
    #expect(try syn(#"{"window_size": 0}"#).window == nil)
    #expect(try syn(#"{"window_size": 16384}"#).window == 16_384)
    #expect(try syn(#"{"window_size": 16385}"#).window == nil)
    #expect(try syn(#"{"window_size": 4.0}"#).window == nil)
  }

  @Test(arguments: [
    ("3", 3), ("2.9", 2), ("0.5", 1), ("0", 1), ("-7", 1), ("1e9", 65_535), ("65535", 65_535),
    ("65534.9", 65_534), ("NaN", 65_535), ("Infinity", 65_535), ("-Infinity", 1), ("true", 1),
    ("false", 1), ("99999999999999999999999", 65_535), ("-1e400", 1),
  ])
  func `a fragment size is rounded down and clamped`(_ pair: (String, Int)) throws {
    #expect(try syn("{\"max_fragment_size\": \(pair.0)}").fragmentCharacters == pair.1)
  }

  @Test(arguments: ["\"3\"", "null", "[3]", "{}"])
  func `a fragment size that cannot be compared closes the connection`(_ value: String) {
    #expect(throws: ClassicPayloadError.wrongType(key: "max_fragment_size")) {
      _ = try self.syn("{\"max_fragment_size\": \(value)}")
    }
  }

  @Test func `a SYN must be an object, a HANDSHAKE_ACK any JSON`() throws {
    #expect(throws: ClassicPayloadError.notAnObject) { _ = try self.syn("5") }
    #expect(throws: ClassicPayloadError.json(.unexpectedEnd)) { _ = try self.syn("") }
    #expect(try ClassicHandshakeAck(decoding: bytes("5").span.bytes).sessionID == nil)
    #expect(
      try ClassicHandshakeAck(decoding: bytes(#"{"session_id": "20"}"#).span.bytes).sessionID
        == "20")
    #expect(throws: ClassicPayloadError.json(.unexpectedEnd)) {
      _ = try ClassicHandshakeAck(decoding: self.bytes("").span.bytes)
    }
  }

  // MARK: answers

  @Test func `an ACK is one of four things, told apart by its text`() {
    func read(_ text: String) -> ClassicAcknowledgement {
      ClassicAcknowledgement(decoding: bytes(text).span.bytes)
    }
    #expect(read("ACK for seq 0") == .fragment(sequence: 0))
    #expect(read("ACK for seq 65535") == .fragment(sequence: 65535))
    #expect(read("NICK OK: ana b") == .nickname("ana b"))
    #expect(read("NICK OK: ") == .nickname(""))
    #expect(read("Disconnect ACK") == .disconnect)
    for other in [
      "", "ACK for seq", "ACK for seq ", "ACK for seq 65536", "ACK for seq 99999999999999999999",
      "ACK for seq 01", "ACK for seq 1x", "ACK for seq -1", "Disconnect ACK!", "NICK OK:", "{}",
      "[]", #"{"status": 1}"#,
    ] {
      #expect(read(other) == .other, "\(other)")
    }
    #expect(ClassicAcknowledgement(decoding: (bytes("NICK OK: ") + [0xFF]).span.bytes) == .other)
    guard
      case .handshake(let answer) = read(
        #"{"status": "ok", "protocol": "sr", "max_fragment_size": 2, "window_size": 8, "#
          + #""session_id": "20ccd443", "message": "SYN-ACK: Parameters accepted"}"#)
    else {
      Issue.record("the answer to a SYN is not recognised")
      return
    }
    #expect(answer.isAccepted && answer.sessionID == "20ccd443")
    #expect(answer.message == "SYN-ACK: Parameters accepted")
    #expect(answer.parameters.arqMode == .selectiveRepeat)
    #expect(answer.parameters.fragmentCharacters == 2 && answer.parameters.window == 8)
    guard case .handshake(let refusal) = read(#"{"status": "no", "message": "full"}"#) else {
      Issue.record("a refusal is not recognised")
      return
    }
    #expect(!refusal.isAccepted && refusal.message == "full")
  }

  @Test func `a NACK names the fragment`() {
    #expect(ClassicNack.sequence(of: bytes("NACK for seq 7").span.bytes) == 7)
    #expect(ClassicNack.sequence(of: bytes("NACK for seq 70000").span.bytes) == nil)
    #expect(ClassicNack.sequence(of: bytes("ACK for seq 7").span.bytes) == nil)
  }

  @Test func `a list is an array of names`() throws {
    let list = try ClassicRoster(decoding: bytes(#"["ana", "\u00e9", ""]"#).span.bytes)
    #expect(list.names == ["ana", "é", ""])
    for wrong in ["{}", "[1]", "\"ana\""] {
      #expect(throws: ClassicPayloadError.notAListOfNames) {
        _ = try ClassicRoster(decoding: self.bytes(wrong).span.bytes)
      }
    }
  }

  @Test func `a broadcast is cut at the end of its first name`() {
    func read(_ text: String) -> ClassicBroadcast? {
      ClassicBroadcast(decoding: bytes(text).span.bytes)
    }
    #expect(read("[ana] Hello") == ClassicBroadcast(name: "ana", text: "Hello"))
    #expect(read("[127.0.0.1:4] ") == ClassicBroadcast(name: "127.0.0.1:4", text: ""))
    #expect(read("[] x") == ClassicBroadcast(name: "", text: "x"))
    #expect(read("[zé] x\ny] hey") == ClassicBroadcast(name: "zé", text: "x\ny] hey"))
    #expect(read("[[a]] b") == ClassicBroadcast(name: "[a]", text: "b"))
    for wrong in ["", "[", "[]", "[a]", "[a]b", "ana] x", " [a] x"] { #expect(read(wrong) == nil) }
    #expect(ClassicBroadcast(decoding: (bytes("[a] ") + [0xFF]).span.bytes) == nil)
    #expect(ClassicBroadcast.Layout((bytes("[a] ") + [0xFF]).span.bytes)?.text == 4..<5)
  }

  @Test func `a nickname loses the white space around it`() {
    func requested(_ text: String) -> String? {
      ClassicNickname.requested(by: bytes(text).span.bytes)
    }
    #expect(requested("\u{1F}\u{A0} ana b \r\n\u{3000}") == "ana b")
    #expect(requested(" \n") == "")
    #expect(ClassicNickname.requested(by: ([0xFF] as [UInt8]).span.bytes) == nil)
  }

  @Test func `hostile payloads are read or refused`() {
    let samples = [
      #"{"status": "ok", "protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#,
      #"{"loss_prob": "0.5", "corruption_prob": true, "delay_prob": 1e0, "delay_time": 2}"#,
      #"["ana", "127.0.0.1:40000", "\u00e9"]"#, "ACK for seq 65535", "NICK OK: ana",
      "Disconnect ACK", "NACK for seq 7", "[ana] Hello [b] é", " ana\u{3000}",
    ]
    var hostile = HostileBytes(seed: 10)
    for sample in samples {
      let whole = bytes(sample)
      for bytes in HostileBytes.cuts(of: whole)
        + (0..<500).map({ _ in hostile.mutation(of: whole) })
      {
        if let asked = try? ClassicSYN(decoding: bytes.span.bytes).parameters {
          #expect(asked.fragmentCharacters.map { 1...65_535 ~= $0 } ?? true)
          #expect(asked.window.map { 1...16_384 ~= $0 } ?? true)
        }
        if let config = try? ClassicChannelConfig(decoding: bytes.span.bytes) {
          #expect(0...1 ~= config.lossProbability && config.delaySeconds >= 0)
        }
        if case .fragment(let sequence) = ClassicAcknowledgement(decoding: bytes.span.bytes) {
          #expect(bytes == self.bytes("ACK for seq \(sequence)"))
        }
        if let sequence = ClassicNack.sequence(of: bytes.span.bytes) {
          #expect(bytes == self.bytes("NACK for seq \(sequence)"))
        }
        if let list = try? ClassicRoster(decoding: bytes.span.bytes) {
          #expect(list.names.count <= bytes.count / 3)
        }
        if let broadcast = ClassicBroadcast(decoding: bytes.span.bytes) {
          #expect(self.bytes(written { broadcast.encode(into: &$0) }) == bytes)
        }
        let nickname = ClassicNickname.requested(by: bytes.span.bytes)
        #expect((nickname?.utf8.count ?? 0) <= bytes.count)
      }
    }
  }
}
