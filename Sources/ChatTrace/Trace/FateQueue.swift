/// The fates of the bytes of one direction that were handed in and are not recorded yet.
///
/// A fate is known for a run of bytes as it arrives, a frame only when the decoder has found it;
/// the place in the stream brings the two together. There are never more runs than bytes that the
/// decoder or the recogniser keeps.
struct FateQueue: Sendable {
  private struct Run: Sendable {
    var end: UInt64
    var fate: TappedFate
    /// Its acts were given out.
    var isTold = false
  }

  private var runs: [Run] = []
  private var head = 0

  /// The bytes from `start` to before `end` have this fate; they lie behind the run before.
  mutating func append(_ fate: TappedFate, start: UInt64, end: UInt64) {
    if head == runs.count {
      // What is not in the queue goes on as it came: most frames do.
      if fate.acts.isEmpty, fate.disposition == .forwarded { return }
      if start > 0 { runs.append(Run(end: start, fate: .forwarded)) }
    }
    if head < runs.count, fate.acts.isEmpty, runs[runs.count - 1].fate == fate {
      runs[runs.count - 1].end = end
    } else {
      runs.append(Run(end: end, fate: fate))
    }
  }

  /// The fate of what lies from `start` to before `end`: that of its first byte, with the acts on
  /// all of it.
  ///
  /// Each act is given out once, places only ever go up.
  mutating func take(from start: UInt64, to end: UInt64) -> TappedFate {
    var result: TappedFate?
    var acts: [TappedAct] = []
    while head < runs.count {
      // A run that ends before is left from bytes that are in no record.
      let isPart = result == nil || runs[head].end <= end
      guard isPart else { break }
      if runs[head].end > start, result == nil { result = runs[head].fate }
      if !runs[head].isTold {
        acts += runs[head].fate.acts
        runs[head].isTold = true
      }
      guard runs[head].end <= end else { break }
      head += 1
    }
    if head == runs.count {
      runs.removeAll(keepingCapacity: head < 64)
      head = 0
    } else if head >= 64, head * 2 >= runs.count {
      runs.removeFirst(head)
      head = 0
    }
    return TappedFate(result?.disposition ?? .forwarded, acts: acts)
  }
}
