internal import ChatPosix

/// Buffers to read into, shared by all threads: ten thousand clients that say nothing need none.
final class ReadBuffers: Sendable {
  static let byteCount = 32 << 10
  private static let keptCount = 16
  private let free = Locked<[[UInt8]]>([])

  /// Lends a buffer.
  func lend<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
    var buffer = free.withLock { $0.popLast() } ?? [UInt8](repeating: 0, count: Self.byteCount)
    let result = body(&buffer)
    free.withLock { if $0.count < Self.keptCount { $0.append(buffer) } }
    return result
  }
}
