// Fuzzes one end of a session: native client, native server, classic client or classic server, by
// the first byte. What follows is a list of steps: bytes off the wire, frames with a right checksum
// (the fuzzer would not guess one), commands, time, the end of the stream. Besides crashes it looks
// for sessions that do not come to rest, wait for a moment that is over, or send what is no frame.

import ChatWire

/// Keeps the optimiser from removing what the fuzzer runs.
nonisolated(unsafe) public var sink = 0

/// The entry that libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSession(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))[...]
  guard let choice = input.popFirst() else { return 0 }
  let mode: ARQMode = choice & 4 == 0 ? .goBackN : .selectiveRepeat
  switch choice & 3 {
  case 0:
    var configuration = ClientConfiguration()
    configuration.mode = mode
    configuration.windowSize = Int(choice >> 4) + 1
    configuration.fragmentSizeMax = 7
    run(
      NativeEnd(
        session: Session(
          client: configuration, initialSequence: SequenceNumber(65_530), checksum: checksum,
          at: .zero)), input)
  case 1:
    run(
      NativeEnd(session: Session(server: ServerConfiguration(), checksum: checksum, at: .zero)),
      input)
  case 2: run(ClassicClientEnd(session: ClassicClientSession()), input)
  default: run(ClassicServerEnd(session: ClassicServerSession(seed: 1, at: .zero)), input)
  }
  return 0
}

private let checksum = CRC32()

/// What the steps need of any session.
private protocol FuzzedEnd {
  static var dialect: Dialect { get }
  mutating func receive(_ bytes: [UInt8])
  mutating func endOfStream()
  mutating func command(_ choice: UInt8, _ bytes: [UInt8])
  /// Does the next thing; nil if it transmits, otherwise until when it waits.
  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> Instant?
}

private func run<End: FuzzedEnd>(_ start: End, _ input: ArraySlice<UInt8>) {
  var end = start
  var steps = input
  var now = Instant.zero
  drain(&end, at: now)
  while let step = steps.popFirst() {
    let bytes = Array(steps.prefix(Int(step >> 3)))
    switch step & 7 {
    case 0, 1: end.receive(bytes)
    case 2, 3: end.receive(frame(bytes, End.dialect))
    case 4: now = now.advanced(byNanoseconds: Int64(bytes.first ?? 0) << 27)
    case 5: end.endOfStream()
    default: end.command(step >> 3, bytes)
    }
    steps = steps.dropFirst(bytes.count)
    // Every other step of bytes is only drained with the next.
    if step & 7 != 1, step & 7 != 3 { drain(&end, at: now) }
  }
  drain(&end, at: now)
}

/// A frame with a right checksum: type, flags, sequence, payload.
private func frame(_ bytes: [UInt8], _ dialect: Dialect) -> [UInt8] {
  var fields = bytes[...]
  let type = fields.popFirst() ?? 0
  let flags = fields.popFirst() ?? 0
  let sequence = UInt16(fields.popFirst() ?? 0) << 8 | UInt16(fields.popFirst() ?? 0)
  let payload = Array(fields)
  var encoded: [UInt8] = []
  switch dialect {
  case .native:
    encodeFrame(
      FrameHeader(length: 0, typeCode: type, sequence: sequence, checksum: 0, flags: flags),
      payload: payload.span.bytes, into: &encoded, checksum: checksum)
  case .classic:
    encodeClassicFrame(
      ClassicType(rawValue: type), sequence: sequence, payload: payload, isLast: flags & 1 != 0,
      into: &encoded)
  }
  return encoded
}

/// Takes outputs until the session waits.
private func drain<End: FuzzedEnd>(_ end: inout End, at now: Instant) {
  var bytes: [UInt8] = []
  var count = 0
  while true {
    let before = bytes.count
    guard let deadline = end.next(at: now, into: &bytes) else {
      check(Array(bytes[before...]), End.dialect)
      count += 1
      if count > 100_000 { fatalError("a session does not come to rest") }
      continue
    }
    if deadline <= now { fatalError("a session waits until \(deadline) at \(now)") }
    break
  }
  unsafe sink &+= bytes.count
}

/// What is sent is one good frame, or nothing.
private func check(_ bytes: [UInt8], _ dialect: Dialect) {
  guard !bytes.isEmpty else { return }
  var decoder = FrameDecoder(dialect)
  var position = 0
  guard
    let unit = decoder.next(in: bytes.span.bytes, position: &position, checksum: checksum),
    unit.kind == .frame, position == bytes.count
  else { fatalError("\(bytes) is not one frame") }
}

// MARK: the ends

private struct NativeEnd: FuzzedEnd {
  static var dialect: Dialect { .native }
  var session: Session

  mutating func receive(_ bytes: [UInt8]) { session.receive(bytes.span.bytes) }
  mutating func endOfStream() { session.endOfStream() }

  mutating func command(_ choice: UInt8, _ bytes: [UInt8]) {
    switch choice % 5 {
    case 0, 1: try? session.send(.data, bytes)
    case 2: session.finish(reason: String(decoding: bytes, as: UTF8.self))
    case 3: session.limitReceiveWindow(to: bytes.first.map { Int($0) })
    default: if bytes.count > 20 { session.fail(.shuttingDown, "goodbye") }
    }
  }

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> Instant? {
    switch session.nextOutput(at: now, into: &bytes) {
    case .wait(let deadline): return deadline
    case .ended: return .distantFuture
    case .request:
      session.accept(
        SessionGrant(
          nickname: "ana", sessionID: [1, 2, 3, 4, 5, 6, 7, 8],
          initialSequence: SequenceNumber(65_533)))
      return nil
    case .transmit, .established, .deliver, .oversized, .peerFinished: return nil
    }
  }
}

private struct ClassicClientEnd: FuzzedEnd {
  static var dialect: Dialect { .classic }
  var session: ClassicClientSession

  mutating func receive(_ bytes: [UInt8]) { session.receive(bytes.span.bytes) }
  mutating func endOfStream() { session.endOfStream() }

  mutating func command(_ choice: UInt8, _ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    switch choice % 4 {
    case 0, 1: _ = session.send(text)
    case 2: session.setNickname(text)
    default: if bytes.count > 20 { session.disconnect() } else { session.requestNames() }
    }
  }

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> Instant? {
    switch session.nextOutput(at: now, into: &bytes) {
    case .wait(let deadline): return deadline
    case .ended: return .distantFuture
    default: return nil
    }
  }
}

private struct ClassicServerEnd: FuzzedEnd {
  static var dialect: Dialect { .classic }
  var session: ClassicServerSession

  mutating func receive(_ bytes: [UInt8]) { session.receive(bytes.span.bytes) }
  mutating func endOfStream() { session.endOfStream() }

  mutating func command(_ choice: UInt8, _ bytes: [UInt8]) {
    session.broadcast(name: "bia", text: String(decoding: bytes, as: UTF8.self))
  }

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> Instant? {
    switch session.nextOutput(at: now, into: &bytes) {
    case .wait(let deadline): return deadline
    case .ended: return .distantFuture
    case .opening: session.accept(sessionID: "20ccd443")
    case .nicknameWanted(let name): session.giveNickname(name)
    case .namesWanted: session.list(["ana", "bia"])
    default: break
    }
    return nil
  }
}
