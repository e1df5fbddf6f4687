/// How far the playing of a plan has come: which causes have happened, and so what may be done.
public struct ReplayProgress: Sendable {
  /// What became of a cause.
  public enum State: Sendable, Hashable {
    /// It has not happened.
    case awaited
    case happened
    /// It was waited for in vain, or cannot happen any more.
    case givenUp
  }

  private struct Key: Hashable {
    var connection: Int
    var kind: ReplayPlan.Cause.Kind
  }

  private let causes: [ReplayPlan.Cause]
  private var states: [State]
  private var places: [Key: Int] = [:]
  /// How many causes, from the first on, are not awaited any more: actions with at most so many
  /// may be done.
  public private(set) var settledCount = 0

  /// Nothing has happened yet.
  public init(_ plan: ReplayPlan) {
    causes = plan.causes
    states = Array(repeating: .awaited, count: plan.causes.count)
    for (index, cause) in plan.causes.enumerated() {
      places[Key(connection: cause.connection, kind: cause.kind)] = index
    }
  }

  /// True if nothing is awaited any more.
  public var isComplete: Bool { settledCount == states.count }

  /// True if an action waits for nothing but its turn and its time.
  public func isReady(_ action: ReplayPlan.Action) -> Bool {
    action.causeCount <= settledCount
      && action.furtherCauses.allSatisfy { states[$0] != .awaited }
  }

  /// What became of a cause, as an index in the plan.
  public func state(_ cause: Int) -> State { states[cause] }

  /// The place of a cause in the plan; nil if nothing waits for it.
  public func place(_ kind: ReplayPlan.Cause.Kind, connection: Int) -> Int? {
    places[Key(connection: connection, kind: kind)]
  }

  /// Something has happened; says whether it was awaited.
  @discardableResult
  public mutating func happened(_ kind: ReplayPlan.Cause.Kind, connection: Int) -> Bool {
    guard let index = place(kind, connection: connection), states[index] == .awaited else {
      return false
    }
    states[index] = .happened
    settle()
    return true
  }

  /// Waits no longer for what is awaited among the first causes; returns these.
  public mutating func giveUp(first count: Int) -> [Int] {
    giveUp(in: settledCount..<min(count, states.count)) { _ in true }
  }

  /// Waits no longer for what keeps an action from being ready; returns that.
  public mutating func giveUp(awaitedBy action: ReplayPlan.Action) -> [Int] {
    let further = action.furtherCauses.filter { states[$0] == .awaited }
    for index in further { states[index] = .givenUp }
    settle()
    return giveUp(first: action.causeCount) + further
  }

  /// Waits no longer for something.
  public mutating func giveUp(_ kind: ReplayPlan.Cause.Kind, connection: Int) {
    guard let index = place(kind, connection: connection), states[index] == .awaited else { return }
    states[index] = .givenUp
    settle()
  }

  /// Waits no longer for anything of a connection; returns what was awaited.
  public mutating func giveUp(connection: Int) -> [Int] {
    giveUp(in: settledCount..<states.count) { $0.connection == connection }
  }

  /// Waits no longer for what the peer was to send before one of its messages, which has come.
  public mutating func giveUp(connection: Int, before message: Int) -> [Int] {
    giveUp(in: settledCount..<states.count) { cause in
      guard cause.connection == connection, case .received(let index) = cause.kind else {
        return false
      }
      return index < message
    }
  }

  /// What is awaited among the first causes.
  public func awaited(first count: Int) -> [Int] {
    let end = min(count, states.count)
    guard settledCount < end else { return [] }
    return (settledCount..<end).filter { states[$0] == .awaited }
  }

  private mutating func giveUp(
    in range: Range<Int>, where isMeant: (ReplayPlan.Cause) -> Bool
  ) -> [Int] {
    let given = range.filter { states[$0] == .awaited && isMeant(causes[$0]) }
    for index in given { states[index] = .givenUp }
    settle()
    return given
  }

  private mutating func settle() {
    while settledCount < states.count, states[settledCount] != .awaited { settledCount += 1 }
  }
}
