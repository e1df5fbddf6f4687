import ChatWire
import TestSupport
import Testing

/// The classic handshake as our server does it (PROTOCOL.md 9.2, CLASSIC.md section 4).
@Suite struct ClassicServerHandshakeTests {
  private func end(_ bench: ClassicServerBench) -> ClassicServerEnd? {
    guard case .ended(let end)? = bench.takeSaid().last else { return nil }
    return end
  }

  /// The parameters in force with a SYN of this payload; nil if the session ended.
  private func opened(
    _ json: String, _ configuration: ClassicServerConfiguration = ClassicServerConfiguration()
  ) -> ClassicParameterSet? {
    let bench = ClassicServerBench(configuration)
    bench.receive(ClassicSample(.syn, json))
    guard case .opening(let parameters)? = bench.takeSaid().first else { return nil }
    return parameters
  }

  @Test func `a SYN is answered in the words of the original server`() {
    let bench = ClassicServerBench()
    bench.receive(.syn)
    #expect(
      bench.takeSaid() == [
        .opening(ClassicParameterSet(mode: .goBackN, window: 4, fragmentCharacters: 3))
      ])
    #expect(
      bench.takeWritten() == [
        ClassicSample(
          .ack,
          #"{"status": "ok", "protocol": "gbn", "max_fragment_size": 3, "window_size": 4, "#
            + #""session_id": "20ccd443", "message": "SYN-ACK: Parameters accepted"}"#)
      ])
    #expect(bench.session.state == .awaitingHandshakeAck)
    bench.receive(.handshakeAck)
    #expect(bench.takeSaid() == [.established])
    #expect(bench.takeWritten() == [])
    #expect(bench.session.state == .established)
  }

  @Test func `mode and window are echoed if they are legal and else replaced`() {
    #expect(opened(#"{"protocol": "sr", "window_size": 16384}"#)?.mode == .selectiveRepeat)
    #expect(opened(#"{"protocol": "sr", "window_size": 16384}"#)?.window == 16_384)
    for window in ["0", "16385", "-1", "1.0", "\"4\"", "1e400", "null", "NaN"] {
      #expect(opened(#"{"window_size": \#(window)}"#)?.window == 4, "\(window)")
    }
    for mode in ["\"tcp\"", "5", "null", "[]", "\"GBN\""] {
      #expect(opened(#"{"protocol": \#(mode)}"#)?.mode == .goBackN, "\(mode)")
    }
  }

  @Test func `a missing key takes the server's own value`() {
    var configuration = ClassicServerConfiguration()
    configuration.parameters = ClassicParameterSet(
      mode: .selectiveRepeat, window: 9, fragmentCharacters: 80)
    #expect(opened("{}", configuration) == configuration.parameters)
  }

  @Test func `the fragment size is the smaller of both and at least 1`() {
    var configuration = ClassicServerConfiguration()
    configuration.parameters.fragmentCharacters = 100
    let cases = [
      ("3", 3), ("100", 100), ("101", 100), ("0", 1), ("-7", 1), ("2.9", 2), ("0.5", 1),
      ("NaN", 100),
      ("Infinity", 100), ("-Infinity", 1), ("1e999", 100), ("true", 1), ("65536", 100),
    ]
    for (size, expected) in cases {
      #expect(
        opened(#"{"max_fragment_size": \#(size)}"#, configuration)?.fragmentCharacters == expected,
        "\(size)")
    }
    #expect(opened(#"{"max_fragment_size": 1e9}"#)?.fragmentCharacters == 65_535)
  }

  @Test func `a fragment of the widest characters is a legal frame`() {
    var configuration = ClassicServerConfiguration()
    configuration.messageByteCountMax = 1_000
    #expect(opened(#"{"max_fragment_size": 900}"#, configuration)?.fragmentCharacters == 250)
  }

  @Test(arguments: [
    "", "5", "[]", "{", "{}x", #"{"max_fragment_size": "3"}"#, #"{"max_fragment_size": null}"#,
    #"{"a": 01}"#, String(repeating: "[", count: 40),
  ])
  func `a SYN that cannot be used closes`(_ json: String) {
    let bench = ClassicServerBench()
    bench.receive(ClassicSample(.syn, json))
    guard case .badHandshake? = end(bench) else {
      Issue.record("it did not close")
      return
    }
    #expect(bench.takeWritten() == [])
  }

  @Test func `JSON is read to a depth of 32 and the last of duplicate keys wins`() {
    let deep = String(repeating: "[", count: 31) + String(repeating: "]", count: 31)
    #expect(opened(#"{"x": \#(deep)}"#) != nil)
    #expect(opened(#"{"x": [\#(deep)]}"#) == nil)
    #expect(
      opened(#"{"max_fragment_size": "no", "max_fragment_size": 7}"#)?.fragmentCharacters == 7)
  }

  @Test func `HANDSHAKE_ACK is any JSON and must be JSON`() {
    for json in ["5", "null", "[]", #"{"session_id": "wrong"}"#] {
      let bench = ClassicServerBench()
      bench.receive(.syn, ClassicSample(.handshakeAck, json))
      #expect(bench.session.state == .established, "\(json)")
    }
    for json in ["", "x", "{}{}"] {
      let bench = ClassicServerBench()
      bench.receive(.syn, ClassicSample(.handshakeAck, json))
      guard case .badHandshake? = end(bench) else {
        Issue.record("\(json) did not close")
        continue
      }
    }
  }

  @Test func `a frame of the wrong type closes the handshake`() {
    for sample in [
      ClassicSample.data("x"), .handshakeAck, .listRequest, .disconnect, .channel(loss: 1),
      ClassicSample(ClassicType(rawValue: 10)),
    ] {
      let bench = ClassicServerBench()
      bench.receive(sample)
      #expect(end(bench) == .unexpectedType(sample.type))
    }
    for sample in [ClassicSample.data("x"), .syn, .listRequest] {
      let bench = ClassicServerBench()
      bench.receive(.syn, sample)
      #expect(end(bench) == .unexpectedType(sample.type))
    }
  }

  @Test func `a damaged frame closes the handshake without a word`() {
    var bench = ClassicServerBench()
    bench.receive(bytes: ClassicSample.syn.bytes.damaged)
    #expect(end(bench) == .damagedHandshake)
    #expect(bench.takeWritten() == [])
    bench = ClassicServerBench()
    bench.receive(.syn)
    bench.receive(bytes: ClassicSample.handshakeAck.bytes.damaged)
    #expect(end(bench) == .damagedHandshake)
  }

  @Test func `a frame above 4 KiB closes the handshake as soon as its header is there`() {
    let padding = String(repeating: " ", count: 4_096 - 2)
    var bench = ClassicServerBench()
    bench.receive(ClassicSample(.syn, "{}" + padding))
    #expect(bench.session.state == .awaitingHandshakeAck)
    bench = ClassicServerBench()
    bench.receive(bytes: Array(ClassicSample(.syn, "{} " + padding).bytes[..<12]))
    #expect(end(bench) == .frameTooLong(byteCount: 4_097, limit: 4_096))
  }

  @Test func `a handshake may take 10 seconds`() {
    for samples in [[], [ClassicSample.syn]] {
      let bench = ClassicServerBench()
      for sample in samples { bench.receive(sample) }
      bench.pass(.milliseconds(9_999))
      #expect(bench.session.state != .ended(.handshakeTimeout))
      #expect(bench.deadline == Instant.zero.advanced(by: .seconds(10)))
      bench.pass(.milliseconds(1))
      #expect(end(bench) == .handshakeTimeout)
    }
    // Also while the application does not answer.
    var bench = ClassicServerBench()
    bench.answers = false
    bench.receive(.syn)
    bench.pass(.seconds(10))
    #expect(end(bench) == .handshakeTimeout)
    // And never later.
    bench = .established()
    bench.pass(.seconds(1_000))
    #expect(bench.session.state == .established)
  }

  @Test func `what arrives in time is taken even if it is looked at late`() {
    let bench = ClassicServerBench()
    bench.receive(.syn)
    bench.session.receive(ClassicSample.handshakeAck.bytes.span.bytes)
    bench.now = Instant.zero.advanced(by: .seconds(11))
    bench.settle()
    #expect(bench.session.state == .established)
  }

  @Test func `SYN, HANDSHAKE_ACK and DATA in one read are all taken`() {
    let bench = ClassicServerBench()
    bench.receive(
      bytes: ClassicSample.syn.bytes + ClassicSample.handshakeAck.bytes
        + ClassicSample.data("hi").bytes)
    #expect(bench.takeWritten().map(\.type) == [.ack, .ack])
    #expect(bench.takeTexts() == ["hi"])
  }

  @Test func `a refusal is a status that original clients print`() {
    let bench = ClassicServerBench()
    bench.answers = false
    bench.receive(.syn)
    bench.session.refuse("The room is full.")
    bench.settle()
    #expect(
      bench.takeWritten() == [
        ClassicSample(.ack, #"{"status": "error", "message": "The room is full."}"#)
      ])
    #expect(end(bench) == .refused)
  }

  @Test func `a session is named by the digest of address and host`() {
    // The MD5 of "abc" and of "a".
    #expect(ClassicServerSession.sessionID(peer: "a", host: "bc") == "90015098")
    #expect(ClassicServerSession.sessionID(peer: "a", host: "") == "0cc175b9")
  }

  @Test func `members that have not finished the handshake get nothing`() {
    let bench = ClassicServerBench()
    bench.session.broadcast(name: "ana", text: "early")
    bench.receive(.syn)
    bench.session.broadcast(name: "ana", text: "still early")
    bench.receive(.handshakeAck)
    bench.session.broadcast(name: "ana", text: "now")
    bench.settle()
    #expect(bench.takeWritten().map(\.text).dropFirst() == ["[ana] now"])
  }
}
