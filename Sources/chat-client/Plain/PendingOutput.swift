internal import ChatPosix

/// What waits to be written to standard output, whose reader may stall: nothing here waits.
struct PendingOutput {
  /// While more than this waits nothing new is taken.
  private static let byteCountMax = 64 << 10

  private var bytes: [UInt8] = []
  private var writtenCount = 0
  /// Why nothing can be written any more.
  private(set) var error: SystemError?

  var isEmpty: Bool { writtenCount == bytes.count || error != nil }
  var isFull: Bool { !isEmpty && bytes.count - writtenCount > Self.byteCountMax }

  mutating func append(_ text: String) {
    bytes += text.utf8
  }

  /// Writes what can be written without waiting, once `poll` has said that something can.
  mutating func write() {
    guard !isEmpty else { return }
    do throws(SystemError) {
      writtenCount += try writeReady(bytes, from: writtenCount, to: 1)
    } catch {
      self.error = error
    }
    guard writtenCount == bytes.count || error != nil else { return }
    bytes.removeAll(keepingCapacity: bytes.capacity <= 4 * Self.byteCountMax)
    writtenCount = 0
  }

  /// Nobody reads any more, as `poll` says.
  mutating func noteClosed() {
    error = error ?? .brokenPipe
  }
}
