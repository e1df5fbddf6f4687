/// What somebody does at a terminal.
public enum ScreenInput: Sendable, Hashable {
  case key(Key)
  /// Text that was pasted as a whole; line ends are `\n`.
  case paste(String)
  case mouse(MouseInput)
  /// The terminal's window has come to the front, or gone.
  case focus(Bool)
}

/// A key, with what was held down beside it.
public enum Key: Sendable, Hashable {
  /// A character, as one sees it; its marks may come as characters of their own behind it.
  case character(Character)
  /// Ctrl and a small letter, or one of `@[\]^_`.
  case control(Character)
  /// Alt (or Escape before it) and a character.
  case alt(Character)
  case enter, tab, backTab, backspace, delete, insert, escape
  case up, down, left, right, home, end, pageUp, pageDown
  /// With Ctrl held down.
  case controlUp, controlDown, controlLeft, controlRight
  /// With Alt held down.
  case altUp, altDown, altLeft, altRight, altEnter, altBackspace
  /// F1 to F12.
  case function(Int)
}

/// Something done with the mouse.
public struct MouseInput: Sendable, Hashable {
  /// What was done.
  public enum Action: Sendable, Hashable {
    case press, wheelUp, wheelDown
  }

  /// What was done.
  public var action: Action
  /// The row of the cell, from 0.
  public var row: Int
  /// The column of the cell, from 0.
  public var column: Int

  /// Makes one.
  public init(_ action: Action, row: Int, column: Int) {
    self.action = action
    self.row = row
    self.column = column
  }
}
