internal import ChatWire

/// When which connection wants to be looked at: a heap, earliest first.
///
/// A connection that is not interested any more is looked at in vain; so nothing is ever searched
/// for, and deadlines that move away cost nothing.
struct DeadlineQueue {
  private struct Entry {
    var moment: Instant
    var token: UInt64
  }

  private var heap: [Entry] = []

  /// The earliest moment.
  var first: Instant { heap.first?.moment ?? .distantFuture }

  /// Adds a moment.
  mutating func insert(_ token: UInt64, at moment: Instant) {
    heap.append(Entry(moment: moment, token: token))
    var index = heap.count - 1
    while index > 0, heap[index].moment < heap[(index - 1) / 2].moment {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// Takes out one whose moment has come.
  mutating func next(at now: Instant) -> UInt64? {
    guard let first = heap.first, first.moment <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var index = 0
    while true {
      var least = index
      for child in (2 * index + 1)...(2 * index + 2) where child < heap.count {
        if heap[child].moment < heap[least].moment { least = child }
      }
      if least == index { return first.token }
      heap.swapAt(index, least)
      index = least
    }
  }
}
