@preconcurrency internal import Glibc

/// A child process that reads what is written to it.
public struct ChildProcess: ~Copyable {
  private let identifier: pid_t
  /// Where its standard input comes from.
  public let inputDescriptor: Int32

  /// Starts `/bin/sh -c command` with a pipe to its standard input.
  ///
  /// Every other descriptor of this program closes itself there; signals have their default action.
  public init(
    shellCommand command: String, settingUnlessSet defaults: [(name: String, value: String)] = []
  ) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    _ = try valueOrError { () -> Int32 in pipe(&ends) }
    let readEnd = FileDescriptor(owning: ends[0])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    for (name, value) in defaults { setenv(name, value, 0) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, readEnd.rawValue, STDIN_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaultSignals = sigset_t()
    sigemptyset(&defaultSignals)
    for signal in [SIGPIPE, SIGINT, SIGQUIT] { sigaddset(&defaultSignals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaultSignals)
    var blockedSignals = sigset_t()
    sigemptyset(&blockedSignals)
    posix_spawnattr_setsigmask(&attributes, &blockedSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var child: pid_t = 0
    let words: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(command)]
    defer { for word in words { free(word) } }
    let failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, words + [nil], environ)
    guard failure == 0 else {
      _ = Glibc.close(ends[1])
      throw SystemError(number: failure)
    }
    identifier = child
    inputDescriptor = ends[1]
  }

  /// Ends its input and waits until it ends, and returns its exit code, or nil if a signal ended
  /// it.
  public consuming func closeInputAndWait() -> Int32? {
    _ = Glibc.close(inputDescriptor)
    var status: Int32 = 0
    let child = identifier
    guard (try? valueOrError { () -> pid_t in waitpid(child, &status, 0) }) != nil,
      status & 0x7f == 0
    else { return nil }
    return (status >> 8) & 0xff
  }
}

/// Programs that can be started.
public enum Programs {
  /// True if `name` is an executable file in a directory of PATH.
  public static func isInstalled(_ name: String) -> Bool {
    let path = environmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  /// The path of this program's own file.
  public static func ownPath() -> String? {
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count)
    guard length > 0 else { return nil }
    return String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
