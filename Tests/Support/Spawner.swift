internal import Foundation

/// Starts programs, one at a time.
///
/// All are in one process group, with a guardian that ends the group when this process is gone,
/// however that came: a test that is killed leaves nothing running.
final class Spawner: Sendable {
  struct Started {
    var processIdentifier: Int32
    var input: Int32
    var output: Int32
    var errors: Int32
  }

  static let shared = Spawner()

  private let lock = NSLock()
  private let group: Int32

  private init() {
    // Writing to a program that has ended is an error, not the end of the tests.
    Foundation.signal(SIGPIPE, SIG_IGN)
    let guardian = try? Self.spawn(
      "/bin/sh", ["-c", "trap '' INT TERM; read line; kill -s KILL -- -$$"],
      environment: ["PATH": "/usr/bin:/bin"], group: 0)
    group = guardian?.processIdentifier ?? 0
  }

  func start(
    _ path: String, _ arguments: [String], environment: [String: String]
  ) throws -> Started {
    try lock.withLock {
      let started = try Self.spawn(
        path, arguments, environment: environment, group: group)
      _ = fcntl(started.input, F_SETFL, O_NONBLOCK)
      return started
    }
  }

  private static func spawn(
    _ path: String, _ arguments: [String], environment: [String: String], group: Int32
  ) throws -> Started {
    var ends: [[Int32]] = []
    for _ in 0..<3 {
      var pair: [Int32] = [-1, -1]
      guard pipe(&pair) == 0 else { throw TestFailure("there is no pipe: error \(errno)") }
      for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      ends.append(pair)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0][0], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1][1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[2][1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGUSR2] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, group)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    let words = ([path] + arguments).map { strdup($0) }
    let variables = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + variables { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(
      &child, path, &actions, &attributes, words + [nil], variables + [nil])
    for end in [ends[0][0], ends[1][1], ends[2][1]] { close(end) }
    guard failure == 0 else {
      for end in [ends[0][1], ends[1][0], ends[2][0]] { close(end) }
      throw TestFailure("\(path) cannot be started: error \(failure)")
    }
    return Started(
      processIdentifier: child, input: ends[0][1], output: ends[1][0], errors: ends[2][0])
  }
}
