internal import CSys
@preconcurrency internal import Glibc

/// This executable, started once more.
public struct OwnProcess: Sendable {
  /// The number of the process.
  public let identifier: Int32

  /// The descriptor by which the child talks with its parent.
  public static let childDescriptor: Int32 = 3

  /// Starts this executable with other arguments; it has standard input, output and error as this
  /// one does, and `socket` as descriptor 3.
  ///
  /// - Parameters:
  ///   - arguments: the first is the name that `ps` shows.
  ///   - executable: another file than this program's own, which tests need.
  public static func start(
    arguments: [String], socket: Int32, executable: String = "/proc/self/exe"
  ) throws(SystemError) -> OwnProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, socket, childDescriptor)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let words = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let failure = posix_spawn(
      &child, executable, &actions, &attributes, words + [nil], environ)
    guard failure == 0 else { throw SystemError(number: failure) }
    return OwnProcess(identifier: child)
  }

  /// In the child: closes what it may have inherited besides descriptor 3.
  public static func closeInherited() {
    csys_close_from(childDescriptor + 1)
  }

  /// In the child: lets go of standard input and output, so that whoever is at the other end need
  /// not wait for this process.
  public static func leaveStandardStreams() {
    let null = Glibc.open("/dev/null", O_RDWR)
    guard null >= 0 else { return }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO] where null != descriptor {
      dup2(null, descriptor)
    }
    if null > STDERR_FILENO { _ = Glibc.close(null) }
  }

  /// True once it has ended; then it is no more.
  public func hasEnded() -> Bool {
    var status: Int32 = 0
    return waitpid(identifier, &status, WNOHANG) != 0
  }

  /// Waits until it ends.
  public func waitForEnd() {
    var status: Int32 = 0
    _ = try? valueOrError { () -> pid_t in waitpid(identifier, &status, 0) }
  }

  /// Ends it at once.
  public func kill() {
    _ = Glibc.kill(identifier, SIGKILL)
  }
}
