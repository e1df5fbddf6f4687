import ChatTrace
import ChatWire
import TestSupport

/// A value as the evaluator of the tests sees it.
enum OracleValue: Equatable {
  case number(Int)
  case truth(Bool)
  case text(String)
  case bytes([UInt8])
  /// Nanoseconds.
  case time(Int)
  /// A name, with its place if names of its kind have an order.
  case name(String, Int?)
  /// A literal for an option, as it is written.
  case written(String, isQuoted: Bool)
}

/// Each field that the evaluator knows, with its values on an event.
typealias OracleRecord = [String: [OracleValue]]

let oracleTypeNames: [UInt8: String] = [
  1: "SYN", 2: "ACK", 3: "HANDSHAKE_ACK", 4: "DATA", 5: "NACK", 6: "FIN", 0x20: "UNKNOWN",
]
let oracleTexts = ["", "a", "ab", "Abc", "abc", "héé", "b a", "世界b", "\"q\\", "12", "0.5"]

/// An event in which every optional field has a value.
func fullEvent(_ generator: inout SeededGenerator) -> TraceEvent {
  var event = TraceEvent()
  func small() -> UInt64 { UInt64.random(in: 0...5, using: &generator) }
  func text() -> String { oracleTexts.randomElement(using: &generator) ?? "" }
  event.time = TraceTime(
    nanoseconds: Int64.random(in: -2...2, using: &generator) * 500_000_000)
  event.stream = Int(small())
  event.direction = Bool.random(using: &generator) ? .clientToServer : .serverToClient
  event.frame = small() + 1
  event.leg = TraceEvent.Leg(rawValue: UInt8(small() % 3)) ?? .wire
  event.typeCode = oracleTypeNames.keys.sorted().randomElement(using: &generator) ?? 4
  event.sequence = UInt16(small())
  event.length = small()
  event.flags = UInt8(small())
  event.last = Bool.random(using: &generator)
  event.retransmission = Bool.random(using: &generator)
  event.checksum = TraceEvent.ChecksumVerdict(rawValue: UInt8(small() % 3)) ?? .good
  event.offset = small() == 0 ? .max : small()
  event.message = small()
  event.fragment = small()
  event.fragments = small()
  event.attempt = small()
  event.text = text()
  event.disposition = TraceEvent.Disposition(rawValue: UInt8(small())) ?? .seen
  event.sender = SenderWindow(
    base: UInt16(small()), next: UInt16(small()), inFlight: UInt32(small()),
    window: UInt32(small()))
  event.receiver = ReceiverWindow(
    nextExpected: UInt16(small()), window: UInt32(small()), buffered: UInt32(small()))
  event.nextExpected = UInt16(small())
  event.advertisedWindow = UInt16(small())
  event.code = UInt8(small())
  event.reason = text()
  event.nickname = text()
  event.tcpEvent = .close
  event.client = "10.0.0.1:5000"
  event.server = "10.0.0.2:5001"
  event.rule = text() + "r"
  event.action = "drop"
  event.state = .established
  event.mode = .selectiveRepeat
  event.window = small()
  event.fragmentSize = small()
  event.end = .clean
  return event
}

/// A frame or a session with random fields, its payload, and what the evaluator knows of it.
func randomEvent(
  _ generator: inout SeededGenerator
) -> (TraceEvent, payload: [UInt8], OracleRecord) {
  var event = fullEvent(&generator)
  for _ in 0..<Int.random(in: 0...3, using: &generator) {
    var causes = FrameList()
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      causes.append(UInt64.random(in: 1...5, using: &generator))
    }
    event.notes.append(
      Note(NoteID.allCases.randomElement(using: &generator) ?? NoteID.allCases[0], because: causes))
  }
  func isAbsent() -> Bool { Int.random(in: 0..<3, using: &generator) == 0 }
  if isAbsent() { event.time = nil }
  if isAbsent() { event.message = nil }
  if isAbsent() { event.fragments = nil }
  if isAbsent() { event.text = nil }
  if isAbsent() { event.sender = nil }
  if isAbsent() { event.sender?.window = nil }
  if isAbsent() { event.nextExpected = nil }
  if isAbsent() { event.code = nil }
  if isAbsent() { event.reason = nil }
  let values: [Option.Value] = [
    .number(5), .number(-3), .number(16), .decimal("0.5"), .text("ab"), .text("5"), .text("12"),
    .boolean(true), .bytes([0x12]), .bytes([0x61, 0x62]),
  ]
  for name in ["window", "status"] where !isAbsent() {
    event.options.append(
      Option(name, values.randomElement(using: &generator) ?? .number(1)))
  }
  event.kind = Int.random(in: 0..<6, using: &generator) == 0 ? .session : .frame
  let length = Int.random(in: 0...6, using: &generator)
  let payload = (0..<length).map { _ in
    ([0, 0x12, 0x61, 0x62, 0xFF] as [UInt8]).randomElement(using: &generator) ?? 0
  }
  return (event, payload, record(of: event, payload))
}

/// What is in an event, by name: written apart from the fields of the filter, and in another way.
private func record(of event: TraceEvent, _ payload: [UInt8]) -> OracleRecord {
  var record: OracleRecord = [:]
  func set(_ name: String, _ values: [OracleValue]) { record[name] = values }
  func number(_ name: String, _ value: (some BinaryInteger)?) {
    // The evaluator counts in Int: the largest offset is only ever compared with small numbers.
    if let value { set(name, [.number(Int(clamping: value))]) }
  }
  if let time = event.time { set("time", [.time(Int(time.nanoseconds))]) }
  number("stream", event.stream)
  set("notes.id", event.notes.map { .text($0.id.name) })
  set("notes.text", event.notes.map { .text($0.text) })
  set("notes.severity", event.notes.map { .name($0.severity.name, Int($0.severity.rawValue)) })
  set(
    "notes.because",
    event.notes.flatMap { note in
      (0..<note.causes.count).map { .number(Int(note.causes[$0])) }
    })
  set("kind", [.name(event.kind == .frame ? "frame" : "session", nil)])
  guard event.kind == .frame else {
    number("window", event.window)
    number("fragment", event.fragmentSize)
    return record
  }
  number("frame", event.frame)
  set("direction", [.name(event.direction.name, nil)])
  set("type", [.name(oracleTypeNames[event.typeCode] ?? "?", nil)])
  number("type_code", event.typeCode)
  number("sequence", event.sequence)
  number("length", event.length)
  set("last", [.truth(event.last)])
  set("retransmission", [.truth(event.retransmission)])
  set("checksum", [.name("\(event.checksum)", nil)])
  number("offset", event.offset)
  if !payload.isEmpty { set("payload", [.bytes(payload)]) }
  number("message", event.message)
  number("fragment", event.fragment)
  number("fragments", event.fragments)
  number("window", event.advertisedWindow)
  number("next_expected", event.nextExpected)
  number("code", event.code)
  if let text = event.text { set("text", [.text(text)]) }
  if let reason = event.reason { set("reason", [.text(reason)]) }
  if let nickname = event.nickname { set("nickname", [.text(nickname)]) }
  if let sender = event.sender {
    number("sender.base", sender.base)
    number("sender.in_flight", sender.inFlight)
    number("sender.window", sender.window)
  }
  for option in event.options {
    let value: OracleValue =
      switch option.value {
      case .number(let number): .number(Int(number))
      case .decimal(let text), .text(let text), .json(let text): .text(text)
      case .bytes(let bytes): .bytes(bytes)
      case .boolean(let truth): .truth(truth)
      }
    record["options." + option.name, default: []].append(value)
  }
  return record
}
