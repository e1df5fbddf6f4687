import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What is wrong in a written trace is said with its line; what stands before it counts.
@Suite("Written traces: errors") struct WrittenTraceErrorTests {
  private static let start = #"{"schema_version":1,"kind":"#
  private static let good = start + #""tcp","stream":0,"event":"open"}"#

  /// The sentence about `line` behind a good one, nil if nothing is wrong with it.
  private func complaint(_ line: String) -> String? {
    var sink = CollectingSink()
    do {
      try readFile(Array("\(Self.good)\n\(line)\n\(Self.good)\n".utf8), into: &sink)
      return nil
    } catch {
      #expect(sink.records.count == 1, "the record before it is there")
      return error.message
    }
  }

  @Test(arguments: [
    (#"hello"#, "it is no JSON object"),
    (#"[1]"#, "it is no JSON object"),
    (#"{"kind":"tcp"}"#, #"it is no record of a trace: no "schema_version""#),
    (#"{"schema_version":1}"#, #"it is no record of a trace: no "kind""#),
    (
      #"{"schema_version":2,"kind":"tcp"}"#,
      #""schema_version" is 2, and this program reads version 1"#
    ),
    (#"{"schema_version":1,"kind":"tcp""#, "it ends too early to be JSON"),
    (start + #""tcp"}"#, #"a record of this kind must have "stream""#),
    (start + #""tcp","stream":-1}"#, #""stream" is no whole number from 0 to 16777215"#),
    (start + #""tcp","stream":16777216}"#, #""stream" is no whole number from 0 to 16777215"#),
    (start + #""tcp","stream":1.5}"#, #""stream" is no whole number from 0 to 16777215"#),
    (start + #""tcp","stream":null}"#, #""stream" is no whole number from 0 to 16777215"#),
    (start + #""tcp","stream":0,"client":5}"#, #""client" is no text"#),
    (start + #""tcp","stream":0,"event":"ended"}"#, #""event" is none of open, close, reset"#),
    (
      start + #""tcp","stream":0,"time":1.5}"#, #""time" is no text"#
    ),
    (
      start + #""tcp","stream":0,"time":"1.0000000001"}"#,
      #""time" is no time: seconds since 1970 in quotes, such as "1.000000000""#
    ),
    (
      start + #""session","stream":0,"notes":{}}"#,
      #""notes" is no JSON list"#
    ),
    (start + #""session","stream":0,"notes":[{"text":"x"}]}"#, #"a note must have "id""#),
    (start + #""tcp","stream":0} x"#, "it is no JSON: byte 0x78 stands at 45, where it cannot"),
    (start + #""tcp","stream":0,"x":"\q"}"#, ""),
    (start + #""frame","frame":1,"stream":0}"#, #"a record of this kind must have "direction""#),
    (
      start + #""frame","payload_hex":"abc"}"#, #""payload_hex" is no hexadecimal"#
    ),
    (start + #""frame","last":1}"#, #""last" is neither true nor false"#),
    (start + #""frame","sequence":65536}"#, #""sequence" is no whole number from 0 to 65535"#),
  ])
  func `a wrong line is reported with its number`(line: String, sentence: String) {
    let expected = sentence.isEmpty ? nil : "line 2: " + sentence
    #expect(complaint(line) == expected)
  }

  @Test func `values nested too deep are refused`() {
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    let line = Self.start + #""tcp","stream":0,"x":"# + deep + "}"
    #expect(complaint(line) == "line 2: it is nested more than 64 deep")
  }

  @Test func `unknown keys and kinds and blank lines are passed over`() throws {
    let lines = """

      {"kind":"weather","stream":"none","schema_version":1,"length":[{}]}
      \(Self.start)"tcp","stream":0,"weather":{"a":[1,null,"}"]},"event":"close"}
        \t
      \(Self.start)"gap","direction":"s2c","stream":1,"length":"9007199254740993"}
      """
    var sink = CollectingSink()
    let warning = try readFile(Array(lines.utf8), into: &sink)
    #expect(warning == nil)
    #expect(sink.records.map(\.event.kind) == [.tcp, .gap])
    #expect(sink.records.last?.event.length == 9_007_199_254_740_993)
    #expect(sink.records.first?.event.tcpEvent == .close)
  }

  @Test func `records behind the summary are refused`() {
    let summary = Self.start + #""summary","packets":1,"other_streams":0,"streams":[]}"#
    #expect(
      complaint(summary)
        == "line 3: a record behind the summary: there is more than one trace in the file")
  }

  @Test func `a line without an end is read, or warned of`() throws {
    var whole = AllForms()
    try readFile(try CaptureFixture.bytes("a_handshake_one_message.pcap"), into: &whole)
    let file = whole.ndjsonBytes
    let secondLine = (file.firstIndex(of: 0x0A) ?? 0) + 1
    for count in secondLine..<min(file.count, secondLine + 3_000) {
      var sink = AllForms()
      let warning = try readFile(Array(file[..<count]), into: &sink)
      let lineCount = file[..<count].count { $0 == 0x0A }
      let isWhole = file[count - 1] == 0x0A || file[count] == 0x0A
      let expected =
        isWhole ? nil : "the file ends inside line \(lineCount + 1); everything before it was read"
      #expect(warning == expected, "\(count) bytes")
      #expect(file[..<count].starts(with: sink.ndjsonBytes.dropLast()))
    }
  }

  @Test func `a trace that is cut in its first line cannot be read`() {
    var sink = CollectingSink()
    let error = #expect(throws: CaptureFileError.self) {
      try readFile(Array(Self.good.dropLast(3).utf8), into: &sink)
    }
    #expect(error?.message == "line 1: it ends too early to be JSON")
  }

  @Test func `a line that is too long is refused before it is read`() throws {
    var reader = NDJSONTraceReader(lineLengthMax: 100)
    var sink = CollectingSink()
    let file = Array((Self.good + "\n" + Self.start + String(repeating: " ", count: 100)).utf8)
    let error = #expect(throws: CaptureFileError.self) {
      try reader.read(block: file.span.bytes, isLastBlock: false, into: &sink)
    }
    #expect(
      error?.message == "line 2: it has more than 100 bytes, so it is no line of a trace")
    #expect(sink.records.count == 1)
  }

  @Test func `a file is told by its first bytes`() throws {
    func form(_ bytes: [UInt8], isLastBlock: Bool = true) -> TraceFileReader.Form? {
      var reader = TraceFileReader(options: TraceOptions())
      reader.recognise(bytes.span.bytes, isLastBlock: isLastBlock)
      return reader.form
    }
    #expect(form([0x20, 0x0D, 0x0A, 0x7B]) == .ndjson)
    #expect(form([0x0A, 0x0D, 0x0D, 0x0A, 0x20, 0x7B, 0, 0]) == .capture)
    #expect(form([0x0A, 0x0D], isLastBlock: false) == nil)
    #expect(form([0x0A, 0x0D]) == .capture)
    #expect(form([UInt8](repeating: 0x20, count: 5_000), isLastBlock: false) == .capture)
    #expect(form(Array("hello".utf8)) == .capture)
    #expect(form(try CaptureFixture.bytes("l_pcapng_dumpcap.pcapng")) == .capture)
  }
}

/// Bytes changed anywhere in a written trace.
@Suite("Hostile written traces") struct HostileWrittenTraceTests {
  @Test(
    "a changed trace is read or refused, and what was read is written the same again",
    arguments: [
      "a_handshake_one_message.pcap", "d_corruption.pcap", "native_mixed_reorder.pcap",
      "misbehaving_server.pcapng",
    ])
  func mutated(_ name: String) throws {
    var whole = AllForms()
    try readFile(try CaptureFixture.bytes(name), into: &whole)
    let lines = whole.ndjsonBytes.split(separator: 0x0A)
    var hostile = HostileBytes(seed: 5)
    var random = SeededGenerator(seed: 6)
    for _ in 0..<60 * effort {
      // A few lines that follow each other, most of them changed.
      let first = Int.random(in: 0..<lines.count, using: &random)
      var file: [UInt8] = []
      for line in lines[first..<min(first + 8, lines.count)] {
        let isChanged = Int.random(in: 0..<4, using: &random) == 0
        file += (isChanged ? hostile.mutation(of: Array(line)) : Array(line)) + [0x0A]
      }
      var sink = AllForms()
      do {
        try readFile(file, into: &sink)
      } catch {
        #expect(!error.message.isEmpty && error.message.utf8.allSatisfy { $0 >= 0x20 })
      }
      #expect(sink.tableBytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
      var again = AllForms()
      if !sink.ndjsonBytes.isEmpty { try readFile(sink.ndjsonBytes, into: &again) }
      let isSame = again.ndjsonBytes == sink.ndjsonBytes
      #expect(isSame, "\(String(decoding: file, as: UTF8.self))")
      _ = sink.counts
      guard isSame else { return }
    }
  }
}
