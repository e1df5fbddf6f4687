import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Recordings that are not as they were written.
@Suite("Recordings: edited and hostile") struct RecordingEditedTests {
  /// The blocks of a recording as bytes.
  private static func blocks(_ recording: [UInt8]) throws -> [[UInt8]] {
    var offset = 0
    return try RecordedBlock.all(in: recording).map { block in
      let count = block.body.count + 12
      defer { offset += count }
      return Array(recording[offset..<offset + count])
    }
  }

  /// The block without its comments.
  private static func stripped(_ block: [UInt8]) -> [UInt8] {
    guard block[0] == 6 else { return block }
    let captured = Int(block[20]) | Int(block[21]) << 8 | Int(block[22]) << 16
    var result = Array(block[..<(28 + (captured + 3) / 4 * 4)])
    let length = UInt32(result.count + 4)
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    result.replaceSubrange(4..<8, with: bytes)
    return result + bytes
  }

  @Test func `a later file of a rotation opens connections where they are first seen`() throws {
    for seed in 0..<UInt64(5 * effort) {
      let script = RecordingScript(seed: 5_000 + seed, connections: 5, largest: 20_000)
      let run = RecordingRun(script, stepsPerFile: 80)
      let whole = try trace(file: run.recording)
      for file in run.files.dropFirst() {
        let part = try trace(file: file)
        #expect(part.inconsistencies.isEmpty, "seed \(seed): \(part.inconsistencies)")
        let known = Set(whole.chatStreams)
        #expect(part.chatStreams.allSatisfy(known.contains), "streams keep their numbers")
        // Who it is between is said again in each file.
        for record in part.records where record.event.kind == .tcp && record.event.tcpEvent == .open
        {
          let opened = whole.records.first {
            $0.event.tcpEvent == .open && $0.event.stream == record.event.stream
          }
          #expect(record.event.client == opened?.event.client)
          #expect(record.event.server == opened?.event.server)
        }
        #expect(part.frames.allSatisfy { $0.event.leg != .wire })
      }
    }
  }

  @Test func `packets that are missing are gaps, and the rest is as it was`() throws {
    var random = SeededGenerator(seed: 8)
    for seed in 0..<UInt64(10 * effort) {
      let script = RecordingScript(seed: 6_000 + seed, connections: 3, largest: 90_000)
      let run = RecordingRun(script)
      let whole = try trace(file: run.recording)
      let blocks = try Self.blocks(run.recording)
      let rest = blocks.enumerated().filter { index, block in
        index < 9 || block[0] != 6 || Int.random(in: 0..<20, using: &random) > 0
      }.flatMap(\.element)
      let part = try trace(file: rest)
      #expect(part.inconsistencies.isEmpty, "seed \(seed): \(part.inconsistencies)")
      for stream in part.chatStreams {
        for direction in [Direction.clientToServer, .serverToClient] {
          let facts = Set(whole.facts(stream, direction).map(\.bytesOnly))
          let same = part.facts(stream, direction).filter { facts.contains($0.bytesOnly) }
          #expect(same.count * 10 >= part.facts(stream, direction).count * 8, "seed \(seed)")
        }
      }
    }
  }

  @Test func `without comments the client's side is read, as any capture`() throws {
    let script = RecordingScript(seed: 11, connections: 1, largest: 1_000)
    let run = RecordingRun(script)
    let bare = try Self.blocks(run.recording).flatMap(Self.stripped)
    let read = try trace(file: bare)
    #expect(read.chatStreams == [0])
    #expect(read.frames.count > 20)
    #expect(read.frames.allSatisfy { $0.event.leg == .wire && $0.event.disposition == .seen })
    // What the client has sent is all there.
    let sent = try trace(file: run.recording).facts(0, .clientToServer)
    #expect(read.facts(0, .clientToServer) == sent)
  }

