internal import ChatTrace

/// What has happened, kept so that one can step back through it: records, and the lens's state
/// every so often, from which the states between are computed again.
///
/// Records are counted from 0 as they come; the oldest are forgotten, many at a time.
struct LensHistory: Sendable {
  /// The most records that are kept.
  static let countMax = 8_192
  /// Records between two kept states, and forgotten at a time.
  private static let stride = 256

  private var moments: [LensMoment] = []
  /// The state before the record `start + stride * index`.
  private var states: [LensState] = [LensState()]
  /// The number of the oldest record kept.
  private(set) var start = 0

  /// The number of the next record.
  var end: Int { start + moments.count }

  /// A record that is kept.
  subscript(number: Int) -> LensMoment? {
    number >= start && number < end ? moments[number - start] : nil
  }

  /// Adds a record.
  ///
  /// - Parameter state: the state with it.
  mutating func append(_ moment: LensMoment, _ state: LensState) {
    moments.append(moment)
    if moments.count.isMultiple(of: Self.stride) { states.append(state) }
    guard moments.count > Self.countMax else { return }
    moments.removeFirst(Self.stride)
    states.removeFirst()
    start += Self.stride
  }

  /// The state after so many records, as far as they are kept.
  func state(after count: Int) -> LensState {
    let count = min(max(count, start), end)
    let index = (count - start) / Self.stride
    var state = states[index]
    for number in index * Self.stride..<count - start { state.apply(moments[number].event) }
    return state
  }
}
