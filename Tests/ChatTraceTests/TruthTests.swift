import ChatWire
import ChatTrace
import Foundation
import Testing

/// The captures of the repository against what is known of them (captures/README.md).
@Suite("Truth") struct TruthTests {
  struct Truth: Decodable {
    struct Frame: Decodable {
      var offset: UInt64
      var type: UInt8
      var name: String
      var seq: UInt16
      var length: UInt64
      var last: Int
      var checksum_ok: Bool?
      var payload_hex: String?
      var payload_sha256: String?
    }
    struct Junk: Decodable {
      var offset: UInt64
      var length: UInt64
      var type: UInt8
      var seq: UInt16
    }
    struct Side: Decodable {
      var bytes: UInt64
      var gaps: [[UInt64]]?
      var frames: [Frame]
      var junk: [Junk]?
    }
    struct Stream: Decodable {
      var stream: Int
      var client: String
      var server: String
      var c2s: Side
      var s2c: Side
    }
    var file: String
    var streams: [Stream]
  }

  @Test("every byte is what the truth says", arguments: CaptureFixture.withTruth)
  func truth(_ name: String) throws {
    let truth = try JSONDecoder().decode(
      Truth.self, from: Data(try CaptureFixture.bytes(name)))
    let trace = try trace(file: try CaptureFixture.bytes(truth.file))
    #expect(trace.chatStreams == truth.streams.map(\.stream))
    #expect(trace.summary.otherStreams == 0)
    #expect(trace.inconsistencies.isEmpty)
    for stream in truth.streams {
      let open = trace.records.first {
        $0.event.kind == .tcp && $0.event.stream == stream.stream && $0.event.tcpEvent == .open
      }
      #expect(open?.event.client == stream.client)
      #expect(open?.event.server == stream.server)
      for (direction, side) in [
        (Direction.clientToServer, stream.c2s), (.serverToClient, stream.s2c),
      ] {
        check(trace, stream.stream, direction, side)
      }
    }
  }

  private func check(
    _ trace: Trace, _ stream: Int, _ direction: Direction, _ side: Truth.Side
  ) {
    let frames = trace.frames(stream, direction)
    #expect(frames.count == side.frames.count)
    for (frame, expected) in zip(frames, side.frames) {
      let event = frame.event
      let verdict: TraceEvent.ChecksumVerdict =
        expected.checksum_ok.map { $0 ? .good : .bad } ?? .unverified
      guard event.offset == expected.offset, event.typeCode == expected.type,
        event.sequence == expected.seq, event.length == expected.length,
        event.last == (expected.last != 0), event.checksum == verdict
      else {
        Issue.record("stream \(stream) \(direction.name): \(FrameFact(frame)), not \(expected)")
        return
      }
      guard verdict != .unverified else { continue }
      if let hex = expected.payload_hex {
        #expect(frame.payload.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex)
      } else {
        #expect(sha256(frame.payload) == expected.payload_sha256)
      }
    }
    let gaps = trace.gaps(stream, direction).map { [$0.lowerBound, UInt64($0.count)] }
    #expect(gaps == side.gaps ?? [])
    let junk = trace.records.filter {
      $0.event.kind == .junk && $0.event.stream == stream && $0.event.direction == direction
    }.map {
      "\($0.event.offset) \($0.event.length) \($0.event.typeCode) \($0.event.sequence)"
    }
    #expect(junk == (side.junk ?? []).map { "\($0.offset) \($0.length) \($0.type) \($0.seq)" })
    #expect(trace.ledger(stream, direction)?.bytes == side.bytes)
  }

  @Test func `SHA-256 is that of FIPS 180-4`() {
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}

/// SHA-256 as hexadecimal text (FIPS 180-4): the truth of long payloads.
func sha256(_ bytes: [UInt8]) -> String {
  func fraction(_ value: Double) -> UInt32 {
    UInt32((value - value.rounded(.down)) * 4_294_967_296)
  }
  let primes = (2..<312).filter { n in !(2..<n).contains { n.isMultiple(of: $0) } }
  let keys = primes.prefix(64).map { fraction(cbrt(Double($0))) }
  var state = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
  var input = bytes + [0x80]
  while input.count % 64 != 56 { input.append(0) }
  input += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (bytes.count * 8) >> ($0 * 8)) }
  func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
  for start in stride(from: 0, to: input.count, by: 64) {
    var words = (0..<16).map { index in
      input[start + index * 4..<start + index * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<64 {
      let a = words[index - 15]
      let b = words[index - 2]
      let first = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3
      let second = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10
      words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
    }
    var now = state
    for index in 0..<64 {
      let e = now[4]
      let a = now[0]
      let choice = e & now[5] ^ ~e & now[6]
      let majority = a & now[1] ^ a & now[2] ^ now[1] & now[2]
      let first =
        now[7] &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ keys[index]
        &+ words[index]
      let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
      now = [first &+ second, a, now[1], now[2], now[3] &+ first, e, now[5], now[6]]
    }
    for index in 0..<8 { state[index] &+= now[index] }
  }
  return state.map {
    let text = String($0, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }.joined()
}
