// Fuzzes fault rules: their parser with the bytes before the first NUL, which are read as a ledger
// too, and what they do to frames made of the bytes behind it. Besides crashes it looks for errors
// that point outside the text, rules that do not read back as themselves, and frames that go out
// more or less often than they should.

import ChatWire

/// Keeps the optimiser from removing what the fuzzer runs.
nonisolated(unsafe) public var sink = 0

/// Filters in rules: any text without a "?" is one, and passes payloads of some lengths.
private let filters = FaultFilterLanguage(isField: { $0 == "text" }) {
  text throws(FaultFilterError) in
  if let place = text.utf8.firstIndex(of: UInt8(ascii: "?")) {
    let offset = text.utf8.distance(from: text.startIndex, to: place)
    throw FaultFilterError("\(text) is a question", at: offset..<offset + 1)
  }
  let length = text.utf8.count
  return { _, _, _, payload in (payload.byteCount &+ length) % 3 == 0 }
}

/// The entry that libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFaultRules(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
  let end = input.firstIndex(of: 0) ?? input.count
  let text = String(decoding: input[..<end], as: UTF8.self)
  let traffic = input[min(end + 1, input.count)...]
  do throws(FaultRuleError) {
    let rules = try FaultRules(parsing: text, filters: filters)
    readBack(rules)
    disturb(traffic, FaultInjector(rules: rules, seed: UInt64(size), connection: 0))
  } catch {
    let message = error.caretMessage(for: text)
    guard error.range.lowerBound >= 0, error.range.upperBound <= text.utf8.count, error.line >= 1,
      error.column >= 1, error.length >= 1, message.contains("^")
    else { fatalError("line \(error.line), column \(error.column): \(error.message)") }
    unsafe sink &+= message.utf8.count
  }
  do throws(FaultLedgerError) {
    let ledger = try FaultLedger(parsing: text, filters: filters)
    guard let again = try? FaultLedger(parsing: ledger.text, filters: filters), again == ledger
    else {
      fatalError("a ledger does not read back: \(ledger.text)")
    }
    disturb(traffic, FaultInjector(replaying: ledger, connection: 0))
  } catch {
    unsafe sink &+= error.line
  }
  return 0
}

/// Rules read back from their normal spelling are the same.
private func readBack(_ rules: FaultRules) {
  guard let again = try? FaultRules(parsing: rules.description, filters: filters), again == rules
  else {
    fatalError("rules do not read back: \(rules)")
  }
}

/// Cuts bytes into frames of any kind and lets them pass.
private func disturb(_ traffic: ArraySlice<UInt8>, _ injector: FaultInjector) {
  var injector = injector
  var rest = traffic
  var now = Instant.zero
  var expected: UInt64 = 0
  var sent: UInt64 = 0
  while let choice = rest.popFirst() {
    let direction: Direction = choice & 1 == 0 ? .clientToServer : .serverToClient
    let dialect: Dialect = choice & 2 == 0 ? .native : .classic
    let bytes = Array(rest.prefix(dialect.headerSize + Int(choice >> 4)))
    rest = rest.dropFirst(bytes.count)
    if let header = FrameHeader(dialect, in: bytes.span.bytes, at: 0) {
      let fate = injector.receive(
        bytes.span.bytes, header: header, dialect: dialect, isGood: choice & 4 == 0,
        direction: direction, at: now)
      // What is held goes with the connection.
      if fate.resetsConnection { return }
      expected &+= copies(fate)
    } else {
      injector.pass(bytes.span.bytes, direction: direction, at: now)
      expected &+= 1
    }
    now = now.advanced(byNanoseconds: Int64(choice) << 18)
    if choice & 8 != 0 { sent &+= drain(&injector, at: now) }
  }
  for direction in [Direction.clientToServer, .serverToClient] {
    let closing = injector.closing(direction, at: now)
    guard closing.delay >= .zero else { fatalError("an end comes before its time") }
    unsafe sink &+= closing.acts.count
  }
  injector.finish(.clientToServer)
  injector.finish(.serverToClient)
  sent &+= drain(&injector, at: now)
  guard sent == expected else { fatalError("\(sent) went out, not \(expected)") }
}

/// How often a frame should go out.
private func copies(_ fate: Fate) -> UInt64 {
  var copies: UInt64 = 1
  for act in fate.acts {
    switch act.change {
    case .drop, .reset: return 0
    case .duplicate(let more): copies &+= UInt64(more)
    case .corrupt, .delay, .reorder, .bandwidth, .slowClose: break
    }
  }
  return copies
}

/// Takes all outputs; gives how many there were.
private func drain(_ injector: inout FaultInjector, at now: Instant) -> UInt64 {
  var count: UInt64 = 0
  var bytes: [UInt8] = []
  for direction in [Direction.clientToServer, .serverToClient] {
    while case .forward = injector.nextOutput(direction, at: now, into: &bytes) { count &+= 1 }
  }
  unsafe sink &+= bytes.count
  return count
}
