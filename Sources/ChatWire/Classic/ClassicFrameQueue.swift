/// Whole frames that wait to be written, first in, first out.
struct ClassicFrameQueue: Sendable {
  private var frames: [[UInt8]] = []
  private var head = 0
  /// Bytes of all frames that wait.
  private(set) var byteCount = 0

  var isEmpty: Bool { head == frames.count }

  mutating func append(_ more: ClassicBroadcastFrames) {
    frames.append(contentsOf: more.frames)
    byteCount += more.byteCount
  }

  /// Appends the first frame to a buffer and removes it; false if there is none.
  mutating func takeFirst(into buffer: inout [UInt8]) -> Bool {
    guard head < frames.count else { return false }
    buffer.append(contentsOf: frames[head])
    byteCount -= frames[head].count
    // The bytes are shared with other recipients: let go of them now.
    frames[head] = []
    head += 1
    if head == frames.count {
      frames.removeAll(keepingCapacity: head <= 64)
      head = 0
    } else if head >= 64, head >= frames.count / 2 {
      frames.removeSubrange(..<head)
      head = 0
    }
    return true
  }

  mutating func removeAll() {
    frames = []
    head = 0
    byteCount = 0
  }
}
