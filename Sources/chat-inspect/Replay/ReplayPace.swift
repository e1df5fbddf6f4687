internal import ChatProgram
internal import ChatWire

/// How fast a recording is played.
enum ReplayPace: Equatable {
  /// With the recorded distances, so many times faster.
  case recorded(times: Double)
  /// As soon as what an action waits for has happened.
  case asap
  /// A message at a time, when somebody presses Enter.
  case step

  init(parsing text: String) throws(Failure) {
    switch text {
    case "recorded": self = .recorded(times: 1)
    case "asap": self = .asap
    case "step": self = .step
    default:
      guard text.hasPrefix("x"), let times = Double(text.dropFirst()), times.isFinite,
        times >= 0.001, times <= 1_000_000
      else {
        throw Failure(
          "--pace \(text): expected recorded, asap, step, or how many times faster: x10; x0.5 is "
            + "half as fast")
      }
      self = .recorded(times: times)
    }
  }

  /// How long to wait between an action and the last of its causes.
  func delay(_ distance: Duration?) -> Duration {
    guard case .recorded(let times) = self, let distance else { return .zero }
    let nanoseconds = Double(distance.nanoseconds) / times
    return .nanoseconds(Int64(min(nanoseconds, 1e17)))
  }
}
