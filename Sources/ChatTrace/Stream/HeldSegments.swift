// The bytes of one direction that cannot be given out yet, because others before them are missing.
//
// Pieces of segments are kept sorted by offset and never overlap: where two segments bring the same
// offsets, the piece that came first stays. Their bytes lie in one buffer in order of arrival, so
// an insertion moves 24-byte entries at most, and the buffer is compacted when most of it is dead.
// What segments had but the snap length cut off is kept as ranges besides; a piece may supply such
// bytes.

/// Pieces of segments that wait behind a hole.
struct HeldSegments: Sendable {
  /// A run of bytes as one segment brought it.
  struct Piece: Sendable {
    var offset: UInt64
    /// When it came.
    var time: Int64
    /// Where in `bytes` it lies.
    var position: UInt32
    var count: UInt32

    var end: UInt64 { offset &+ UInt64(count) }
    var range: Range<Int> { Int(position)..<Int(position) + Int(count) }
  }

  /// A run of bytes that segments had and the snap length cut off.
  struct Cut: Sendable {
    var offset: UInt64
    var end: UInt64
    /// When the first of them came.
    var time: Int64
  }

  /// What became of a segment.
  struct Insertion {
    var isNew = false
    var isKnown = false
    var differs = false
    var overtaken = false
  }

  private(set) var pieces: [Piece] = []
  /// What the snap length cut off: sorted, apart from each other.
  private(set) var cuts: [Cut] = []
  private(set) var bytes: [UInt8] = []
  /// Bytes in `pieces`.
  private(set) var byteCount = 0

  /// No piece is older; `refreshOldest` makes it exact.
  private(set) var oldest = Int64.max
  /// Segments of the connection seen since something is held.
  var segmentsSeen = 0
  /// `segmentsSeen` when an acknowledgement first lay beyond the first hole.
  var acknowledgedSince: Int?
  /// The peer acknowledges just what lies before the first piece (only while the beginning is
  /// sought).
  var beginningConfirmed = false

  /// How many pieces and cuts there are.
  var count: Int { pieces.count + cuts.count }
  var isEmpty: Bool { pieces.isEmpty && cuts.isEmpty }

  /// The first offset known; the first hole ends there.
  var start: UInt64? {
    guard let first = cuts.first?.offset else { return pieces.first?.offset }
    return min(first, pieces.first?.offset ?? .max)
  }

  // MARK: insertion

  /// Keeps what is new in a segment: `payload` at `offset`, then `missing` bytes that were cut off.
  mutating func insert(_ payload: RawSpan, at offset: UInt64, missing: Int, time: Int64)
    -> Insertion
  {
    var result = Insertion()
    result.overtaken = offset < max(pieces.last?.end ?? 0, cuts.last?.end ?? 0)
    compactIfWasteful()
    let end = offset &+ UInt64(payload.byteCount)
    var index = indexOfPiece(endingAfter: offset)
    var cursor = offset
    while cursor < end {
      let from = Int(truncatingIfNeeded: cursor &- offset)
      if index < pieces.count, pieces[index].offset <= cursor {
        let stop = min(end, pieces[index].end)
        let overlap = payload.extracting(from..<Int(truncatingIfNeeded: stop &- offset))
        result.isKnown = true
        result.differs = result.differs || differs(overlap, at: cursor, from: pieces[index])
        cursor = stop
      } else {
        let stop = index < pieces.count ? min(end, pieces[index].offset) : end
        let news = payload.extracting(from..<Int(truncatingIfNeeded: stop &- offset))
        insert(news, at: cursor, index: index, time: time)
        result.isNew = true
        cursor = stop
      }
      index += 1
    }
    if missing > 0,
      insert(Cut(offset: end, end: end &+ UInt64(missing), time: time))
    {
      result.isNew = true
    }
    noteTime(time)
    return result
  }

  /// Takes note of when a segment came; `insert` does so itself.
  mutating func noteTime(_ time: Int64) {
    oldest = min(oldest, time)
  }

  private mutating func insert(_ news: RawSpan, at offset: UInt64, index: Int, time: Int64) {
    let piece = Piece(
      offset: offset, time: time, position: UInt32(truncatingIfNeeded: bytes.count),
      count: UInt32(truncatingIfNeeded: news.byteCount))
    unsafe news.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    pieces.insert(piece, at: index)
    byteCount += news.byteCount
  }

  /// Joins a cut to those it touches; false if it was known, or all of its bytes are held.
  private mutating func insert(_ cut: Cut) -> Bool {
    let piece = indexOfPiece(endingAfter: cut.offset)
    if piece < pieces.count, pieces[piece].offset <= cut.offset, pieces[piece].end >= cut.end {
      return false
    }
    // From the end, where new ones mostly belong.
    let first = (cuts.lastIndex { $0.end < cut.offset } ?? -1) + 1
    var last = first
    var union = cut
    while last < cuts.count, cuts[last].offset <= cut.end {
      if cuts[last].offset <= cut.offset, cuts[last].end >= cut.end { return false }
      union.offset = min(union.offset, cuts[last].offset)
      union.end = max(union.end, cuts[last].end)
      union.time = min(union.time, cuts[last].time)
      last += 1
    }
    cuts.replaceSubrange(first..<last, with: CollectionOfOne(union))
    return true
  }

