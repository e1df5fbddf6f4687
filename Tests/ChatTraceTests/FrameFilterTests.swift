import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What display filters know of frames when they arrive.
@Suite("Filters of arriving frames") struct FrameFilterTests {
  private func refusal(_ filter: String) -> FilterError? {
    do throws(FilterError) {
      _ = try FrameFilter(filter, matcher: testMatcher)
      return nil
    } catch {
      return error
    }
  }

  // MARK: fields

  @Test func `fields that only the whole trace knows are refused`() {
    let known: Set<String> = [
      "schema_version", "kind", "stream", "leg", "direction", "dialect", "type", "type_code",
      "sequence", "length", "flags", "last", "retransmission", "checksum", "payload_hex", "message",
      "fragment", "attempt", "text", "code", "reason", "nickname", "next_expected",
      "advertised_window", "window", "options", "chat", "ack", "checksum.status",
    ]
    for description in Fields.all {
      let name = description.name
      let isKnown =
        known.contains(name) || name.hasPrefix("options.") || description.group == .types
      for spelling in [name, "chat." + name] + description.aliases {
        let error = refusal("not \(spelling)")
        #expect((error == nil) == isKnown, "\(spelling)")
        guard let error else { continue }
        #expect(error.message == "\(spelling) is not known when a frame arrives")
        #expect(error.range == 4..<4 + spelling.utf8.count)
        #expect(error.column == 5)
      }
    }
  }

  @Test(
    "It does not matter where in a filter they stand",
    arguments: [
      "seq == sender.base", "seq in {1, 2} or offset > 3", "text contains rule",
      "all notes.because > 3", "len(notes.text) > 3", "max(seq, frame) > 3",
      "string(time) matches \"1\"", "acked_in == 3", "count(notes) > 1", "analysis.lost_frame",
      "lower(client)[0:3] == \"10.\"", "streams.stream == 3", "mode == gbn",
    ])
  func position(filter: String) {
    #expect(refusal(filter)?.message.hasSuffix(" is not known when a frame arrives") == true)
    #expect((try? Filter(filter, matcher: testMatcher)) != nil)
  }

  @Test func `what is wrong with any filter is wrong with these`() {
    for filter in ["seq = 3", "seq ==", "(seq == 3", "nosuch", "type > DATA", "text matches \"(\""]
    {
      let other: FilterError?
      do throws(FilterError) {
        _ = try Filter(filter, matcher: testMatcher)
        other = nil
      } catch {
        other = error
      }
      let error = refusal(filter)
      #expect(error != nil)
      #expect(error?.range == other?.range)
    }
    #expect(refusal("(seq in {1, 2")?.message == "\"}\" is missing for the \"{\"")
    #expect(refusal("") == nil)
  }

  @Test func `the range of an error is that of the bytes`() throws {
    let filter = "text == \"größer\" and sender.base == 3"
    let error = try #require(refusal(filter))
    #expect(Array(filter.utf8)[error.range] == Array("sender.base".utf8)[...])
    let missing = try #require(refusal("seq == 3 and"))
    #expect(missing.range == 12..<12)
  }

  // MARK: decisions

  @Test(
    "Rules decide as frames were made", arguments: [Dialect.native, .classic])
  func decisions(dialect: Dialect) throws {
    var oracle = FrameFilterOracle(seed: dialect == .native ? 31 : 32)
    let language = FaultFilterLanguage.displayFilter(matcher: testMatcher)
    var counts = (passed: 0, refused: 0)
    for round in 0..<UInt64(150 * effort) {
      let (text, test) = oracle.filter()
      let rules = try FaultRules(parsing: "drop where (\(text))", filters: language)
      let filter = try FrameFilter(text, matcher: testMatcher)
      var injector = FaultInjector(rules: rules, seed: round, connection: Int(round % 4))
      for (index, frame) in KnownTraffic(dialect, count: 60, seed: round).frames.enumerated() {
        let fate = injector.receive(
          frame.bytes.span.bytes, header: frame.header, dialect: dialect, isGood: frame.isGood,
          direction: frame.direction, at: .zero)
        let isDropped = fate.disposition == .dropped
        let expected = test((frame, fate.frame))
        let passes = filter.matches(
          frame.bytes.span.bytes, header: frame.header, dialect: dialect, identified: fate.frame)
        if isDropped { counts.passed += 1 } else { counts.refused += 1 }
        guard isDropped != expected || passes != expected else { continue }
        Issue.record("round \(round), frame \(index): \(text) is \(isDropped) on \(frame)")
        return
      }
    }
    #expect(counts.passed > 500 && counts.refused > 500)
  }