  @Test func `every packet twice is read once`() throws {
    let script = RecordingScript(seed: 12, connections: 2, largest: 100_000)
    let run = RecordingRun(script, waits: false)
    let twice = try Self.blocks(run.recording).flatMap { block -> [UInt8] in
      // Events come once: to be told twice is another thing.
      let isArrival =
        block[0] == 6 && !String(decoding: block, as: UTF8.self).contains("\"event\"")
      return isArrival ? block + block : block
    }
    let read = try trace(file: twice)
    let whole = try trace(file: run.recording)
    #expect(read.frames.map(FrameFact.init) == whole.frames.map(FrameFact.init))
  }

  @Test func `hostile recordings are read without a trap`() throws {
    var hostile = HostileBytes(seed: 3)
    var random = SeededGenerator(seed: 4)
    for seed in 0..<UInt64(2 * effort) {
      let script = RecordingScript(seed: 7_000 + seed, connections: 4, largest: 66_000)
      let run = RecordingRun(script, stepsPerFile: 60)
      let blocks = try Self.blocks(run.recording)
      for _ in 0..<25 {
        var file = blocks
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          let index = Int.random(in: file.indices, using: &random)
          switch Int.random(in: 0..<5, using: &random) {
          case 0: file.remove(at: index)
          case 1: file.insert(file[index], at: Int.random(in: file.indices, using: &random))
          case 2: file.swapAt(index, Int.random(in: file.indices, using: &random))
          case 3:
            // Digits of comments: other connections, numbers, parts.
            let digits = file[index].indices.filter { 0x30...0x39 ~= file[index][$0] }
            if let place = digits.randomElement(using: &random) {
              file[index][place] = UInt8.random(in: 0x30...0x39, using: &random)
            }
          default:
            let length = file[index].count
            var body = hostile.mutation(of: Array(file[index][8..<length - 4]))
            while body.count % 4 != 0 { body.append(0) }
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: (body.count + 12) >> (8 * $0)) }
            file[index] = file[index][..<4] + bytes + body + bytes
          }
        }
        let read = try? trace(file: file.flatMap { $0 })
        #expect(read?.inconsistencies.isEmpty != false, "seed \(seed)")
      }
    }
  }

  @Test func `connections with any number are traced, in little memory`() throws {
    let script = RecordingScript(seed: 13, connections: 1, largest: 1_000)
    let run = RecordingRun(script)
    for number in ["7", "4000000", "99999999999", "9223372036854775807", "99999999999999999999"] {
      let file = try Self.blocks(run.recording).flatMap { block -> [UInt8] in
        guard block[0] == 6 else { return block }
        return renumbered(block, to: number)
      }
      let read = try trace(file: file)
      // Others get the next number, or the comment is none.
      let expected = ["7": [7], "4000000": [4_000_000]]
      #expect(read.chatStreams == expected[number] ?? [0], "\(number)")
    }
  }

  /// The block of a packet with another connection in its comment.
  private func renumbered(_ block: [UInt8], to number: String) -> [UInt8] {
    let wanted = Array("{\"connection\":0".utf8)
    guard let start = block.indices.first(where: { block[$0...].starts(with: wanted) }) else {
      return block
    }
    // The option begins four bytes before "chat-inspect: ".
    let option = start - 14 - 4
    let length = Int(block[option + 2]) | Int(block[option + 3]) << 8
    var text = Array(block[option + 4..<option + 4 + length])
    text.replaceSubrange(14..<14 + wanted.count, with: Array("{\"connection\":\(number)".utf8))
    let count = text.count
    while text.count % 4 != 0 { text.append(0) }
    let after = option + 4 + (length + 3) / 4 * 4
    var result = block[..<option] + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + text
    result += block[after..<(block.count - 4)]
    let total = (0..<4).map { UInt8(truncatingIfNeeded: (result.count + 4) >> (8 * $0)) }
    result.replaceSubrange(4..<8, with: total)
    return Array(result) + total
  }
}

extension FrameFact {
  /// What the bytes alone say.
  fileprivate var bytesOnly: [UInt8] {
    [typeCode, flags, UInt8(sequence >> 8), UInt8(sequence & 255)] + payload
  }
}
