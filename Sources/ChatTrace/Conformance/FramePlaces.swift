import ChatWire

// From bytes of a recording to the numbers of frames.

/// What the bytes that were passed on in a direction are copies of.
struct PassageOrigins: Sendable {
  private var runs: [(start: UInt64, origin: UInt64?)] = []
  private var end: UInt64 = 0

  /// Appends a passage; what lies before `start` is not asked for any more.
  mutating func append(_ passage: Passage, byteCount: Int, from start: UInt64) {
    while runs.count > 1, runs[1].start <= start { runs.removeFirst() }
    runs.append((end, passage.origin))
    end += UInt64(byteCount)
  }

  func origin(of offset: UInt64) -> UInt64? {
    guard let run = runs.last(where: { $0.start <= offset }), let origin = run.origin else {
      return nil
    }
    return origin + (offset - run.start)
  }
}

/// Where frames of a direction begin, and their numbers.
struct FramePlaces: Sendable {
  private var offsets: [UInt64] = []
  private var frames: [UInt64] = []

  mutating func append(_ offset: UInt64, _ frame: UInt64) {
    guard offsets.last.map({ $0 < offset }) ?? true else { return }
    offsets.append(offset)
    frames.append(frame)
  }

  /// The frame that begins at an offset, or is there; 0 if none is known.
  func frame(at offset: UInt64) -> UInt64 {
    var low = 0
    var high = offsets.count
    while low < high {
      let middle = (low + high) / 2
      if offsets[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? frames[low - 1] : 0
  }
}
