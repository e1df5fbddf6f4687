internal import ChatPosix

/// Bytes that wait until a socket takes them.
struct PendingBytes {
  /// The storage; append what is to go out.
  var bytes: [UInt8] = []
  /// How many of them have gone out.
  private var head = 0

  /// Storage above this is given back when all of it went out.
  private static let keptCapacityMax = 16 << 10

  /// How many bytes wait.
  var count: Int { bytes.count - head }

  /// True if none do.
  var isEmpty: Bool { head == bytes.count }

  /// Writes as much as a socket takes; says what came of it: `bytes` is all that was written.
  mutating func write(to socket: borrowing StreamSocket) -> StreamSocket.Transfer {
    var written = 0
    while head < bytes.count {
      switch socket.write(bytes, head..<bytes.count) {
      case .bytes(let count):
        head += count
        written += count
      case .wouldBlock:
        if head >= 1 << 20 {
          bytes.removeSubrange(..<head)
          head = 0
        }
        return .bytes(written)
      case .endOfStream: return .endOfStream
      case .failed(let error): return .failed(error)
      }
    }
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacityMax)
    head = 0
    return .bytes(written)
  }
}
