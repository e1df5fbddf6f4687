import ChatTrace
import ChatWire
import Foundation
import Testing

@Suite("NDJSON") struct RenderNDJSONTests {
  private func line(
    _ event: TraceEvent, payload: [UInt8] = [], includesPayload: Bool = false
  ) -> String {
    var renderer = NDJSONRenderer(includesPayload: includesPayload)
    var output: [UInt8] = []
    renderer.render(event, payload: payload.span.bytes, into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private func object(_ line: String) throws -> [String: Any] {
    let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
    return try #require(parsed as? [String: Any])
  }

  @Test func `a frame with nothing known has only its header`() {
    var event = TraceEvent()
    event.frame = 1
    event.typeCode = 4
    let expected =
      #"{"schema_version":1,"kind":"frame","frame":1,"stream":0,"leg":"wire","direction":"c2s","#
      + #""dialect":"native","type":"DATA","type_code":4,"sequence":0,"length":0,"flags":0,"#
      + #""last":false,"retransmission":false,"checksum":"good","offset":0,"disposition":"seen"}"#
    #expect(line(event) == expected + "\n")
  }

  @Test func `a frame with everything known has every key in the order of the contract`() {
    var event = RenderSamples.frame(12, 1, .serverToClient, .ack, 17)
    event.stream = 3
    event.leg = .server
    event.length = 4
    event.flags = 3
    event.last = true
    event.retransmission = true
    event.checksum = .unverified
    event.offset = 99
    (event.message, event.fragment, event.fragments, event.attempt) = (7, 2, 3, 1)
    event.text = "oi"
    event.disposition = .forwarded
    event.sender = SenderWindow(base: 1, next: 2, inFlight: 1, window: 16)
    event.receiver = ReceiverWindow(nextExpected: 5, window: 16, buffered: 2)
    event.nextExpected = 18
    event.advertisedWindow = 16
    event.code = 4
    event.reason = "because"
    event.nickname = "ana"
    event.options = [Option("window", .number(4)), Option("session", .bytes([0xAB, 0x01]))]
    let expected =
      #"{"schema_version":1,"kind":"frame","frame":12,"time":"1700000000.000001000","stream":3,"#
      + #""leg":"server","direction":"s2c","dialect":"native","type":"ACK","type_code":2,"#
      + #""sequence":17,"length":4,"flags":3,"last":true,"retransmission":true,"#
      + #""checksum":"unverified","offset":99,"payload_hex":"001fabff10","message":7,"#
      + #""fragment":2,"fragments":3,"attempt":1,"text":"oi","disposition":"forwarded","#
      + #""sender":{"base":1,"next":2,"in_flight":1,"window":16},"#
      + #""receiver":{"next_expected":5,"window":16,"buffered":2},"next_expected":18,"#
      + #""advertised_window":16,"code":4,"reason":"because","nickname":"ana","#
      + #""options":{"window":4,"session":"ab01"}}"#
    #expect(
      line(event, payload: [0, 0x1F, 0xAB, 0xFF, 0x10], includesPayload: true) == expected + "\n")
  }

  @Test func `a window that is not known is absent`() {
    var event = TraceEvent()
    event.sender = SenderWindow(base: 1, next: 2, inFlight: 1, window: nil)
    #expect(line(event).hasSuffix(#""sender":{"base":1,"next":2,"in_flight":1}}"# + "\n"))
  }

  @Test func `TCP events name both ends as far as they are known`() {
    var tcp = RenderSamples.record(.tcp, 0) {
      $0.tcpEvent = .open
      $0.client = "127.0.0.1:1"
      $0.server = "[::1]:2"
    }
    let opened =
      #"{"schema_version":1,"kind":"tcp","time":"1700000000.000000000","stream":0,"#
      + #""event":"open","client":"127.0.0.1:1","server":"[::1]:2"}"#
    #expect(line(tcp) == opened + "\n")
    tcp.time = nil
    tcp.tcpEvent = .reset
    (tcp.client, tcp.server) = (nil, nil)
    #expect(line(tcp) == #"{"schema_version":1,"kind":"tcp","stream":0,"event":"reset"}"# + "\n")
  }

  @Test func `gaps and junk have a length, and junk the header where framing was lost`() {
    var hole = TraceEvent()
    hole.kind = .gap
    hole.direction = .serverToClient
    hole.length = 611
    hole.offset = 81
    let begin = #"{"schema_version":1,"kind":"#
    let end = #""length":611,"offset":81}"# + "\n"
    #expect(line(hole) == begin + #""gap","stream":0,"direction":"s2c","# + end)
    hole.kind = .junk
    hole.typeCode = 4
    hole.sequence = 17
    #expect(line(hole) == begin + #""junk","stream":0,"direction":"s2c","# + end)
    hole.code = 1
    let lost = #""junk","stream":0,"direction":"s2c","type_code":4,"sequence":17,"#
    #expect(line(hole) == begin + lost + end)
  }

  @Test func `faults name the rule, sessions what is known of them`() {
    var fault = TraceEvent()
    fault.kind = .fault
    fault.frame = 9
    fault.rule = "drop 10%"
    fault.action = "drop"
    let faulted =
      #"{"schema_version":1,"kind":"fault","frame":9,"stream":0,"rule":"drop 10%","#
      + #""action":"drop","direction":"c2s"}"#
    #expect(line(fault) == faulted + "\n")

    var session = TraceEvent()
    session.kind = .session
    session.state = .established
    session.mode = .selectiveRepeat
    session.window = 8
    session.fragmentSize = 32
    let established =
      #"{"schema_version":1,"kind":"session","stream":0,"state":"established","mode":"sr","#
      + #""window":8,"fragment":32}"#
    #expect(line(session) == established + "\n")
    session = TraceEvent()
    session.kind = .session
    session.end = .unconfirmed
    let ended = #"{"schema_version":1,"kind":"session","stream":0,"end":"unconfirmed"}"#
    #expect(line(session) == ended + "\n")
  }

  @Test func `the summary lists the ledger of every stream and has the time of the last record`() {
    var renderer = NDJSONRenderer(includesPayload: false)
    var output: [UInt8] = []
    renderer.render(RenderSamples.record(.gap, 5) { _ in }, payload: RawSpan(), into: &output)
    output.removeAll()
    renderer.render(RenderSamples.summary, into: &output)
    let expected =
      #"{"schema_version":1,"kind":"summary","time":"1700000000.000005000","packets":25,"#
      + #""other_streams":1,"streams":[{"stream":0,"verdict":"inconclusive","c2s":{"bytes":203,"#
      + #""frame_bytes":166,"gap_bytes":0,"junk_bytes":37,"undecided_bytes":0},"#
      + #""s2c":{"bytes":1026,"frame_bytes":405,"gap_bytes":611,"junk_bytes":0,"#
      + #""undecided_bytes":10}}]}"#
    #expect(String(decoding: output, as: UTF8.self) == expected + "\n")
    output.removeAll()
    var fresh = NDJSONRenderer(includesPayload: false)
    fresh.render(TraceSummary(), into: &output)
    let empty =
      #"{"schema_version":1,"kind":"summary","packets":0,"other_streams":0,"streams":[]}"#
    #expect(String(decoding: output, as: UTF8.self) == empty + "\n")
  }

  @Test(arguments: [
    (0, "0.000000000"), (1, "0.000000001"), (-1, "-0.000000001"), (999_999_999, "0.999999999"),
    (-1_500_000_000, "-1.500000000"), (100_000_000_000_000_000, "100000000.000000000"),
    (Int64.max, "9223372036.854775807"), (Int64.min, "-9223372036.854775808"),
  ])
  func `times are decimal seconds with nine digits`(_ nanoseconds: Int64, _ text: String) {
    var event = TraceEvent()
    event.time = TraceTime(nanoseconds: nanoseconds)
    #expect(line(event).contains(#","time":"\#(text)","#))
  }

  @Test(arguments: [
    0, 9, 10, 99, 100, 12_345, 9_999_999, 99_999_999, 100_000_000, 123_456_789_012,
    9_007_199_254_740_991,
  ])
  func `integers up to 2^53-1 are numbers`(_ value: UInt64) {
    var event = TraceEvent()
    event.offset = value
    #expect(line(event).contains(#""offset":\#(value),"#))
  }

  @Test(arguments: [9_007_199_254_740_992, 10_000_000_000_000_000_000, UInt64.max])
  func `integers beyond 2^53-1 are strings`(_ value: UInt64) {
    var event = TraceEvent()
    event.offset = value
    #expect(line(event).contains(#""offset":"\#(value)","#))
  }

  @Test func `options are an object in which the last of equal names wins`() {
    var event = TraceEvent()
    event.options = [
      Option("a", .number(1)), Option("b", .decimal("0.50")), Option("a", .boolean(true)),
      Option("e\u{301}", .text("x")), Option("\u{E9}", .text("y")),
      Option("big", .number(Int64.min)), Option("c", .json("{\"k\": [1, null]}")),
      Option("d", .json("{\"k\":\n1}")), Option("f", .decimal("NaN")), Option("g", .bytes([])),
    ]
    let expected =
      #","options":{"b":0.50,"a":true,"e\#u{301}":"x","\#u{E9}":"y","big":"-9223372036854775808","#
      + #""c":{"k": [1, null]},"d":"{\"k\":\n1}","f":"NaN","g":""}}"# + "\n"
    #expect(line(event).utf8.suffix(expected.utf8.count).elementsEqual(expected.utf8))
  }

  @Test func `a note has its identity, its sentence and its causes`() throws {
    let id = try #require(NoteID.allCases.first)
    let note = Note(id, because: FrameList(12, 14), 1, 2)
    for kind in [TraceEvent.Kind.frame, .session] {
      var event = TraceEvent()
      event.kind = kind
      event.notes = [note, Note(id)]
      let notes = try #require(try object(line(event))["notes"] as? [[String: Any]])
      #expect(notes.count == 2)
      #expect(notes[0]["id"] as? String == id.name)
      #expect(notes[0]["severity"] as? String == id.severity.name)
      #expect(notes[0]["text"] as? String == note.text)
      #expect(notes[0]["because"] as? [Int] == [12, 14])
      #expect(notes[0]["section"] as? String == id.section)
      #expect(notes[1]["because"] as? [Int] == [])
      event.notes = []
      #expect(try object(line(event))["notes"] == nil)
    }
  }

  @Test func `payloads are lower-case hexadecimal at every length`() throws {
    for count in 0..<40 {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 250) }
      let digits = payload.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      let fields = try object(line(TraceEvent(), payload: payload, includesPayload: true))
      #expect(fields["payload_hex"] as? String == digits.joined())
      #expect(try object(line(TraceEvent(), payload: payload))["payload_hex"] == nil)
    }
  }

  @Test(arguments: RenderSamples.hostile)
  func `a hostile text comes back as it was, and not a byte of it acts`(_ text: String) throws {
    var event = TraceEvent()
    event.text = text
    let line = line(event)
    #expect(line.hasSuffix("\n"))
    for scalar in line.unicodeScalars.dropLast() {
      #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value))
      #expect(![0x2028, 0x2029, 0x202E, 0x2066].contains(scalar.value))
    }
    let found = try #require(try object(line)["text"] as? String)
    #expect(Array(found.unicodeScalars) == Array(text.unicodeScalars))
  }

  /// The keys that docs/TRACE.md lists.
  private static let keys: Set<String> = [
    "schema_version", "kind", "frame", "time", "stream", "leg", "direction", "dialect", "type",
    "type_code", "sequence", "length", "flags", "last", "retransmission", "checksum", "offset",
    "payload_hex", "message", "fragment", "fragments", "attempt", "text", "disposition", "sender",
    "receiver", "notes", "next_expected", "advertised_window", "code", "reason", "nickname",
    "options", "event", "client", "server", "rule", "action", "state", "mode", "window", "end",
  ]

  @Test func `random records are valid JSON with the keys of the contract and no null`() throws {
    var random = RenderRandom(seed: 1)
    for _ in 0..<2_000 {
      let event = random.event()
      let line = line(event, payload: [1, 2, 3], includesPayload: random.flip())
      #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
      let fields = try object(line)
      #expect(Self.keys.isSuperset(of: fields.keys))
      #expect(fields["schema_version"] as? Int == 1)
      #expect(fields["stream"] != nil)
      #expect((fields["time"] == nil) == (event.time == nil))
      for (key, value) in fields { #expect(!(value is NSNull), "\(key)") }
      #expect((fields["type"] != nil) == (event.kind == .frame))
      let hasNotes = !event.notes.isEmpty && [.frame, .fault, .session].contains(event.kind)
      #expect((fields["notes"] != nil) == hasNotes)
      guard event.kind == .frame else { continue }
      #expect(fields["text"] as? String == event.text)
      #expect((fields["options"] != nil) == !event.options.isEmpty)
    }
  }

  @Test func `the longest lines there can be fit the room set aside`() throws {
    var event = RenderSamples.longest
    for kind in [TraceEvent.Kind.frame, .tcp, .gap, .junk, .fault, .session] {
      event.kind = kind
      event.code = kind == .junk ? 1 : .max
      #expect(try object(line(event))["stream"] as? Int == .max)
    }
    var renderer = NDJSONRenderer(includesPayload: false)
    var output: [UInt8] = []
    renderer.render(RenderSamples.longestSummary, at: event.time, into: &output)
    #expect(
      try object(String(decoding: output, as: UTF8.self))["packets"] as? String
        == "18446744073709551615")
  }
}
