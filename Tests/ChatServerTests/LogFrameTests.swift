import TestSupport
import Testing

@testable import chat_server

@Suite("Frames between the server and its logging process") struct LogFrameTests {
  static let frames: [LogFrame] = [
    .record(number: 1, line: Array("{\"record\":1}\n".utf8)[...]),
    .record(number: .max, line: [0x0A]),
    .ready(last: 0), .acknowledged(last: 0x0102_0304_0506_0708), .failing("no space left"),
    .recovered, .refused(""),
  ]

  static var stream: [UInt8] {
    var bytes: [UInt8] = []
    for frame in frames { frame.encode(into: &bytes) }
    return bytes
  }

  static func decode(_ pieces: [ArraySlice<UInt8>]) throws(LogFrameError) -> [LogFrame] {
    var decoder = LogFrameDecoder()
    var frames: [LogFrame] = []
    for piece in pieces {
      decoder.append(piece)
      while let frame = try decoder.next() { frames.append(frame) }
    }
    return frames
  }

  @Test("what is encoded is decoded, cut at every place")
  func cuts() throws {
    let stream = Self.stream
    for cut in 0...stream.count {
      #expect(try Self.decode([stream[..<cut], stream[cut...]]) == Self.frames)
    }
  }

  @Test("what is encoded is decoded byte by byte")
  func singleBytes() throws {
    let stream = Self.stream
    #expect(try Self.decode(stream.indices.map { stream[$0...$0] }) == Self.frames)
  }

  @Test("a beginning of the stream gives the frames that are whole")
  func beginnings() throws {
    for beginning in HostileBytes.cuts(of: Self.stream) {
      let frames = try Self.decode([beginning[...]])
      #expect(frames == Array(Self.frames.prefix(frames.count)))
    }
  }

  @Test("a length, a code or a size that cannot be is an error")
  func badFrames() {
    let bad: [[UInt8]] = [
      [0, 0, 0, 0], [0, 1, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 1, 0], [0, 0, 0, 1, 99],
      [0, 0, 0, 1, 2], [0, 0, 0, 2, 3, 0], [0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 2, 5, 0],
    ]
    for bytes in bad {
      #expect(throws: LogFrameError.self) { try Self.decode([bytes[...]]) }
    }
  }

  @Test("damaged bytes give frames or an error, and nothing else")
  func damagedBytes() {
    var hostile = HostileBytes(seed: 4)
    var errorCount = 0
    for _ in 0..<2_000 * effort {
      let bytes = hostile.mutation(of: Self.stream)
      do throws(LogFrameError) {
        _ = try Self.decode([bytes[...]])
      } catch {
        errorCount += 1
      }
    }
    #expect(errorCount > 0)
  }
}
