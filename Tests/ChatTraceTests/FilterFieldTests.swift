import ChatWire
import TestSupport
import Testing

@testable import ChatTrace

@Suite("Fields") struct FilterFieldTests {
  /// The keys of the NDJSON form as docs/TRACE.md lists them; `options.NAME` stands for any name.
  static let contract: Set<String> = [
    "schema_version", "kind", "frame", "time", "stream", "leg", "direction", "dialect", "type",
    "type_code", "sequence", "length", "flags", "last", "retransmission", "checksum", "offset",
    "payload_hex", "message", "fragment", "fragments", "attempt", "text", "disposition",
    "sender", "sender.base", "sender.next", "sender.in_flight", "sender.window",
    "receiver", "receiver.next_expected", "receiver.window", "receiver.buffered",
    "notes", "notes.id", "notes.severity", "notes.text", "notes.because", "notes.section",
    "next_expected", "advertised_window", "code", "reason", "nickname", "options",
    "event", "client", "server", "rule", "action", "state", "mode", "window", "end",
    "packets", "other_streams", "streams.stream", "streams.verdict",
    "streams.c2s.bytes", "streams.c2s.frame_bytes", "streams.c2s.gap_bytes",
    "streams.c2s.junk_bytes", "streams.c2s.undecided_bytes",
    "streams.s2c.bytes", "streams.s2c.frame_bytes", "streams.s2c.gap_bytes",
    "streams.s2c.junk_bytes", "streams.s2c.undecided_bytes",
  ]

  @Test func `the canonical names are the keys of the NDJSON form`() {
    let names = Fields.all.filter(\.isContract).map(\.name)
    #expect(Set(names.filter { !$0.hasPrefix("options.") }) == Self.contract)
    #expect(Set(names).count == names.count)
  }

  @Test func `every name is found bare and after chat., and only once in the list`() throws {
    var seen: Set<String> = []
    for description in Fields.all {
      for name in [description.name] + description.aliases {
        #expect(seen.insert(name).inserted, "\(name)")
        #expect(Fields.find(name) == description.field)
        #expect(Fields.find("chat." + name) == description.field)
      }
    }
    for name in ["", "chat.", "options.", "chat.chat.sequence", "Sequence", "sequence ", "notes.x"]
    {
      #expect(Fields.find(name) == nil, "\(name)")
    }
    #expect(Fields.find("options.anything-else")?.type == .any)
  }

  @Test(
    "Short names and the names that Wireshark users expect stand for canonical ones",
    arguments: [
      ("seq", "sequence"), ("len", "length"), ("msg", "message"), ("frag", "fragment"),
      ("chat.seq", "sequence"), ("chat.len", "length"), ("chat.frag.index", "fragment"),
      ("chat.frag.count", "fragments"), ("chat.msg.id", "message"), ("chat.type", "type"),
      ("chat.time", "time"), ("chat.fault.rule", "rule"), ("chat.checksum", "checksum"),
      ("chat.window", "window"), ("payload", "payload_hex"), ("chat.NACK", "nack"),
    ])
  func alias(name: String, canonical: String) throws {
    let field = try #require(Fields.find(name))
    #expect(field == Fields.find(canonical))
    #expect(field.name == canonical)
  }

