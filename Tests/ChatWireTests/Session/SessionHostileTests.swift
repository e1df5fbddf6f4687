import ChatWire
import TestSupport
import Testing

/// Bytes from nowhere: nothing traps, drains end, memory stays bounded.
@Suite("Session, hostile") struct SessionHostileTests {
  /// Sessions in all situations, and bounds that hold in each of them.
  private static func expectBounded(_ session: Session, _ seed: UInt64) {
    let status = session.status
    guard status.bufferedByteCount <= 1 << 20, status.bufferedFrameCount <= 16_384,
      status.inFlightCount <= session.parameters?.windowSize ?? 0,
      status.queuedByteCount <= 1 << 20
    else {
      Issue.record("seed \(seed): \(status)")
      return
    }
  }

  /// A frame of any type with fields near what is expected, valid unless damaged.
  private static func anyFrame(
    for session: Session, using random: inout SeededGenerator
  ) -> [UInt8] {
    let types: [UInt8] = Array(1...14) + [0x40, 0x5F, 0, 0x0F, 0x60, 0xFF]
    let type = FrameType(rawValue: types.randomElement(using: &random) ?? 4)
    let status = session.status
    let near = UInt16.random(in: 0...40, using: &random) &- 10
    let around =
      Bool.random(using: &random) ? status.nextExpected.rawValue : status.base.rawValue
    let sequence =
      Int.random(in: 0..<4, using: &random) == 0
      ? UInt16.random(in: 0...65_535, using: &random) : around &+ near
    let payload: [UInt8]
    switch Int.random(in: 0..<6, using: &random) {
    case 0: payload = []
    case 1:
      payload = big(status.base.rawValue &+ near) + big(UInt16.random(in: 0...20, using: &random))
    case 2: payload = synOptions()
    case 3: payload = synAckOptions()
    case 4: payload = option(7, SessionLoop.grant.sessionID)
    default:
      payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
    }
    return frame(
      type, sequence, payload, flags: UInt8.random(in: 0...3, using: &random))
  }

  @Test func `frames with random fields and valid checksums, in every situation`() throws {
    let situations = try SessionTransitions.situations()
    let count = 100_000 * effort
    var random = SeededGenerator(seed: 1)
    var taken = 0
    var established = 0
    while taken < count {
      var driven = situations[Int.random(in: 0..<situations.count, using: &random)].session
      for _ in 0..<60 where driven.session.end == nil {
        let frame = Self.anyFrame(for: driven.session, using: &random)
        // Most ERRORs and SYNs end it at once, which is dull.
        if frameType(frame) == .error, Int.random(in: 0..<10, using: &random) > 0 { continue }
        _ = driven.take(frame)
        taken += 1
        if driven.session.isEstablished { established += 1 }
        if Int.random(in: 0..<8, using: &random) == 0, driven.session.end == nil {
          driven.now = min(driven.deadline, driven.now.advanced(by: .seconds(20)))
          _ = driven.drain()
        }
        driven.sent.removeAll()
        driven.delivered.removeAll()
        Self.expectBounded(driven.session, UInt64(taken))
      }
      if driven.session.end != nil { taken += 1 }
    }
    #expect(established > count / 10, "many of them come to life")
  }

  @Test func `random and mutated bytes, in every situation`() throws {
    let situations = try SessionTransitions.situations()
    var random = SeededGenerator(seed: 2)
    var hostile = HostileBytes(seed: 3)
    for seed in 0..<UInt64(2_000 * effort) {
      var driven = situations[Int(seed) % situations.count].session
      for _ in 0..<10 where driven.session.end == nil {
        if Int.random(in: 0..<4, using: &random) == 0 {
          _ = driven.take(
            (0..<Int.random(in: 0...300, using: &random)).map { _ in
              UInt8.random(in: 0...(Bool.random(using: &random) ? 5 : 255), using: &random)
            })
        } else {
          _ = driven.take(
            hostile.mutation(of: Self.anyFrame(for: driven.session, using: &random)))
        }
        Self.expectBounded(driven.session, seed)
      }
    }
  }

  @Test func `64 KiB of tiny frames in one read are answered one by one`() {
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var server = DrivenSession.establishedServer(mode: mode, window: 16_384)
      var read: [UInt8] = []
      var count = 0
      while read.count < 65_536 - 11 {
        read += frame(.data, UInt16(truncatingIfNeeded: 1_001 + count), flags: 1)
        count += 1
      }
      let words = server.take(read)
      #expect(words.count == 2 * count)
      #expect(server.session.status.messagesDelivered == count)
      let pings = Array(repeatElement(frame(.ping, 0, [0, 0, 0, 0, 0, 0, 0, 1]), count: 3_000))
      #expect(server.take(pings.flatMap { $0 }).count == 6_000)
    }
  }

  @Test func `no more answers wait than one frame causes`() {
    var server = DrivenSession.establishedServer(mode: .selectiveRepeat, window: 1_024)
    let far = frame(.data, 1_001 + 1_023, flags: 3)
    #expect(server.take(far).count == 1_024, "an ACK and a NACK for each before it")
    var reader = server.session
    let second = frame(.data, 1_001 + 1_022, flags: 3) + frame(.data, 1_001 + 1_021, flags: 3)
    reader.receive(second.span.bytes)
    var bytes: [UInt8] = []
    for _ in 0..<100 { _ = reader.nextOutput(at: server.now, into: &bytes) }
    #expect(reader.status.framesReceived == server.session.status.framesReceived + 1)
  }

  @Test func `a read of nothing changes nothing`() throws {
    for situation in try SessionTransitions.situations() {
      var driven = situation.session
      #expect(driven.take([]) == [])
      #expect(driven.session.phase == situation.session.session.phase)
    }
  }
}
