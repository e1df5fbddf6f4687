/// The frames of a sender between `base` and `next`, by sequence number, and lists through them.
///
/// The ring grows as more frames are in flight, up to the window, and is not allocated again after
/// that.
struct SentRing: Sendable, Hashable {
  /// A power of two of places; a frame stands at its sequence number modulo their count.
  private var frames: [SentFrame] = []

  /// Frames that there is room for.
  var count: Int { frames.count }

  /// The place of a sequence number.
  @inline(__always)
  func place(_ sequence: SequenceNumber) -> Int32 {
    Int32(truncatingIfNeeded: Int(sequence.rawValue) & (frames.count - 1))
  }

  /// The frame at a place.
  @inline(__always)
  subscript(place: Int32) -> SentFrame {
    _read { yield frames[Int(place)] }
    _modify { yield &frames[Int(place)] }
  }

  /// Makes room for one more frame behind `base ..< next`; places change, and with them the lists.
  mutating func grow(
    base: SequenceNumber, next: SequenceNumber, inFlight: inout FrameList, queued: inout FrameList
  ) {
    let count = base.distance(to: next)
    guard count >= frames.count else { return }
    let old = self
    let order = [(old.places(in: inFlight), false), (old.places(in: queued), true)]
    frames = [SentFrame](repeating: SentFrame(), count: max(8, old.frames.count * 2))
    var moved = [Int32](repeating: FrameList.none, count: old.frames.count)
    for offset in 0..<count {
      let sequence = base.advanced(by: offset)
      let place = place(sequence)
      self[place] = old[old.place(sequence)]
      self[place].before = FrameList.none
      self[place].after = FrameList.none
      moved[Int(old.place(sequence))] = place
    }
    inFlight = FrameList()
    queued = FrameList()
    for (places, isQueued) in order {
      for place in places {
        if isQueued {
          append(moved[Int(place)], to: &queued)
        } else {
          append(moved[Int(place)], to: &inFlight)
        }
      }
    }
  }

  // MARK: lists

  /// The places in a list, first to last.
  private func places(in list: FrameList) -> [Int32] {
    var places: [Int32] = []
    var place = list.first
    while place != FrameList.none {
      places.append(place)
      place = self[place].after
    }
    return places
  }

  /// Puts a frame that is in no list at the end of one.
  mutating func append(_ place: Int32, to list: inout FrameList) {
    self[place].before = list.last
    self[place].after = FrameList.none
    if list.last == FrameList.none {
      list.first = place
    } else {
      self[list.last].after = place
    }
    list.last = place
  }

  /// Takes a frame out of the list that it is in.
  mutating func remove(_ place: Int32, from list: inout FrameList) {
    let before = self[place].before
    let after = self[place].after
    if before == FrameList.none { list.first = after } else { self[before].after = after }
    if after == FrameList.none { list.last = before } else { self[after].before = before }
    self[place].before = FrameList.none
    self[place].after = FrameList.none
  }
}