  @Test func `an alias has the values of the canonical name on every event`() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<60 {
      let (event, payload, _) = randomEvent(&generator)
      for description in Fields.all {
        let expected = try shown(description.name, event, payload: payload)
        for name in description.aliases + ["chat." + description.name] {
          #expect(try shown(name, event, payload: payload) == expected)
          #expect(
            try passes(name, event, payload: payload)
              == passes(description.name, event, payload: payload))
        }
      }
    }
  }

  @Test func `enumerations name the cases of the trace by raw value`() {
    func check<Case: RawRepresentable>(
      _ enumeration: Enumeration, _: Case.Type, first: UInt8 = 0
    ) where Case.RawValue == UInt8 {
      for (index, name) in enumeration.names.enumerated() {
        guard let value = Case(rawValue: UInt8(index) + first) else {
          Issue.record("\(name) is no case of \(Case.self)")
          continue
        }
        // `gbn` and the like are spelled out in code.
        let spelled = [
          "goBackN": "gbn", "selectiveRepeat": "sr", "clientToServer": "c2s",
          "serverToClient": "s2c",
        ]
        #expect(spelled["\(value)"] ?? "\(value)" == name)
      }
      #expect(Case(rawValue: UInt8(enumeration.names.count) + first) == nil)
    }
    check(.kind, TraceEvent.Kind.self)
    check(.leg, TraceEvent.Leg.self)
    check(.direction, Direction.self)
    check(.dialect, Dialect.self)
    check(.checksum, TraceEvent.ChecksumVerdict.self)
    check(.disposition, TraceEvent.Disposition.self)
    check(.tcpEvent, TraceEvent.TCPEvent.self)
    check(.state, SessionState.self)
    check(.mode, Mode.self, first: 1)
    check(.end, SessionEnd.self)
    check(.severity, Severity.self)
    check(.verdict, TraceSummary.Verdict.self)
  }

  @Test func `every type byte of both dialects has its name, and its field`() throws {
    for code in UInt8.min...UInt8.max {
      for dialect in [Dialect.native, .classic] {
        let event = TraceEvent.make {
          $0.typeCode = code
          $0.dialect = dialect
        }
        let name =
          dialect == .native
          ? FrameType(rawValue: code).name : ClassicType(rawValue: code).name
        #expect(try shown("type", event) == name)
        #expect(try passes("type == \(name)", event))
        #expect(try passes(name.lowercased(), event))
        let others = Enumeration.type.names.filter { $0 != name }
        #expect(
          try !passes(others.map { "\($0) or type == \($0)" }.joined(separator: " or "), event))
      }
    }
  }

  @Test func `an ACK exists without a value, and only ACKs have one`() throws {
    #expect(try passes("chat.ack == 101", .ack))
    #expect(try shown("ack", .ack) == "101")
    let classic = TraceEvent.make {
      $0.dialect = .classic
      $0.typeCode = 2
    }
    #expect(try passes("ack and not ack >= 0 and ACK", classic))
    let nack = TraceEvent.make {
      $0.typeCode = 5
      $0.nextExpected = 4
    }
    #expect(try passes("not ack and not ack == 4 and next_expected == 4", nack))
  }

  @Test func `checksum status has Wireshark's numbers`() throws {
    for (verdict, number) in [
      (TraceEvent.ChecksumVerdict.bad, "0"), (.good, "1"), (.unverified, "2"),
    ] {
      let event = TraceEvent.make { $0.checksum = verdict }
      #expect(try shown("checksum.status", event) == number)
      #expect(try passes("chat.checksum.status == \(number) and checksum == \(verdict)", event))
    }
  }

  @Test func `classes of notes go by whole parts of ids`() {
    for (id, classes) in [
      ("arq.retransmission", [NoteClass.retransmission]),
      ("arq.retransmission.nack", [.retransmission]),
      ("arq.retransmission.spurious", [.retransmission, .spuriousRetransmission]),
      ("arq.retransmissions", []), ("arq.ack.duplicate", [.duplicateAck]),
      ("arq.out_of_order", [.outOfOrder]), ("arq.skipped", [.lostFrame]),
      ("arq.window.full", [.windowFull]), ("arq.window.update.zero", [.windowUpdate]),
      ("arq.window", []), ("arq.ack.for", [.ackFor]), ("arq.nack.lost", [.nackFor]), ("", []),
    ] as [(String, [NoteClass])] {
      #expect(NoteClass.allCases.filter { $0.includes(id: id) } == classes, "\(id)")
    }
  }

  @Test func `analysis fields say what the ids of notes say`() throws {
    for id in NoteID.allCases {
      let event = TraceEvent.make { $0.notes = [Note(id, because: FrameList(5, 6))] }
      for (name, noteClass) in [
        ("analysis.retransmission", NoteClass.retransmission),
        ("analysis.spurious_retransmission", .spuriousRetransmission),
        ("analysis.duplicate_ack", .duplicateAck), ("analysis.out_of_order", .outOfOrder),
        ("analysis.lost_frame", .lostFrame), ("analysis.window_full", .windowFull),
        ("analysis.window_update", .windowUpdate),
      ] {
        let expected = noteClass.includes(id: id.name)
        #expect(try passes("chat.\(name)", event) == expected)
        #expect(try passes("\(name) == true", event) == expected)
      }
      let isAcknowledgement = NoteClass.ackFor.includes(id: id.name)
      #expect(try shown("acked_in", event) == (isAcknowledgement ? "5,6" : ""))
      let isRefusal = NoteClass.nackFor.includes(id: id.name)
      #expect(try shown("nack_for", event) == (isRefusal ? "5,6" : ""))
    }
  }

  @Test func `classes of notes are made of the ids that there are`() {
    let members: [(NoteClass, [NoteID])] = [
      (
        .retransmission,
        [
          .retransmissionNack, .retransmissionTimeout, .retransmissionUnheard,
          .retransmissionGoBack, .retransmissionFast,
          .retransmissionSpurious, .retransmissionUnseen, .retransmissionDiffers,
          .classicRetransmission, .classicRetransmissionLost, .classicRepeated,
        ]
      ),
      (.spuriousRetransmission, [.retransmissionSpurious]),
      (.duplicateAck, [.acknowledgementDuplicate]), (.outOfOrder, [.outOfOrder]),
      (.lostFrame, [.skipped]), (.windowFull, [.windowFull]),
      (.windowUpdate, [.windowUpdate, .windowZero]),
      (.ackFor, [.acknowledges, .acknowledgesSelectively, .classicAcknowledges]),
      (
        .nackFor,
        [
          .nackCorrupt, .nackLostLater, .nackFault, .classicNack, .classicNackFault,
          .classicNackLimit,
        ]
      ),
    ]
    #expect(members.map(\.0) == NoteClass.allCases)
    for (noteClass, expected) in members {
      #expect(NoteID.allCases.filter { noteClass.includes($0) } == expected, "\(noteClass)")
      let names = NoteID.allCases.map(\.name)
      for prefix in noteClass.prefixes {
        #expect(names.contains { $0 == prefix || $0.hasPrefix(prefix + ".") }, "\(prefix)")
      }
    }
  }

  @Test func `a field is absent from kinds of records that do not have it`() throws {
    let present: [(TraceEvent.Kind, Set<String>)] = [
      (.tcp, ["event", "client", "server"]),
      (.gap, ["direction", "length", "offset"]),
      (.junk, ["direction", "length", "offset", "type_code", "sequence"]),
      (.fault, ["frame", "rule", "action", "direction"]),
      (.session, ["state", "mode", "window", "fragment", "end"]),
      (.summary, []),
    ]
    for (kind, expected) in present {
      var generator = SeededGenerator(seed: UInt64(kind.rawValue))
      var event = fullEvent(&generator)
      event.kind = kind
      event.notes = []
      let common: Set<String> = kind == .summary ? ["time"] : ["time", "stream"]
      let names = try Fields.all.map(\.name).filter { try passes($0, event, payload: [1]) }
      #expect(Set(names) == expected.union(common).union(["schema_version", "kind"]), "\(kind)")
      for name in Fields.all.map(\.name) {
        #expect(try names.contains(name) == (shown(name, event, payload: [1]) != ""), "\(name)")
      }
    }
  }

  @Test func `junk that did not begin as a frame has no type`() throws {
    let junk = TraceEvent.make(.junk) { $0.length = 3 }
    #expect(try passes("len == 3", junk))
    #expect(try passes("not type_code and not sequence", junk))
  }

  @Test func `unknown names bring the nearest known one`() {
    #expect(Fields.suggestion(for: "sequense") == "sequence")
    #expect(Fields.suggestion(for: "chat.sender.inflight") == "sender.in_flight")
    #expect(Fields.suggestion(for: "qqqqqqqq") == nil)
    #expect(Fields.suggestion(for: String(repeating: "sequence", count: 9)) == nil)
    #expect(throws: UnknownFieldError(name: "tpye")) { try FieldsRenderer(fieldNames: ["tpye"]) }
    #expect(
      UnknownFieldError(name: "tpye").message == "\"tpye\" is not a field; did you mean type?")
    #expect(
      UnknownFieldError(name: "\u{1B}[2J").message
        == "\"\\x1b[2J\" is not a field; chat-inspect fields lists them")
  }
}
