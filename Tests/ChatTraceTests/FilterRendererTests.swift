import ChatTrace
import Testing

@Suite("Fields renderer") struct FilterRendererTests {
  private func line(_ names: [String], _ event: TraceEvent, payload: [UInt8] = []) throws -> String
  {
    var renderer = try FieldsRenderer(fieldNames: names)
    var output = Array("before\n".utf8)
    renderer.render(event, payload: payload.span.bytes, into: &output)
    return String(decoding: output.dropFirst(7), as: UTF8.self)
  }

  @Test func `a line has the fields in order between tabs`() throws {
    let names = [
      "frame", "time", "direction", "type", "seq", "code", "last", "chat.frag.index",
      "sender.window",
      "text", "payload_hex", "checksum", "kind",
    ]
    #expect(
      try line(names, .data, payload: [0, 0xAB, 0xFF])
        == "12\t1577836800.123456789\tc2s\tDATA\t100\t\ttrue\t3\t8\t"
        + "Grüße, 世界\t00abff\tgood\tframe\n"
    )
    #expect(try line([], .data) == "\n")
    #expect(try line(["code", "reason"], .data) == "\t\n")
  }

  @Test func `several values are joined by commas`() throws {
    var event = TraceEvent.data
    event.notes = [
      Note(NoteID.allCases[0], because: FrameList(4, 7)),
      Note(NoteID.allCases[0], because: FrameList(9)),
    ]
    let id = NoteID.allCases[0].name
    #expect(try line(["notes.because", "notes.id"], event) == "4,7,9\t\(id),\(id)\n")
    #expect(
      try line(["sender", "receiver"], event)
        == "base=98,next=101,in_flight=3,window=8\tnext_expected=98,window=8,buffered=1\n")
    #expect(
      try line(["options", "options.session", "options.delta"], .syn)
        == "window=16,loss_prob=0.25,nickname=ana,session=001fa0,flag=true,delta=-5,list=[1]"
        + "\t001fa0\t-5\n"
    )
  }

  @Test func `text cannot leave its column or reach the terminal`() throws {
    let event = TraceEvent.make {
      $0.text = "a\tb\nc\rd\\e\u{1B}[31m\u{7F}\u{85}\u{202E}x\u{2028}\0é👩‍🚀"
    }
    #expect(
      try line(["text"], event)
        == "a\\tb\\nc\\rd\\\\e\\x1b[31m\\x7f\\u{85}\\u{202e}x\\u{2028}\\x00é👩‍🚀\n")
  }

  @Test func `numbers and times are exact at their ends`() throws {
    for (nanoseconds, expected) in [
      (Int64.min, "-9223372036.854775808"), (.max, "9223372036.854775807"), (-1, "-0.000000001"),
      (0, "0.000000000"), (1_000_000_000, "1.000000000"),
    ] {
      let event = TraceEvent.make { $0.time = TraceTime(nanoseconds: nanoseconds) }
      #expect(try line(["time"], event) == expected + "\n")
    }
    for number in [0, 9, 10, 99, 100, UInt64.max] {
      #expect(try line(["offset"], .make { $0.offset = number }) == "\(number)\n")
    }
    for number in [Int64.min, -1, 0, .max] {
      let event = TraceEvent.make { $0.options = [Option("n", .number(number))] }
      #expect(try line(["options.n"], event) == "\(number)\n")
    }
  }

  @Test func `the list of fields is aligned, complete and at most 100 columns wide`() {
    let text = FieldsTable.text()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines {
      #expect(line.count <= 100)
      #expect(line.last != " ")
    }
    for description in Fields.all {
      #expect(text.contains("\n  \(description.name) "), "\(description.name)")
      for alias in description.aliases { #expect(text.contains(alias)) }
    }
    let commonFields = """
      On every record
        schema_version  number  The version of the form: 1.
        kind            name    The kind of record: frame, tcp, gap, junk, fault, session, summary.
        time            time    When: seconds since 1970 UTC, exact to nanoseconds.
        stream          number  The TCP connection, from 0, in order of first packet.

      On frames
      """
    #expect(text.contains(commonFields))
  }
}
