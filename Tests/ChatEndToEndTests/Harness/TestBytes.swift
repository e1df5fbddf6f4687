import ChatPosix
import ChatWire
import Foundation
import TestSupport

/// A stream of bytes without end in which every byte is known by its place, so that what arrives
/// can be checked without keeping what was sent.
struct TestBytes {
  private let pattern: [UInt8]

  /// Bytes that are no chat.
  static func random(seed: UInt64) -> TestBytes {
    var generator = SeededGenerator(seed: seed)
    var pattern: [UInt8] = []
    // Not a power of two: no buffer's length divides it.
    for _ in 0..<120_000 {
      withUnsafeBytes(of: generator.next()) { pattern += $0 }
    }
    return TestBytes(pattern: pattern)
  }

  /// What one side of a native session might send: a handshake, then messages of all lengths, over
  /// and over.
  static func chat(from sender: Direction, messageCount: Int = 1_500) throws -> TestBytes {
    var options = HandshakeOptions()
    options.version = 1
    options.mode = ARQMode.goBackN.rawValue
    options.window = 64
    options.fragment = 4_096
    var pattern: [UInt8] = []
    var generator = SeededGenerator(seed: 5)
    let checksum = CRC32()
    func append(_ type: FrameType, _ sequence: UInt16, _ payload: [UInt8], isLast: Bool) throws {
      guard
        let frame = Frame(
          type, sequence: SequenceNumber(sequence), payload: payload, isLast: isLast)
      else { throw TestFailure("no legal frame") }
      frame.encode(into: &pattern, checksum: checksum)
    }
    switch sender {
    case .clientToServer:
      var payload: [UInt8] = []
      try options.encode(for: .syn, into: &payload)
      try append(.syn, 0, payload, isLast: false)
    case .serverToClient:
      var payload: [UInt8] = []
      options.session = [UInt8](repeating: 7, count: 8)
      options.acknowledges = 0
      options.maxMessage = 1 << 20
      options.nickname = Array("guest".utf8)
      try options.encode(for: .synAck, into: &payload)
      try append(.synAck, 0, payload, isLast: false)
    }
    for number in 1...messageCount {
      let length = Int(generator.next() % (number % 10 == 0 ? 4_000 : 300))
      let letter = UInt8(97 + number % 26)
      try append(
        .data, UInt16(number), [UInt8](repeating: letter, count: length), isLast: true)
    }
    return TestBytes(pattern: pattern)
  }

  /// The length after which it begins again.
  var period: Int { pattern.count }

  /// Writes some bytes of the stream, from a place on; at most so many.
  func write(
    to socket: borrowing StreamSocket, from offset: Int, atMost count: Int
  ) -> StreamSocket.Transfer {
    let start = offset % pattern.count
    return socket.write(pattern, start..<min(pattern.count, start + count))
  }

  /// True if these are the bytes of the stream from a place on.
  func matches(_ bytes: [UInt8], count: Int, at offset: Int) -> Bool {
    var done = 0
    while done < count {
      let start = (offset + done) % pattern.count
      let length = min(count - done, pattern.count - start)
      let isEqual = bytes.withUnsafeBytes { bytes in
        pattern.withUnsafeBytes { pattern -> Bool in
          let found = UnsafeRawBufferPointer(rebasing: bytes[done..<(done + length)])
          let sent = UnsafeRawBufferPointer(rebasing: pattern[start..<(start + length)])
          guard let found = found.baseAddress, let sent = sent.baseAddress else { return false }
          return memcmp(found, sent, length) == 0
        }
      }
      guard isEqual else { return false }
      done += length
    }
    return true
  }
}
