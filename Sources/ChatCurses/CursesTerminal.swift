public import ChatLens
internal import CNcurses

/// A terminal on which ncurses paints.
public final class CursesTerminal {
  init() {}
  public static func open(input: Int32 = 0, output: Int32 = 1, color: Bool) -> CursesTerminal { CursesTerminal() }
  public var rows: Int { 24 }
  public var columns: Int { 80 }
  public var isInputEnded: Bool { false }
  public var pendingDelayNanoseconds: Int64? { nil }
  public func readInputs() -> [ScreenInput] { [] }
  public func repaint() {}
  public func resize() {}
  public func suspend() {}
  public func resume() {}
  public func close() {}


  /// Makes the terminal show a canvas.
  public func paint(_ canvas: Canvas) {}
}
