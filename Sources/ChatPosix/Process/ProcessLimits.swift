internal import Glibc

/// What the kernel lets this process have.
public enum ProcessLimits {
  /// Raises the number of files that may be open to what is allowed, and returns it.
  public static func raiseOpenFiles() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return 1_024 }
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      setrlimit(resource, &limit)
      getrlimit(resource, &limit)
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The number of this process.
  public static var processIdentifier: Int32 { getpid() }
}
