extension LineEdit {
  /// Does what a key means.
  public mutating func handle(_ key: Key) -> Outcome {
    if search != nil, let outcome = handleInSearch(key) { return outcome }
    let wasKilling = isKilling
    isKilling = false
    switch key {
    case .character(let character): return insert(character) ? .changed : .moved
    case .altEnter: return insert("\n") ? .changed : .moved
    case .enter: return .entered(take())
    case .backspace, .control("h"): return removeBefore(1).isEmpty ? .moved : .changed
    case .delete: return removeAfter(1).isEmpty ? .moved : .changed
    case .control("d"):
      if isEmpty { return .unhandled }
      return removeAfter(1).isEmpty ? .moved : .changed
    case .control("w"), .altBackspace, .alt("d"), .control("u"), .control("k"):
      return kill(key, joining: wasKilling)
    case .control("y"):
      return insert(String(killed)) ? .changed : .moved
    case .control("t"): return transpose()
    case .up, .control("p"): return recall(older: true)
    case .down, .control("n"): return recall(older: false)
    case .control("r"):
      search = Search()
      return .moved
    default:
      guard let distance = distance(of: key) else {
        isKilling = wasKilling
        return .unhandled
      }
      move(distance)
      return .moved
    }
  }

  /// How far a key moves the cursor; nil if it does not.
  private func distance(of key: Key) -> Int? {
    switch key {
    case .left, .control("b"): -1
    case .right, .control("f"): 1
    case .controlLeft, .altLeft, .alt("b"): -wordBefore(Self.isInWord)
    case .controlRight, .altRight, .alt("f"): wordAfter
    case .home, .control("a"): -before.count
    case .end, .control("e"): after.count
    default: nil
    }
  }

  /// Deletes and keeps what was deleted; behind another such deletion, together with that.
  private mutating func kill(_ key: Key, joining isJoined: Bool) -> Outcome {
    var isForward = false
    let removed: [Character]
    switch key {
    case .control("w"): removed = removeBefore(wordBefore { !$0.isWhitespace })
    case .altBackspace: removed = removeBefore(wordBefore(Self.isInWord))
    case .control("u"): removed = removeBefore(before.count)
    case .control("k"):
      removed = removeAfter(after.count)
      isForward = true
    default:
      removed = removeAfter(wordAfter)
      isForward = true
    }
    isKilling = isJoined || !removed.isEmpty
    guard !removed.isEmpty else { return .moved }
    killed = isJoined ? (isForward ? killed + removed : removed + killed) : removed
    return .changed
  }

  /// Swaps the characters around the cursor, at the end the last two, and goes on behind them.
  private mutating func transpose() -> Outcome {
    if after.isEmpty, before.count >= 2 { move(-1) }
    guard !before.isEmpty, !after.isEmpty else { return .moved }
    let (left, right) = (before.removeLast(), after.removeLast())
    before += [right, left]
    return .changed
  }

  /// Shows an older or a newer line; behind the newest stands what was being typed.
  private mutating func recall(older isOlder: Bool) -> Outcome {
    let lines = history.lines
    let current = recalled ?? lines.count
    let wanted = isOlder ? current - 1 : current + 1
    guard wanted >= 0, wanted <= lines.count else { return .moved }
    if recalled == nil { draft = (before, after) }
    if wanted == lines.count {
      show(before: draft?.before ?? [], after: draft?.after ?? [])
      (recalled, draft) = (nil, nil)
    } else {
      recalled = wanted
      show(lines[wanted])
    }
    return .changed
  }

  /// Shows a line of the history, the cursor at its end.
  mutating func show(_ line: String) {
    show(before: [], after: [])
    _ = insert(line)
  }

  /// How many characters there are before the cursor up to the beginning of a word.
  private func wordBefore(_ isInWord: (Character) -> Bool) -> Int {
    var index = before.count
    while index > 0, !isInWord(before[index - 1]) { index -= 1 }
    while index > 0, isInWord(before[index - 1]) { index -= 1 }
    return before.count - index
  }

  /// How many characters there are behind the cursor up to the end of a word.
  private var wordAfter: Int {
    var index = after.count
    while index > 0, !Self.isInWord(after[index - 1]) { index -= 1 }
    while index > 0, Self.isInWord(after[index - 1]) { index -= 1 }
    return after.count - index
  }

  private static func isInWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
