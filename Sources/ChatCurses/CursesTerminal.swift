public import ChatLens
internal import CNcurses

/// A terminal on which ncurses paints.
public final class CursesTerminal {
  init() {}

  /// Makes the terminal show a canvas.
  public func paint(_ canvas: Canvas) {}
}
