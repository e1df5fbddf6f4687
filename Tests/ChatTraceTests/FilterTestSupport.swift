import ChatWire
import ChatTrace

/// Regular expressions for filters in tests: the standard library's.
let testMatcher: RegularExpressionCompiler = { pattern in
  guard let regex = try? Regex(pattern) else { return nil }
  // A regular expression is not Sendable, but it is never changed.
  nonisolated(unsafe) let shared = regex
  return { subject in (try? shared.firstMatch(in: subject)) != nil }
}

/// True if the event passes the filter.
func passes(
  _ filter: String, _ event: TraceEvent, payload: [UInt8] = []
) throws(FilterError) -> Bool {
  passes(try Filter(filter, matcher: testMatcher), event, payload: payload)
}

/// True if the event passes the filter.
func passes(_ filter: Filter, _ event: TraceEvent, payload: [UInt8] = []) -> Bool {
  filter.matches(event, payload: payload.span.bytes)
}

/// The error that a filter is refused with; nil if it is not.
func refusal(_ filter: String) -> FilterError? {
  do throws(FilterError) {
    _ = try Filter(filter, matcher: testMatcher)
    return nil
  } catch {
    return error
  }
}

/// The texts of the values of a field, as `-T fields` shows them.
func shown(_ name: String, _ event: TraceEvent, payload: [UInt8] = []) throws -> String {
  var renderer = try FieldsRenderer(fieldNames: [name])
  var output: [UInt8] = []
  renderer.render(event, payload: payload.span.bytes, into: &output)
  return String(decoding: output.dropLast(), as: UTF8.self)
}

extension TraceEvent {
  /// An event of a kind, with what a closure sets.
  static func make(_ kind: Kind = .frame, _ set: (inout TraceEvent) -> Void = { _ in })
    -> TraceEvent
  {
    var event = TraceEvent()
    event.kind = kind
    if kind == .frame { event.frame = 1 }
    set(&event)
    return event
  }

  /// A DATA frame with something in most fields.
  static let data = make {
    $0.frame = 12
    $0.time = TraceTime(nanoseconds: 1_577_836_800_123_456_789)
    $0.stream = 3
    $0.typeCode = 4
    $0.sequence = 100
    $0.length = 5
    $0.flags = 3
    $0.last = true
    $0.retransmission = true
    $0.offset = 16
    $0.message = 2
    $0.fragment = 3
    $0.fragments = 3
    $0.attempt = 2
    $0.text = "Grüße, 世界"
    $0.sender = SenderWindow(base: 98, next: 101, inFlight: 3, window: 8)
    $0.receiver = ReceiverWindow(nextExpected: 98, window: 8, buffered: 1)
  }

  /// An ACK.
  static let ack = make {
    $0.frame = 13
    $0.direction = .serverToClient
    $0.typeCode = 2
    $0.sequence = 100
    $0.length = 4
    $0.nextExpected = 101
    $0.advertisedWindow = 7
  }

  /// A SYN with options of every kind.
  static let syn = make {
    $0.typeCode = 1
    $0.options = [
      Option("window", .number(16)), Option("loss_prob", .decimal("0.25")),
      Option("nickname", .text("ana")), Option("session", .bytes([0, 0x1F, 0xA0])),
      Option("flag", .boolean(true)), Option("delta", .number(-5)), Option("list", .json("[1]")),
    ]
  }
}
