// The line that somebody types, kept as a text before the cursor and a text behind it, so that what
// is done at the cursor costs the same in a long text as in a short one. Characters are graphemes:
// a mark joins what stands before it.

/// A line of text that is being typed, with the keys that chat mode has.
public struct LineEdit: Sendable {
  /// What a key has done.
  public enum Outcome: Sendable, Hashable {
    /// The text is another.
    case changed
    /// The text is the same; the cursor, or what is looked for, may be elsewhere.
    case moved
    /// The text was entered; the line is empty now.
    case entered(String)
    /// The key means nothing here.
    case unhandled
  }

  /// The most bytes of a text, as UTF-8; what goes beyond is not taken.
  public static let byteCountMax = 1 << 20
  /// The most scalars of one character; more begin another, so that no character is costly.
  static let scalarCountMax = 32

  /// The characters before the cursor.
  var before: [Character] = []
  /// Those behind it, the last first.
  var after: [Character] = []
  /// Bytes of both, as UTF-8.
  private(set) var byteCount = 0
  /// What was deleted last, for Ctrl-Y.
  var killed: [Character] = []
  /// The last key deleted as well, so that what is deleted now joins it.
  var isKilling = false
  /// Lines entered earlier, the oldest first.
  public private(set) var history: InputHistory
  /// Which of them is shown, if one is.
  var recalled: Int?
  /// What was being typed when the first of them was shown.
  var draft: (before: [Character], after: [Character])?
  /// What is looked for, while something is.
  var search: Search?

  /// An empty line.
  public init(history: InputHistory = InputHistory()) {
    self.history = history
  }

  /// A line with a text, the cursor at its end.
  public init(_ text: String) {
    self.init()
    set(text)
  }

  /// The text.
  public var text: String {
    var text = String(before)
    text.append(contentsOf: String(after.reversed()))
    return text
  }

  /// There is no text.
  public var isEmpty: Bool { before.isEmpty && after.isEmpty }

  /// The text before the cursor, which Tab completes.
  public var beginning: String { String(before) }

  /// How many characters stand before the cursor.
  public var cursor: Int { before.count }

  /// Earlier lines are being searched.
  public var isSearching: Bool { search != nil }

  /// Replaces the text; the cursor stands at its end.
  public mutating func set(_ text: String) {
    reset()
    _ = insert(text)
  }

  /// Takes the text away and returns it.
  public mutating func take() -> String {
    let text = text
    reset()
    return text
  }

  /// Keeps a line for Up and Ctrl-R.
  public mutating func remember(_ line: String) {
    history.append(line)
    (recalled, draft) = (nil, nil)
  }

  /// Puts a completion in the place of the characters before the cursor.
  @discardableResult
  public mutating func complete(replacedCount: Int, replacement: String) -> Outcome {
    endSearch()
    isKilling = false
    let count = max(0, min(replacedCount, before.count))
    let removed = removeBefore(count)
    let isInserted = insert(replacement)
    return isInserted || !removed.isEmpty ? .changed : .moved
  }

  /// Puts in a text that was pasted as a whole; its lines become lines of the message.
  @discardableResult
  public mutating func paste(_ text: String) -> Outcome {
    endSearch()
    isKilling = false
    return insert(text) ? .changed : .moved
  }

  private mutating func reset() {
    (before, after, byteCount) = ([], [], 0)
    (recalled, draft, search, isKilling) = (nil, nil, nil, false)
  }

  /// Shows a text of the history, or the one that was being typed.
  mutating func show(before: [Character], after: [Character]) {
    self.before = before
    self.after = after
    byteCount = (before + after).reduce(0) { $0 + $1.utf8.count }
  }

  /// Puts a text before the cursor, as much of it as fits; false if that is nothing.
  mutating func insert(_ text: String) -> Bool {
    let countBefore = byteCount
    for character in text {
      let character: Character = character == "\r\n" || character == "\r" ? "\n" : character
      guard insert(character) else { break }
    }
    return byteCount != countBefore
  }

  /// Puts a character before the cursor, or joins it to the one there; false if it does not fit.
  mutating func insert(_ character: Character) -> Bool {
    let count = character.utf8.count
    guard byteCount + count <= Self.byteCountMax else { return false }
    if character.isASCII {
      before.append(character)
    } else {
      append(character)
    }
    byteCount += count
    return true
  }

  /// Appends a character that may be, or have, marks.
  private mutating func append(_ character: Character) {
    if let last = before.last, !last.isNewline {
      let joined = String(last) + String(character)
      if joined.count == 1, joined.unicodeScalars.count <= Self.scalarCountMax {
        before[before.count - 1] = Character(joined)
        return
      }
    }
    guard character.unicodeScalars.count > Self.scalarCountMax else {
      before.append(character)
      return
    }
    var part = ""
    for scalar in character.unicodeScalars {
      // A whole grapheme cut into parts: each is one.
      if part.unicodeScalars.count == Self.scalarCountMax {
        before.append(contentsOf: part)
        part = ""
      }
      part.unicodeScalars.append(scalar)
    }
    before.append(contentsOf: part)
  }

  /// Takes away characters before the cursor.
  mutating func removeBefore(_ count: Int) -> [Character] {
    let removed = Array(before.suffix(count))
    before.removeLast(removed.count)
    for character in removed { byteCount -= character.utf8.count }
    return removed
  }

  /// Takes away characters behind the cursor.
  mutating func removeAfter(_ count: Int) -> [Character] {
    let removed = Array(after.suffix(count).reversed())
    after.removeLast(removed.count)
    for character in removed { byteCount -= character.utf8.count }
    return removed
  }

  /// Moves the cursor by characters, as far as there are some.
  mutating func move(_ count: Int) {
    if count < 0 {
      let count = min(-count, before.count)
      after.append(contentsOf: before.suffix(count).reversed())
      before.removeLast(count)
    } else {
      let count = min(count, after.count)
      before.append(contentsOf: after.suffix(count).reversed())
      after.removeLast(count)
    }
  }
}
