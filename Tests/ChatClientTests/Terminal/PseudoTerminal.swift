internal import ChatPosix
internal import Foundation

/// A terminal without a window: the test types on one side, the program sees the other.
///
/// Unchecked: the descriptors stay as they are, and the screen is reached by the test alone.
final class PseudoTerminal: @unchecked Sendable {
  private let controller: Int32
  /// What the program reads and writes.
  let terminal: Int32
  private(set) var screen: VirtualScreen

  /// Opens one of this size.
  init?(columns: Int, rows: Int) {
    // What posix_openpt(3), unlockpt(3) and ptsname(3) do, which Swift does not see.
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    screen = VirtualScreen(columns: columns, rows: rows)
    var unlock: Int32 = 0
    var number: UInt32 = 0
    guard controller >= 0, ioctl(controller, 0x4004_5431, &unlock) == 0,
      ioctl(controller, 0x8004_5430, &number) == 0
    else {
      terminal = -1
      return nil
    }
    terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    resize(columns: columns, rows: rows)
  }

  deinit {
    close(controller)
    close(terminal)
  }

  /// Changes the size, without telling anybody.
  func resize(columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(controller, UInt(TIOCSWINSZ), &size)
  }

  /// Presses keys.
  func type(_ text: String) {
    try? writeAll(text, to: controller)
  }

  /// Waits until the screen is as wanted, at most 30 s, and returns it.
  @discardableResult
  func wait(_ isWanted: (String) -> Bool) -> String {
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    while !isWanted(screen.text), Clock.monotonicNanoseconds() < deadline {
      var entries = [Poll.Entry(controller, .readable)]
      Poll.wait(for: &entries, nanoseconds: 100_000_000)
      guard !entries[0].result.isEmpty else { continue }
      var bytes = [UInt8](repeating: 0, count: 4_096)
      let count = read(controller, &bytes, bytes.count)
      if count > 0 { screen.receive(bytes[..<count]) }
    }
    return screen.text
  }
}
