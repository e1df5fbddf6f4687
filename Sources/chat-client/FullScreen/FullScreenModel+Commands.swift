internal import ChatLens
internal import ChatTrace
internal import ChatWire

// Commands that only the full screen has.

extension FullScreenModel {
  /// Does what a line asks for, if it is one of these commands; nil if it is for the chat.
  mutating func obeyFullScreen(_ text: String) -> [FullScreenEffect]? {
    let words = text.split(separator: " ").map { $0.lowercased() }
    guard let command = words.first, command.hasPrefix("/") else { return nil }
    let arguments = words.dropFirst().map { String($0) }
    switch FullScreenCommand(rawValue: String(command.dropFirst())) {
    case .lens: return obeyLens(arguments)
    case .demo: return obeyDemo(arguments)
    case .set:
      openSettings()
      return []
    case nil: return nil
    }
  }

  private mutating func obeyLens(_ arguments: [String]) -> [FullScreenEffect] {
    let count = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 1
    switch arguments.first {
    case "live", "on": lens.goLive()
    case "pause": lens.pause()
    case "slow": lens.cycleSlowMotion(at: now.instant)
    case "back" where count > 0: lens.step(pausing: -count)
    case "next" where count > 0: lens.step(pausing: count)
    case "hide": lensSize = .hidden
    case "show": lensSize = .normal
    case "large": lensSize = .large
    case "out": lensDirection = .clientToServer
    case "in": lensDirection = .serverToClient
    case "both", "auto": lensDirection = nil
    case "frame":
      guard arguments.count > 1, let frame = UInt64(arguments[1]),
        let number = number(ofFrame: frame)
      else { return failure("there is no such frame among those that the lens still has") }
      lens.stop(at: number)
    default: return failure("usage: \(FullScreenCommand.lens.usage)")
    }
    return []
  }

  /// The record of a frame by the number that notes use.
  private func number(ofFrame frame: UInt64) -> Int? {
    (lens.oldest..<lens.count).last {
      lens[$0]?.event.kind == .frame && lens[$0]?.event.frame == frame
    }
  }

  private mutating func obeyDemo(_ arguments: [String]) -> [FullScreenEffect] {
    guard let word = arguments.first else {
      return failure("usage: \(FullScreenCommand.demo.usage)")
    }
    if word == "off" {
      return endLesson()
    }
    guard let subject = Lesson.Subject(rawValue: word) else {
      return failure("usage: \(FullScreenCommand.demo.usage)")
    }
    return begin(subject)
  }

  mutating func failure(_ text: String) -> [FullScreenEffect] {
    carryOut(chat.answer(["* " + text], kind: .failure, at: now.milliseconds))
  }

  mutating func answer(_ text: String) -> [FullScreenEffect] {
    carryOut(chat.answer(["* " + text], at: now.milliseconds))
  }
}

/// A command that only the full screen has.
enum FullScreenCommand: String, CaseIterable {
  case lens, demo, set

  /// How it is typed.
  var usage: String {
    switch self {
    case .lens: "/lens live|pause|slow|back [N]|next [N]|frame N|out|in|auto|show|large|hide"
    case .demo: "/demo " + Lesson.Subject.allCases.map(\.rawValue).joined(separator: "|") + "|off"
    case .set: "/set"
    }
  }

  /// What it does, in one line.
  var summary: String {
    switch self {
    case .lens: "what the keys of the lens do, for terminals without them"
    case .demo: "a demonstration, step by step"
    case .set: "the screen of settings"
    }
  }

  /// What can stand behind it.
  var arguments: [String] {
    switch self {
    case .lens:
      [
        "live", "pause", "slow", "back", "next", "frame", "out", "in", "auto", "show", "large",
        "hide",
      ]
    case .demo: Lesson.Subject.allCases.map(\.rawValue) + ["off"]
    case .set: []
    }
  }
}
