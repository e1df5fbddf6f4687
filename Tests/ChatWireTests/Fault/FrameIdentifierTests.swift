import ChatWire
import TestSupport
import Testing

@Suite("Frame identity") struct FrameIdentifierTests {
  private func identify(_ frames: [TrafficFrame]) -> [IdentifiedFrame] {
    var identifier = FrameIdentifier(connection: 3)
    return frames.map { identifier.identify($0) }
  }

  private func data(
    _ sequence: UInt16, _ direction: Direction = .clientToServer, isLast: Bool = true
  ) -> TrafficFrame {
    TrafficFrame(direction, .data, sequence, [UInt8(truncatingIfNeeded: sequence)], isLast: isLast)
  }

  @Test func `sequenced frames count from the initial sequence number`() throws {
    let frames = identify(
      try handshake(client: 1_000, server: 50_000) + [
        data(1_001), data(1_002), data(50_001, .serverToClient), data(1_003),
      ])
    #expect(
      frames.dropFirst(3).map(\.identity.place) == [
        .sequenced(1), .sequenced(2), .sequenced(1), .sequenced(3),
      ])
    #expect(frames.allSatisfy { $0.identity.attempt == 1 && $0.identity.connection == 3 })
  }

  @Test func `the count goes on where the sequence number wraps`() throws {
    var frames = try handshake(client: 65_530, server: 0)
    for number in 1...100_000 { frames.append(data(UInt16(truncatingIfNeeded: 65_530 + number))) }
    let found = identify(frames).dropFirst(3)
    #expect(found.map(\.identity.place) == (1...100_000).map { .sequenced($0) })
    #expect(found.allSatisfy { $0.identity.attempt == 1 })
    #expect(found.last?.message == 100_000)
  }

  @Test func `copies count as attempts, also behind later frames`() throws {
    let frames = identify(
      try handshake(client: 0, server: 0) + [1, 2, 3, 2, 1, 3, 2].map { data($0) })
    #expect(frames.dropFirst(3).map(\.identity.attempt) == [1, 1, 1, 2, 2, 2, 3])
  }

  @Test func `without a handshake it counts from the first sequenced frame`() {
    let frames = identify([data(700, isLast: false), data(701), data(702)])
    #expect(frames.map(\.identity.place) == [.sequenced(1), .sequenced(2), .sequenced(3)])
    #expect(frames.map(\.message) == [1, 1, 2])
    #expect(frames.map(\.fragment) == [nil, nil, 1])
  }

  @Test func `each frame of the handshake teaches initial sequence numbers`() throws {
    let opening = try handshake(client: 100, server: 200)
    let client = data(105)
    let server = data(205, .serverToClient)
    #expect(identify([opening[0], client])[1].identity.place == .sequenced(5))
    #expect(
      identify([opening[1], client, server]).dropFirst().map(\.identity.place) == [
        .sequenced(5), .sequenced(5),
      ])
    #expect(identify([opening[2], server])[1].identity.place == .sequenced(5))
  }

  @Test func `an initial sequence number that comes late puts the count right`() throws {
    let opening = try handshake(client: 100, server: 200)
    let frames = identify([data(205, .serverToClient), opening[1], data(206, .serverToClient)])
    #expect(frames.map(\.identity.place).last == .sequenced(6))
    // Another one is not believed any more.
    var other = try handshake(client: 100, server: 900)[1]
    other.direction = .serverToClient
    let again = identify([
      opening[1], data(201, .serverToClient), other, data(202, .serverToClient),
    ])
    #expect(again.last?.identity.place == .sequenced(2))
  }

  @Test func `control frames have a type, a sequence and a how-manieth`() throws {
    let opening = try handshake(client: 100, server: 200)
    let ack = { TrafficFrame.acknowledgement(.serverToClient, .ack, $0, nextExpected: $0 &+ 1) }
    let nack = TrafficFrame.acknowledgement(.serverToClient, .nack, 102, nextExpected: 102)
    let ping = TrafficFrame(.clientToServer, .ping, 0, Array(0..<8))
    let frames = identify(
      opening + [opening[0], ack(101), ack(101), nack, ack(102), ack(100), ping, ping])
    let places: [FrameIdentity.Place] = [
      .control(typeCode: 1, sequence: 0), .control(typeCode: 10, sequence: 0),
      .control(typeCode: 3, sequence: 0), .control(typeCode: 1, sequence: 0),
      .control(typeCode: 2, sequence: 1), .control(typeCode: 2, sequence: 1),
      .control(typeCode: 5, sequence: 2), .control(typeCode: 2, sequence: 2),
      .control(typeCode: 2, sequence: 0), .control(typeCode: 11, sequence: 0),
      .control(typeCode: 11, sequence: 0),
    ]
    #expect(frames.map(\.identity.place) == places)
    #expect(frames.map(\.identity.attempt) == [1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 2])
    #expect(frames.allSatisfy { $0.message == nil && $0.fragment == nil })
  }

  @Test func `acknowledgements before any data have their own sequence field`() {
    let frames = identify([
      .acknowledgement(.serverToClient, .ack, 5, nextExpected: 6),
      .acknowledgement(.serverToClient, .ack, 5, nextExpected: 6),
    ])
    #expect(
      frames.map(\.identity.place) == Array(repeating: .control(typeCode: 2, sequence: 5), count: 2)
    )
    #expect(frames.map(\.identity.attempt) == [1, 2])
  }

  @Test func `messages and fragments are counted in order of the sequence`() throws {
    let opening = try handshake(client: 0, server: 0)
    let frames = identify(
      opening + [
        data(1, isLast: false), data(2), data(3, isLast: false),
        // 4 is missing, 5 ends its message.
        data(5), data(6), data(4, isLast: false), data(5), data(7),
      ]
    ).dropFirst(3)
    #expect(frames.map(\.message) == [1, 1, 2, nil, nil, 2, 2, 4])
    #expect(frames.map(\.fragment) == [1, 2, 1, nil, nil, 2, 3, 1])
  }

  @Test func `a hole that the window has moved past is counted over`() throws {
    let opening = try handshake(client: 0, server: 0, window: 4)
    var frames = opening + [data(1, isLast: false)]
    // 2 never comes.
    frames += (3...9).map { data($0) }
    let found = identify(frames).dropFirst(4)
    #expect(found.map(\.message) == [nil, nil, nil, 5, 6, 7, 8])
    #expect(found.map(\.fragment) == [nil, nil, nil, 1, 1, 1, 1])
  }

  @Test func `damaged frames disturb nothing`() throws {
    var random = SeededGenerator(seed: 9)
    for _ in 0..<20 * effort {
      let traffic = try RandomTraffic(count: 200, using: &random)
        .interleaved(using: &random).filter(\.isGood)
      let clean = identify(traffic)
      var identifier = FrameIdentifier(connection: 3)
      var found: [IdentifiedFrame] = []
      for frame in traffic {
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          var damaged = TrafficFrame(
            Bool.random(using: &random) ? .clientToServer : .serverToClient,
            FrameType(rawValue: UInt8.random(in: 0...16, using: &random)),
            UInt16.random(in: 0...65_535, using: &random), [1, 2, 3, 4]
          ).damaged
          if Bool.random(using: &random) { damaged = frame.damaged }
          #expect(identifier.identify(damaged).identity.isDamaged)
        }
        found.append(identifier.identify(frame))
      }
      #expect(found == clean)
    }
  }

  @Test func `a damaged frame has the numbers that it fits, and a count of its own`() throws {
    let opening = try handshake(client: 0, server: 0)
    let frames = identify(
      opening + [
        data(1, isLast: false).damaged, data(1, isLast: false), data(2).damaged,
        data(2).damaged, data(2), data(1, isLast: false).damaged,
      ]
    ).dropFirst(3)
    #expect(frames.map(\.identity.place) == [1, 1, 2, 2, 2, 1].map { .sequenced($0) })
    #expect(frames.map(\.identity.attempt) == [1, 1, 1, 2, 1, 2])
    #expect(frames.map(\.identity.isDamaged) == [true, false, true, true, false, true])
    #expect(frames.map(\.fragment) == [1, 1, 2, 2, 2, 1])
  }

  @Test func `attempts stay known for as long as a window can reach back`() throws {
    for window in [16, 1_000, 16_384] as [UInt16] {
      var identifier = FrameIdentifier(connection: 0)
      for frame in try handshake(client: 0, server: 0, window: window) {
        _ = identifier.identify(frame)
      }
      for number in 1...40_000 { _ = identifier.identify(data(UInt16(number))) }
      let back = UInt16(40_000) - window
      #expect(identifier.identify(data(back)).identity.attempt == 2)
      #expect(identifier.identify(data(back)).identity.attempt == 3)
      #expect(identifier.identify(data(40_001)).identity.place == .sequenced(40_001))
    }
  }

  @Test func `classic frames have a type, a message, a fragment and an attempt`() {
    let send = { (sequence: UInt16, text: String, isLast: Bool) in
      TrafficFrame(classic: .clientToServer, .data, sequence, text, isLast: isLast)
    }
    let ack = { TrafficFrame(classic: .serverToClient, .ack, $0, "ACK for seq \($0)") }
    let nack = { TrafficFrame(classic: .serverToClient, .nack, $0, "NACK for seq \($0)") }
    let found = identify([
      TrafficFrame(classic: .clientToServer, .syn, 0, "{}"),
      send(0, "Hel", false), nack(0), send(0, "Hel", false), ack(0), send(1, "lo", true), ack(1),
      // The same message again, refused once.
      send(0, "ok", true), ack(0), send(0, "ok", true), nack(0), send(0, "ok", true), ack(0),
      TrafficFrame(classic: .serverToClient, .data, 0, "[ana] hi", isLast: true),
      TrafficFrame(classic: .serverToClient, .data, 0, "[ana] hi", isLast: true),
      TrafficFrame(classic: .serverToClient, .ack, 0, "NICK OK: ana"),
      TrafficFrame(classic: .clientToServer, .listRequest, 0, "{}"),
      TrafficFrame(classic: .clientToServer, .listRequest, 0, "{}"),
    ])
    #expect(
      found.map(\.identity.description).map { String($0.dropFirst("connection 3 ".count)) } == [
        "c2s SYN attempt 1",
        "c2s DATA message 1 fragment 1 attempt 1", "s2c NACK message 1 fragment 1 attempt 1",
        "c2s DATA message 1 fragment 1 attempt 2", "s2c ACK message 1 fragment 1 attempt 1",
        "c2s DATA message 1 fragment 2 attempt 1", "s2c ACK message 1 fragment 2 attempt 1",
        "c2s DATA message 2 fragment 1 attempt 1", "s2c ACK message 2 fragment 1 attempt 1",
        "c2s DATA message 3 fragment 1 attempt 1", "s2c NACK message 3 fragment 1 attempt 1",
        "c2s DATA message 3 fragment 1 attempt 2", "s2c ACK message 3 fragment 1 attempt 1",
        "s2c DATA message 1 fragment 1 attempt 1", "s2c DATA message 2 fragment 1 attempt 1",
        "s2c ACK attempt 1", "c2s LIST_REQUEST attempt 1", "c2s LIST_REQUEST attempt 2",
      ])
    #expect(found[5].message == 1 && found[5].fragment == 2)
    #expect(found[6].message == nil)
  }

  @Test func `a classic window that is sent again is told as copies`() {
    let send = { (sequence: UInt16) in
      TrafficFrame(
        classic: .clientToServer, .data, sequence, "part \(sequence)", isLast: sequence == 3)
    }
    let found = identify([0, 1, 2, 3, 1, 2, 3].map(send))
    #expect(found.map(\.message) == Array(repeating: 1, count: 7))
    #expect(found.map(\.identity.attempt) == [1, 1, 1, 1, 2, 2, 2])
    let abandoned = identify([send(0), send(1), send(0), send(1)])
    #expect(abandoned.map(\.message) == [1, 1, 1, 1])
    let next = TrafficFrame(classic: .clientToServer, .data, 0, "other")
    #expect(identify([send(0), send(1), next]).map(\.message) == [1, 1, 2])
  }

  @Test func `any headers are told, and memory stays bounded`() {
    var random = SeededGenerator(seed: 12)
    for dialect in [Dialect.native, .classic] {
      var identifier = FrameIdentifier(connection: 0)
      for _ in 0..<10_000 * effort {
        let header = FrameHeader(
          length: UInt32.random(in: 0...UInt32.max, using: &random),
          typeCode: UInt8.random(in: 0...(Bool.random(using: &random) ? 10 : 255), using: &random),
          sequence: UInt16.random(in: 0...65_535, using: &random), checksum: 0,
          flags: UInt8.random(in: 0...255, using: &random))
        let payload = (0..<Int.random(in: 0...20, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        let frame = identifier.identify(
          header, payload: payload.span.bytes, dialect: dialect,
          isGood: Int.random(in: 0..<4, using: &random) > 0,
          direction: Bool.random(using: &random) ? .clientToServer : .serverToClient)
        #expect(frame.identity.attempt >= 1)
      }
    }
  }
}
