// Fuzzes the display filter: its parser with the bytes before the first NUL, and what it made with
// events filled from the bytes behind it. Besides crashes it looks for errors that point outside
// the filter. Filters that frames can be asked when they arrive are asked frames of any bytes.

import ChatTrace
import ChatWire

/// Keeps the optimiser from removing what the fuzzer runs.
nonisolated(unsafe) public var sink = 0

/// Any pattern is one, and is found literally: the regular expressions are the program's, not ours.
private let matcher: RegularExpressionCompiler = { pattern in
  guard !pattern.hasSuffix("(") else { return nil }
  return { subject in subject.hasPrefix(pattern) }
}

/// The entry that libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFilter(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
  let end = input.firstIndex(of: 0) ?? input.count
  let text = String(decoding: input[..<end], as: UTF8.self)
  let rest = Array(input[min(end + 1, input.count)...])
  do throws(FilterError) {
    let filter = try Filter(text, matcher: matcher)
    for kind in 0..<7 as Range<UInt8> {
      let event = event(TraceEvent.Kind(rawValue: kind) ?? .frame, rest)
      unsafe sink &+= filter.matches(event, payload: rest.span.bytes) ? 1 : 0
    }
  } catch {
    let message = error.caretMessage(for: text)
    // The text was read as UTF-8, and the limit cuts by bytes: an error lies in it or right behind
    // it.
    guard error.column >= 1, error.column <= text.count + 1, error.length >= 1,
      message.contains("^")
    else { fatalError("column \(error.column) of \(text.count): \(error.message)") }
    unsafe sink &+= message.utf8.count
  }
  if let filter = try? FrameFilter(text, matcher: matcher) { ask(filter, rest) }
  return 0
}

/// Asks a filter about a frame of any bytes, in both dialects and directions.
private func ask(_ filter: FrameFilter, _ bytes: [UInt8]) {
  var identifier = FrameIdentifier(connection: 0)
  for (dialect, direction) in [
    (Dialect.native, Direction.clientToServer), (.native, .serverToClient),
    (.classic, .clientToServer), (.classic, .serverToClient),
  ] {
    guard let header = FrameHeader(dialect, in: bytes.span.bytes, at: 0) else { continue }
    let payload = bytes.span.bytes.extracting(droppingFirst: dialect.headerSize)
    for isGood in [false, true] {
      let identified = identifier.identify(
        header, payload: payload, dialect: dialect, isGood: isGood, direction: direction)
      let passes = filter.matches(
        bytes.span.bytes, header: header, dialect: dialect, identified: identified)
      unsafe sink &+= passes ? 1 : 0
    }
  }
}

/// An event whose fields come from bytes.
private func event(_ kind: TraceEvent.Kind, _ bytes: [UInt8]) -> TraceEvent {
  func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
  var event = TraceEvent()
  event.kind = kind
  event.frame = UInt64(byte(0))
  event.typeCode = byte(1)
  event.sequence = UInt16(byte(2)) << 8 | UInt16(byte(3))
  event.length = UInt64(byte(4)) << 56
  event.dialect = byte(5) & 1 == 0 ? .native : .classic
  event.last = byte(5) & 2 != 0
  if byte(5) & 4 != 0 {
    event.time = TraceTime(nanoseconds: Int64(Int8(bitPattern: byte(6))) << 56)
  }
  if byte(5) & 8 != 0 { event.text = String(decoding: bytes, as: UTF8.self) }
  if byte(5) & 16 != 0 {
    event.sender = SenderWindow(
      base: event.sequence, next: UInt16(byte(7)), inFlight: 3, window: nil)
  }
  if byte(5) & 32 != 0 {
    event.options = [
      Option("window", .number(Int64(Int8(bitPattern: byte(8))))), Option("a", .bytes(bytes)),
      Option("b", .decimal(String(decoding: bytes.prefix(12), as: UTF8.self))),
      Option("c", .boolean(byte(9) & 1 != 0)),
    ]
  }
  for index in 0..<Int(byte(10) & 3) {
    let id = NoteID.allCases[Int(byte(11 + index)) % NoteID.allCases.count]
    event.notes.append(Note(id, because: FrameList(UInt64(byte(14)), UInt64(byte(15)))))
  }
  return event
}
