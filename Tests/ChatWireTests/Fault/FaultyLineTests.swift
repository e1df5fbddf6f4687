import ChatWire
import TestSupport
import Testing

/// One end's line: whole frames out, bytes in any segmentation in.
@Suite("Faulty line") struct FaultyLineTests {
  /// What came through a line, and what became of the frames.
  private struct Run: Equatable {
    var bytes: [UInt8] = []
    var acts: [[FaultAct]] = []
  }

  private func line(_ rules: String = "", seed: UInt64 = 1) throws -> FaultyLine {
    var line = FaultyLine(
      rules: try FaultRules(parsing: rules), seed: seed, connection: 0, role: .client,
      dialect: .native, checksum: CRC32())
    line.isObserved = true
    return line
  }

  private func incoming(_ line: inout FaultyLine, at now: Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    while case .forward = line.nextIncoming(at: now, into: &bytes) {}
    return bytes
  }

  private func outgoing(_ line: inout FaultyLine, at now: Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    while case .forward = line.nextOutgoing(at: now, into: &bytes) {}
    return bytes
  }

  private func takeFates(_ line: inout FaultyLine) -> [Fate] {
    var observations: [FaultyLine.Observation] = []
    line.takeObservations(into: &observations)
    return observations.compactMap(\.fate)
  }