  @Test func `the texts that are looked for are there`() throws {
    // Guards the test above against facts that never occur.
    for dialect in [Dialect.native, .classic] {
      let frames = KnownTraffic(dialect, count: 300, seed: 3).frames
      #expect(frames.contains { $0.text != nil && $0.direction == .clientToServer })
      #expect(frames.contains { $0.text != nil && $0.nickname != nil })
      #expect(frames.contains { $0.text == nil && $0.nickname != nil })
      #expect(frames.contains { $0.optionWindow != nil })
      #expect(frames.contains { !$0.isGood })
    }
  }

  // MARK: the trace

  /// Names of the fields that must be as in a trace, apart from the place of the frame in it.
  private static let compared = [
    "kind", "direction", "dialect", "type", "type_code", "sequence", "length", "flags", "last",
    "retransmission", "checksum", "payload_hex", "next_expected", "advertised_window", "window",
    "options", "ack", "checksum.status", "stream",
  ]

  @Test("A frame that arrives is that of the trace", arguments: CaptureFixture.clean)
  func asInTheTrace(name: String) throws {
    let fields = Self.compared.compactMap { Fields.find($0) }
    #expect(fields.count == Self.compared.count)
    var identifiers: [Int: FrameIdentifier] = [:]
    var comparedCount = 0
    for record in trace(try packets(of: name)).frames {
      let event = record.event
      guard event.checksum != .unverified else { continue }
      let header = FrameHeader(
        length: UInt32(event.length), typeCode: event.typeCode, sequence: event.sequence,
        checksum: 0, flags: event.flags)
      let payload = record.payload
      let identified = identifiers[event.stream, default: FrameIdentifier(connection: event.stream)]
        .identify(
          header, payload: payload.span.bytes, dialect: event.dialect,
          isGood: event.checksum == .good, direction: event.direction)
      var arrived = TraceEvent(arriving: identified, header: header, dialect: event.dialect)
      arrived.readPayload(payload.span.bytes)
      for field in fields {
        let values = field.values(of: arrived, payload: payload.span.bytes)
        #expect(values == field.values(of: event, payload: payload.span.bytes), "\(field.name)")
      }
      if let message = arrived.message, let known = event.message { #expect(message == known) }
      if let fragment = arrived.fragment, let known = event.fragment {
        #expect(fragment == known)
      }
      #expect(arrived.notes.isEmpty)
      // A whole message says the same; of another only the trace knows what it says, and the first
      // of its copies says it for all. Of one that came too early it is not known that it is whole.
      let isWhole = event.fragments == 1 && event.attempt == 1 && arrived.fragment == 1
      let isMessage =
        event.dialect == .native
        ? FrameType(rawValue: event.typeCode).isSequenced
        : ClassicType(rawValue: event.typeCode) == .data
      guard isWhole || !isMessage else { continue }
      comparedCount += 1
      #expect(arrived.text == event.text, "frame \(event.frame)")
      #expect(arrived.nickname == event.nickname, "frame \(event.frame)")
      #expect(arrived.code == event.code, "frame \(event.frame)")
      #expect(arrived.reason == event.reason, "frame \(event.frame)")
    }
    #expect(comparedCount > 3)
  }
}
