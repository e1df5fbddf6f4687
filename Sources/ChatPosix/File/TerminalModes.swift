internal import Glibc

/// How a terminal treats what is typed (termios), to be put back as it was.
public struct TerminalModes: @unchecked Sendable {
  // Unchecked: a plain value.
  private(set) var modes = termios()
  let descriptor: Int32

  /// Reads the modes of a terminal; nil if the descriptor leads to none.
  public init?(of descriptor: Int32) {
    self.descriptor = descriptor
    guard tcgetattr(descriptor, &modes) == 0 else { return nil }
  }

  /// Makes the terminal as it was, once everything written so far is out.
  public func restore() {
    var modes = modes
    tcsetattr(descriptor, TCSADRAIN, &modes)
  }

  /// Makes Ctrl-S and Ctrl-Q keys as others are, which stop and continue nothing.
  public static func turnFlowControlOff(on descriptor: Int32) {
    guard var modes = TerminalModes(of: descriptor) else { return }
    modes.modes.c_iflag &= ~tcflag_t(IXON | IXOFF)
    modes.restore()
  }

  /// True if what is typed is echoed and comes line by line, as a shell leaves it.
  public var isCooked: Bool {
    modes.c_lflag & tcflag_t(ICANON) != 0 && modes.c_lflag & tcflag_t(ECHO) != 0
  }
}
