internal import CSys
internal import Glibc

/// While it is there, a crash of the process first gives a terminal back.
///
/// It writes bytes to it, and puts its modes back. There can be one at a time.
/// What the crash does otherwise (a core dump, a backtrace) it does afterwards.
public struct TerminalCrashGuard: ~Copyable {
  /// Begins to guard.
  ///
  /// - Parameters:
  ///   - modes: How the terminal was.
  ///   - farewell: What makes it look as it did, at most 1,024 bytes.
  public init(_ modes: TerminalModes, farewell: [UInt8]) {
    withUnsafePointer(to: modes.modes) { modesPointer in
      farewell.withUnsafeBytes { bytes in
        csys_guard_terminal(modes.descriptor, modesPointer, bytes.baseAddress, bytes.count)
      }
    }
  }

  deinit {
    csys_unguard_terminal()
  }
}
