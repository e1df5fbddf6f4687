internal import ChatWire

/// Frames on their way, each with the moment of its arrival: their bytes in one buffer that is used
/// again and again.
struct FrameQueue: Sendable {
  private struct Entry: Sendable {
    var byteCount: Int
    var departure: Instant
    var arrival: Instant
  }

  private var entries: [Entry] = []
  private var bytes: [UInt8] = []
  private var firstEntry = 0
  private var firstByte = 0

  var isEmpty: Bool { firstEntry == entries.count }

  /// When the first one arrives.
  var nextArrival: Instant? {
    isEmpty ? nil : entries[firstEntry].arrival
  }

  /// How many have not left the line at a moment.
  func waitingCount(at now: Instant) -> Int {
    var count = 0
    var index = entries.count
    while index > firstEntry, now < entries[index - 1].departure {
      count += 1
      index -= 1
    }
    return count
  }

  mutating func append(_ frame: [UInt8], departure: Instant, arrival: Instant) {
    entries.append(Entry(byteCount: frame.count, departure: departure, arrival: arrival))
    bytes += frame
  }

  /// Appends the first frame to a buffer and forgets it.
  mutating func removeFirst(into buffer: inout [UInt8]) {
    guard !isEmpty else { return }
    let byteCount = entries[firstEntry].byteCount
    buffer += bytes[firstByte..<firstByte + byteCount]
    firstEntry += 1
    firstByte += byteCount
    if isEmpty {
      entries.removeAll(keepingCapacity: true)
      bytes.removeAll(keepingCapacity: true)
      firstEntry = 0
      firstByte = 0
    } else if firstEntry >= 64, firstEntry >= entries.count / 2 {
      entries.removeSubrange(0..<firstEntry)
      bytes.removeSubrange(0..<firstByte)
      firstEntry = 0
      firstByte = 0
    }
  }
}
