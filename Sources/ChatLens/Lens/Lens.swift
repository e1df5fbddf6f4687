internal import ChatTrace
public import ChatWire

/// The lens: what happens on the wire, live or slowed down, paused, or stepped through.
///
/// Records go in by `record` as they happen. What is shown is the state after the first `shown` of
/// them: all of them while it is live. Chat goes on whatever the lens does.
public struct Lens: Sendable {
  /// How the lens follows what happens.
  public enum Pace: Sendable, Hashable {
    /// At once.
    case live
    /// One record after the other, with so much time between them.
    case slow(Duration)
    /// Not at all, until told.
    case paused
  }

  /// The times between records in slow motion, the default first.
  public static let slowPaces: [Duration] = [
    .seconds(1), .seconds(2), .seconds(4), .milliseconds(200), .milliseconds(500),
  ]

  /// How it follows.
  public private(set) var pace = Pace.live
  /// How many records are shown of those that have come.
  public private(set) var shown = 0
  /// Records that were shown by nothing: they were forgotten before their turn came, or there were
  /// too many to take.
  public private(set) var skippedCount = 0
  /// The state that is shown.
  public private(set) var state = LensState()

  private var history = LensHistory()
  private var latest = LensState()
  /// Slow motion: when the next record is shown.
  private var nextStep = Instant.distantFuture

  /// A lens that has seen nothing.
  public init() {}

  /// How many records have come.
  public var count: Int { history.end }
  /// How far it is behind what happens.
  public var behindCount: Int { history.end - shown }
  /// The number of the oldest record that one can step back to.
  public var oldest: Int { history.start }
  /// The record that is shown last; nil before the first.
  public var current: LensMoment? { history[shown - 1] }

  /// A record by its number, counted from 0, if it is kept.
  public subscript(number: Int) -> LensMoment? { history[number] }

  // MARK: what happens

  /// Something has happened.
  public mutating func record(_ moment: LensMoment, at now: Instant) {
    // The frame before it has said so.
    if moment.event.kind == .fault, moment.event.notes.isEmpty,
      moment.event.frame == history[history.end - 1]?.event.frame
    {
      return
    }
    latest.apply(moment.event)
    history.append(moment, latest)
    switch pace {
    case .live:
      shown = history.end
      state = latest
    case .slow(let time):
      // After a silence it is shown at once.
      if nextStep == .distantFuture {
        step(by: 1)
        nextStep = now.advanced(by: time)
      }
    case .paused: break
    }
    guard shown < history.start else { return }
    skippedCount += history.start - shown
    show(history.start)
  }

  /// So many records could not be taken.
  public mutating func skip(_ count: Int) {
    skippedCount += count
  }

  /// Time has passed.
  public mutating func advance(to now: Instant) {
    guard case .slow(let time) = pace, now >= nextStep else { return }
    guard behindCount > 0 else {
      nextStep = .distantFuture
      return
    }
    step(by: 1)
    // From now on: what was late is not hurried after.
    nextStep = now.advanced(by: time)
  }

  /// When `advance` has something to do.
  public var deadline: Instant {
    if case .slow = pace { nextStep } else { .distantFuture }
  }

  // MARK: what somebody wants

  /// Pauses, or goes on live.
  public mutating func togglePause() {
    if pace == .paused { goLive() } else { pace = .paused }
  }

  /// Stops where it is.
  public mutating func pause() { pace = .paused }

  /// Shows everything as it happens.
  public mutating func goLive() {
    pace = .live
    shown = history.end
    state = latest
    skippedCount = 0
  }

  /// Slow motion, or another speed of it; `at` is now.
  public mutating func cycleSlowMotion(at now: Instant) {
    var next = Self.slowPaces[0]
    if case .slow(let time) = pace, let index = Self.slowPaces.firstIndex(of: time) {
      next = Self.slowPaces[(index + 1) % Self.slowPaces.count]
    }
    pace = .slow(next)
    nextStep = behindCount > 0 ? now.advanced(by: next) : .distantFuture
  }

  /// Goes on or back by so many records, and stays there.
  public mutating func step(pausing count: Int) {
    pace = .paused
    step(by: count)
  }

  /// Stops at a record, which is the last one shown.
  public mutating func stop(at number: Int) {
    pace = .paused
    show(number + 1)
  }

  private mutating func step(by count: Int) {
    let target = min(max(shown + count, history.start), history.end)
    if count == 1, target == shown + 1, let moment = history[shown] {
      shown = target
      state.apply(moment.event)
    } else {
      show(target)
    }
  }

  private mutating func show(_ count: Int) {
    shown = min(max(count, history.start), history.end)
    state = history.state(after: shown)
  }
}