  /// Sends bytes through a line, cut at random.
  private func run(
    _ bytes: [UInt8], through line: FaultyLine, cutAtMost: Int, using random: inout SeededGenerator
  ) -> Run {
    var line = line
    var run = Run()
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = Array(rest.prefix(Int.random(in: 1...cutAtMost, using: &random)))
      rest = rest.dropFirst(chunk.count)
      line.receive(chunk.span.bytes, at: .zero)
      run.bytes += incoming(&line, at: .zero)
    }
    line.finishIncoming(at: .zero)
    run.bytes += incoming(&line, at: .zero)
    run.acts = takeFates(&line).map(\.acts)
    return run
  }

  /// What a server sends: a handshake, data, and now and then something that is no frame.
  private func serverBytes(
    withJunk: Bool, using random: inout SeededGenerator
  ) throws -> [UInt8] {
    let frames = try RandomTraffic(count: 120, using: &random).interleaved(using: &random)
    var bytes: [UInt8] = []
    for frame in frames where frame.direction == .serverToClient {
      if withJunk, Int.random(in: 0..<8, using: &random) == 0 {
        bytes += (0..<Int.random(in: 1...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
      bytes += frame.bytes
    }
    return bytes
  }

  @Test(arguments: ["", "drop 0%; delay 50ms nth 100000; corrupt connection 7"])
  func `rules that do not fire leave all bytes as they were, cut as they may be`(
    rules: String
  ) throws {
    var random = SeededGenerator(seed: 31)
    for round in 0..<40 * effort {
      var bytes = try serverBytes(withJunk: round.isMultiple(of: 2), using: &random)
      if round.isMultiple(of: 3) {
        var hostile = HostileBytes(seed: UInt64(round))
        bytes = hostile.mutation(of: bytes)
      }
      let passed = run(
        bytes, through: try line(rules), cutAtMost: [1, 7, 100, 5_000][round % 4], using: &random)
      #expect(passed.bytes == bytes)
    }
  }

  @Test func `frames have the same fates however the stream is cut`() throws {
    let rules = "drop 10%; corrupt payload 10%; duplicate 10%; corrupt header 5%"
    var random = SeededGenerator(seed: 32)
    for round in 0..<30 * effort {
      let bytes = try serverBytes(withJunk: round.isMultiple(of: 2), using: &random)
      let line = try line(rules, seed: UInt64(round))
      let whole = run(bytes, through: line, cutAtMost: bytes.count, using: &random)
      for cutAtMost in [1, 20, 300] {
        let cut = run(bytes, through: line, cutAtMost: cutAtMost, using: &random)
        #expect(cut == whole)
      }
      #expect(whole.acts.contains { !$0.isEmpty })
    }
  }

  @Test func `faults act on whole frames in both directions`() throws {
    var line = try line("drop nth 2 DATA s2c; duplicate nth 3 DATA s2c; corrupt nth 1 DATA c2s")
    let frames = (1...3).map {
      TrafficFrame(.serverToClient, .data, UInt16($0), Array("text \($0)".utf8))
    }
    for byte in frames.flatMap(\.bytes) {
      line.receive([byte].span.bytes, at: .zero)
    }
    #expect(
      incoming(&line, at: .zero) == frames[0].bytes + frames[2].bytes + frames[2].bytes)

    let sent = TrafficFrame(.clientToServer, .data, 1, Array("hello".utf8))
    line.send(sent.bytes.span.bytes, at: .zero)
    let onWire = outgoing(&line, at: .zero)
    #expect(onWire.count == sent.bytes.count)
    #expect(zip(onWire, sent.bytes).count { $0 != $1 } == 1)
    #expect(takeFates(&line).map(\.disposition) == [.forwarded, .dropped, .duplicated, .corrupted])
    #expect(line.disturbedFrameCount == 3)
  }

  @Test func `a delayed frame comes out when its time has come`() throws {
    var line = try line("delay 50ms nth 1 DATA s2c")
    let first = TrafficFrame(.serverToClient, .data, 1, Array("late".utf8))
    let second = TrafficFrame(.serverToClient, .data, 2, Array("soon".utf8))
    line.receive((first.bytes + second.bytes).span.bytes, at: .zero)
    #expect(incoming(&line, at: .zero) == second.bytes)
    #expect(line.deadline == moment(50))
    #expect(incoming(&line, at: moment(49)) == [])
    #expect(incoming(&line, at: moment(50)) == first.bytes)
    #expect(line.deadline == .distantFuture)
  }

  @Test func `half a frame is held for a second and then passes`() throws {
    var line = try line("drop 0%")
    let frame = TrafficFrame(.serverToClient, .data, 1, Array("text".utf8))
    line.receive(Array(frame.bytes.prefix(6)).span.bytes, at: moment(100))
    #expect(incoming(&line, at: moment(100)) == [])
    #expect(line.deadline == moment(1_100))
    #expect(incoming(&line, at: moment(1_100)) == Array(frame.bytes.prefix(6)))
    line.receive(Array(frame.bytes.dropFirst(6)).span.bytes, at: moment(1_200))
    #expect(incoming(&line, at: moment(1_200)) == Array(frame.bytes.dropFirst(6)))
    #expect(takeFates(&line).isEmpty)
    line.receive(frame.bytes.span.bytes, at: moment(1_300))
    #expect(incoming(&line, at: moment(1_300)) == frame.bytes)
    #expect(takeFates(&line).count == 1)
  }

  @Test func `a damaged frame at the end waits for its verdict and then has a fate`() throws {
    var line = try line("drop DATA s2c")
    var bytes = TrafficFrame(.serverToClient, .data, 1, Array("text".utf8)).bytes
    bytes[12] ^= 1
    line.receive(bytes.span.bytes, at: .zero)
    #expect(incoming(&line, at: .zero) == [])
    #expect(incoming(&line, at: moment(1_000)) == [])
    let fates = takeFates(&line)
    #expect(fates.map(\.disposition) == [.dropped])
    #expect(fates.first?.identity.isDamaged == true)
  }

  @Test func `no more is held than the longest frame`() throws {
    var line = try line("drop 0%")
    line.receiveLimit = 1_024
    // Candidates all the way: each begins a frame that never becomes complete.
    let header: [UInt8] = [0, 4, 0, 4, 0, 1, 0, 0, 0, 0, 1]
    let stream = Array(repeatElement(header, count: 2_000).joined())
    var passed: [UInt8] = []
    for start in stride(from: 0, to: stream.count, by: 500) {
      line.receive(Array(stream[start..<min(stream.count, start + 500)]).span.bytes, at: .zero)
      passed += incoming(&line, at: .zero)
      #expect(start + 500 - passed.count <= 1_024 + 11 + 500)
    }
    line.finishIncoming(at: .zero)
    passed += incoming(&line, at: .zero)
    #expect(passed == stream)
  }

  @Test func `rules that come later know the sequence numbers of the handshake`() throws {
    let opening = try handshake(client: 5_000, server: 700)
    var line = try line()
    for frame in opening {
      switch frame.direction {
      case .clientToServer: line.send(frame.bytes.span.bytes, at: .zero)
      case .serverToClient:
        // In pieces: without rules nothing is held, and the frame is known all the same.
        for byte in frame.bytes {
          line.receive([byte].span.bytes, at: .zero)
          #expect(incoming(&line, at: .zero) == [byte])
        }
      }
    }
    _ = takeFates(&line)
    line.rules = try FaultRules(parsing: "drop 0%")
    let data = TrafficFrame(.serverToClient, .data, 701, [65])
    line.receive(data.bytes.span.bytes, at: .zero)
    #expect(incoming(&line, at: .zero) == data.bytes)
    #expect(takeFates(&line).map(\.identity.place) == [.sequenced(1)])
  }

  @Test func `what is held goes before the direction is closed`() throws {
    var line = try line("delay 60s c2s; reorder s2c")
    let frame = TrafficFrame(.clientToServer, .fin, 1)
    line.send(frame.bytes.span.bytes, at: .zero)
    #expect(outgoing(&line, at: .zero) == [])
    line.finishOutgoing()
    #expect(outgoing(&line, at: .zero) == frame.bytes)
    let answer = TrafficFrame(.serverToClient, .fin, 1)
    line.receive(answer.bytes.span.bytes, at: .zero)
    #expect(incoming(&line, at: .zero) == [])
    line.finishIncoming(at: .zero)
    #expect(incoming(&line, at: .zero) == answer.bytes)
  }

  @Test func `a line that was reset passes nothing more, in either direction`() throws {
    var line = try line("reset nth 2 s2c; delay 10ms c2s")
    let frames = (1...3).map { TrafficFrame(.serverToClient, .data, UInt16($0), [7]) }
    let mine = TrafficFrame(.clientToServer, .data, 9, [1]).bytes
    line.send(mine.span.bytes, at: .zero)
    let bytes = frames.flatMap(\.bytes)
    line.receive(bytes.span.bytes, at: .zero)
    #expect(line.isReset)
    #expect(incoming(&line, at: .zero) == frames[0].bytes)
    line.receive(bytes.span.bytes, at: .zero)
    line.send(mine.span.bytes, at: .zero)
    #expect(incoming(&line, at: moment(100)).isEmpty)
    #expect(outgoing(&line, at: moment(100)).isEmpty)
    #expect(takeFates(&line).map(\.resetsConnection) == [false, false, true])
  }

  @Test func `times count from when the connection was opened`() throws {
    var line = try line("drop after 1s")
    line.begin(at: .zero)
    let frame = TrafficFrame(.clientToServer, .data, 9, [1]).bytes
    line.send(frame.span.bytes, at: moment(1_000))
    #expect(outgoing(&line, at: moment(1_000)).isEmpty)
  }
}