  /// The first piece that ends after an offset; new pieces mostly come last.
  private func indexOfPiece(endingAfter offset: UInt64) -> Int {
    guard let last = pieces.last, last.end > offset else { return pieces.count }
    var low = 0
    var high = pieces.count - 1
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].end > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func differs(_ overlap: RawSpan, at offset: UInt64, from piece: Piece) -> Bool {
    let position = Int(piece.position) + Int(truncatingIfNeeded: offset &- piece.offset)
    for index in 0..<overlap.byteCount {
      let byte = unsafe overlap.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      if bytes[position + index] != byte { return true }
    }
    return false
  }

  private mutating func compactIfWasteful() {
    guard bytes.count > 2 * byteCount + 4096 else { return }
    var live: [UInt8] = []
    live.reserveCapacity(byteCount)
    for index in pieces.indices {
      let range = pieces[index].range
      pieces[index].position = UInt32(truncatingIfNeeded: live.count)
      live.append(contentsOf: bytes[range])
    }
    bytes = live
  }
}

// MARK: removal

extension HeldSegments {
  /// Where the bytes that were cut off at an offset end; nil if none were.
  mutating func endOfCut(at offset: UInt64) -> UInt64? {
    let passed = cuts.firstIndex { $0.end > offset } ?? cuts.count
    if passed > 0 { cuts.removeFirst(passed) }
    guard let first = cuts.first, first.offset <= offset else { return nil }
    return first.end
  }

  /// Forgets the first pieces.
  mutating func removeFirst(pieces count: Int) {
    for piece in pieces.prefix(count) { byteCount -= Int(piece.count) }
    pieces.removeFirst(count)
  }

  /// The end of what follows the first hole without another one, and the number of its pieces,
  /// which is not counted beyond `limit`.
  func firstRun(limit: Int) -> (end: UInt64, pieces: Int) {
    var end = start ?? 0
    var index = 0
    var cut = 0
    while index < limit {
      if index < pieces.count, pieces[index].offset <= end {
        end = max(end, pieces[index].end)
        index += 1
      } else if cut < cuts.count, cuts[cut].offset <= end {
        end = max(end, cuts[cut].end)
        cut += 1
      } else {
        break
      }
    }
    return (end, index)
  }

  /// Forgets lone segments at the beginning that lie more than `distance` before the others, as
  /// strays; true if there were any.
  mutating func removeStrays(distance: UInt64) -> Bool {
    var removed = false
    while true {
      let run = firstRun(limit: 3)
      guard run.pieces < 3, let next = startOfPieces(from: run.end), next &- run.end > distance
      else { return removed }
      removed = removeAll(before: run.end)
    }
  }

  private func startOfPieces(from offset: UInt64) -> UInt64? {
    let piece = pieces.first { $0.offset >= offset }?.offset
    let cut = cuts.first { $0.offset >= offset }?.offset
    return piece.map { min($0, cut ?? .max) } ?? cut
  }

  /// Forgets everything before an offset; true if there was something.
  mutating func removeAll(before offset: UInt64) -> Bool {
    guard let start, start < offset else { return false }
    let whole = pieces.firstIndex { $0.end > offset } ?? pieces.count
    removeFirst(pieces: whole)
    if let first = pieces.first, first.offset < offset {
      let cut = UInt32(truncatingIfNeeded: offset &- first.offset)
      pieces[0].offset = offset
      pieces[0].position += cut
      pieces[0].count -= cut
      byteCount -= Int(cut)
    }
    if endOfCut(at: offset) != nil { cuts[0].offset = offset }
    return true
  }

  /// Forgets everything from an offset on; true if there was something.
  mutating func removeAll(from offset: UInt64) -> Bool {
    var removed = false
    while let last = pieces.last, last.end > offset {
      removed = true
      let kept = last.offset < offset ? UInt32(truncatingIfNeeded: offset &- last.offset) : 0
      byteCount -= Int(last.count - kept)
      if kept > 0 {
        pieces[pieces.count - 1].count = kept
      } else {
        pieces.removeLast()
      }
    }
    while let last = cuts.last, last.end > offset {
      removed = true
      if last.offset < offset {
        cuts[cuts.count - 1].end = offset
      } else {
        cuts.removeLast()
      }
    }
    return removed
  }

  /// Counts offsets from `origin`; nothing may lie before it.
  mutating func rebase(to origin: UInt64) {
    for index in pieces.indices { pieces[index].offset &-= origin }
    for index in cuts.indices {
      cuts[index].offset &-= origin
      cuts[index].end &-= origin
    }
  }

  /// True if it may be kept for later while it is empty.
  var isSmall: Bool {
    bytes.capacity <= 4096 && pieces.capacity <= 64 && cuts.capacity <= 64
  }

  /// Makes an empty store like a new one, but with its memory.
  mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    oldest = .max
    segmentsSeen = 0
    acknowledgedSince = nil
  }

  /// Makes `oldest` exact.
  mutating func refreshOldest() {
    var oldest = Int64.max
    for piece in pieces { oldest = min(oldest, piece.time) }
    for cut in cuts { oldest = min(oldest, cut.time) }
    self.oldest = oldest
  }
}
