/// Fields one below the other, with a button under them.
struct Form: Sendable {
  /// What stands in a field.
  enum Content: Sendable {
    /// A text; where it is empty, what that stands for is shown.
    case text(LineEdit, usual: String)
    /// One of several words.
    case choice([String], selected: Int)
  }

  /// A field.
  struct Field: Sendable {
    /// The word before it.
    var label: String
    /// What stands in it.
    var content: Content
    /// What it is, in one sentence.
    var help: String
    /// Why it cannot be changed now; nil if it can.
    var disabledReason: String?
    /// What is wrong with it, in one sentence.
    var error: String?
    /// It is not as it was; what will happen because of that.
    var consequence: String?

    /// The text in it; of a choice, the word.
    var text: String {
      switch content {
      case .text(let line, _): line.text
      case .choice(let words, let selected): words[selected]
      }
    }
  }

  /// What a key or the mouse has done.
  enum Outcome: Hashable {
    /// Another field is in focus, or nothing has happened.
    case none
    /// A field has another value.
    case changed
    /// The button was pressed.
    case pressed
    case cancelled, unhandled
  }

  /// What it is for.
  var title: String
  /// What went wrong before; shown above the fields.
  var message: String?
  /// The fields.
  var fields: [Field]
  /// The word on the button, and what it does, in one sentence.
  var button: (label: String, help: String)
  /// The field that keys go to; behind the last one, the button.
  var focus = 0

  /// The button is in focus.
  var isAtButton: Bool { focus >= fields.count }

  /// A text is being typed.
  var isInText: Bool {
    guard !isAtButton, case .text = fields[focus].content else { return false }
    return true
  }

  /// Does what a key means.
  mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case .escape: return .cancelled
    case .enter: return .pressed
    case .down, .tab: return moveFocus(1)
    case .up, .backTab: return moveFocus(-1)
    case .pageUp:
      focus = 0
      return .none
    case .pageDown:
      focus = fields.count
      return .none
    default: break
    }
    if isAtButton { return key == .character(" ") ? .pressed : .unhandled }
    switch fields[focus].content {
    case .text(var line, let usual):
      // A search has no history to look through.
      if key == .control("r") || key == .altEnter { return .unhandled }
      let outcome = line.handle(key)
      fields[focus].content = .text(line, usual: usual)
      switch outcome {
      case .changed: return .changed
      case .unhandled: return .unhandled
      case .moved, .entered: return .none
      }
    case .choice(let words, let selected):
      switch key {
      case .right, .character(" "): return choose((selected + 1) % words.count, in: focus)
      case .left: return choose((selected + words.count - 1) % words.count, in: focus)
      default: return .unhandled
      }
    }
  }

  /// Puts a pasted text into the text in focus, its first line.
  mutating func paste(_ text: String) -> Outcome {
    guard isInText, case .text(var line, let usual) = fields[focus].content else { return .none }
    let first = text.prefix(1_024).split(whereSeparator: \.isNewline).first ?? ""
    let outcome = line.paste(String(first))
    fields[focus].content = .text(line, usual: usual)
    return outcome == .changed ? .changed : .none
  }

  /// Does what the mouse means, on the form as it is drawn in an area.
  mutating func handle(_ mouse: MouseInput, in area: Area) -> Outcome {
    guard mouse.action == .press else {
      return moveFocus(mouse.action == .wheelDown ? 1 : -1)
    }
    let layout = FormLayout(self, in: area)
    if layout.button.contains(row: mouse.row, column: mouse.column) {
      focus = fields.count
      return .pressed
    }
    guard layout.box.contains(row: mouse.row, column: mouse.column),
      let index = layout.fieldRows.firstIndex(of: mouse.row),
      fields[index].disabledReason == nil
    else { return .none }
    focus = index
    guard case .choice(let words, let selected) = fields[index].content,
      mouse.column >= layout.valueColumn
    else { return .none }
    guard layout.showsAll(words) else { return choose((selected + 1) % words.count, in: index) }
    var column = layout.valueColumn
    for (place, word) in words.enumerated() {
      let end = column + FormLayout.width(ofChoice: word)
      if mouse.column < end { return choose(place, in: index) }
      column = end
    }
    return .none
  }

  private mutating func choose(_ place: Int, in index: Int) -> Outcome {
    guard case .choice(let words, let selected) = fields[index].content,
      place != selected, words.indices.contains(place)
    else { return .none }
    fields[index].content = .choice(words, selected: place)
    return .changed
  }

  /// Goes on to the next field that can be changed, from the button to the first.
  private mutating func moveFocus(_ step: Int) -> Outcome {
    let count = fields.count + 1
    repeat {
      focus = (focus + step + count) % count
    } while !isAtButton && fields[focus].disabledReason != nil
    return .none
  }
}
