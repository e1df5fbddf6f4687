import ChatTrace
import ChatWire
import TestSupport

/// Draws values for random records: small and large, present and absent, harmless and hostile.
struct RenderRandom {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// A number of any size: each length in bits is as likely as any other.
  mutating func number() -> UInt64 {
    generator.next() >> UInt64.random(in: 0..<64, using: &generator)
  }

  mutating func int64() -> Int64 {
    Int64(bitPattern: flip() ? number() : 0 &- number())
  }

  mutating func uint16() -> UInt16 {
    UInt16(truncatingIfNeeded: generator.next())
  }

  mutating func uint32() -> UInt32 {
    UInt32(truncatingIfNeeded: number())
  }

  mutating func flip() -> Bool {
    Bool.random(using: &generator)
  }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &generator)]
  }

  mutating func maybe<Value>(_ make: (inout RenderRandom) -> Value) -> Value? {
    flip() ? make(&self) : nil
  }

  /// A hostile text, or none.
  mutating func text() -> String? {
    maybe { $0.pick(RenderSamples.hostile) }
  }

  /// A record in which anything may be set.
  mutating func event() -> TraceEvent {
    var event = TraceEvent()
    event.kind = pick([.frame, .frame, .frame, .tcp, .gap, .junk, .fault, .session])
    event.time = maybe { TraceTime(nanoseconds: $0.int64()) }
    event.stream = Int(number() >> 1)
    event.direction = pick([.clientToServer, .serverToClient])
    event.frame = number()
    event.leg = pick([.wire, .client, .server])
    event.dialect = pick([.native, .classic])
    event.typeCode = UInt8(truncatingIfNeeded: number() % 20)
    event.sequence = uint16()
    event.length = number()
    event.flags = UInt8(truncatingIfNeeded: number())
    event.last = flip()
    event.retransmission = flip()
    event.checksum = pick([.good, .bad, .unverified])
    event.offset = number()
    event.disposition = pick([.seen, .forwarded, .dropped, .corrupted, .duplicated])
    addNumbers(to: &event)
    addNotes(to: &event)
    addOptions(to: &event)
    addWords(to: &event)
    return event
  }

  private mutating func addNumbers(to event: inout TraceEvent) {
    event.message = maybe { $0.number() }
    event.fragment = maybe { $0.number() }
    event.fragments = maybe { $0.number() }
    event.attempt = maybe { $0.number() }
    event.sender = maybe {
      SenderWindow(
        base: $0.uint16(), next: $0.uint16(), inFlight: $0.uint32(),
        window: $0.maybe { $0.uint32() })
    }
    event.receiver = maybe {
      ReceiverWindow(nextExpected: $0.uint16(), window: $0.uint32(), buffered: $0.uint32())
    }
    event.nextExpected = maybe { $0.uint16() }
    event.advertisedWindow = maybe { $0.uint16() }
    event.code = maybe { UInt8(truncatingIfNeeded: $0.number() % 14) }
    event.window = maybe { $0.number() }
    event.fragmentSize = maybe { $0.number() }
    event.tcpEvent = maybe { $0.pick([.open, .close, .reset]) }
    event.state = maybe { $0.pick([.opening, .established, .closing, .closed]) }
    event.mode = maybe { $0.pick([.goBackN, .selectiveRepeat]) }
    event.end = maybe {
      $0.pick([.clean, .unconfirmed, .abrupt, .reset, .error, .refused, .open])
    }
  }

  private mutating func addNotes(to event: inout TraceEvent) {
    for _ in 0..<number() % 4 {
      var causes = FrameList()
      for _ in 0..<number() % 6 { causes.append(number()) }
      event.notes.append(
        Note(pick(NoteID.allCases), because: causes, int64(), int64(), detail: text()))
    }
  }

  private mutating func addOptions(to event: inout TraceEvent) {
    let texts =
      RenderSamples.hostile + ["1.5", "-0", "01", "1e999", "[1,{\"x\":null}]", "{\"a\":1,\"a\":2}"]
    for _ in 0..<number() % 4 {
      let values: [Option.Value] = [
        .number(int64()), .decimal(pick(texts)), .text(pick(texts)),
        .bytes(Array(pick(texts).utf8)), .boolean(flip()), .json(pick(texts)),
      ]
      event.options.append(Option(pick(texts), pick(values)))
    }
  }

  private mutating func addWords(to event: inout TraceEvent) {
    event.text = text()
    event.reason = text()
    event.nickname = text()
    event.client = text()
    event.server = text()
    event.rule = text()
    event.action = text()
  }
}
