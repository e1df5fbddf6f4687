internal import Glibc

/// The owner of a file descriptor: it is closed once, when the owner goes away.
public struct FileDescriptor: ~Copyable {
  /// What a descriptor leads to.
  public enum Kind: Sendable {
    case regularFile, directory, other
  }

  /// The number that the kernel knows it by.
  public let rawValue: Int32
  private let isOwned: Bool

  /// Takes ownership of an open descriptor.
  public init(owning rawValue: Int32) {
    self.rawValue = rawValue
    isOwned = true
  }

  /// Uses a descriptor that somebody else closes, such as standard input.
  public init(borrowing rawValue: Int32) {
    self.rawValue = rawValue
    isOwned = false
  }

  deinit {
    if isOwned { _ = Glibc.close(rawValue) }
  }

  /// Standard input, which stays open.
  public static var standardInput: FileDescriptor { FileDescriptor(borrowing: STDIN_FILENO) }

  /// Opens a file to read it.
  public static func openForReading(_ path: String) throws(SystemError) -> FileDescriptor {
    FileDescriptor(
      owning: try valueOrError { () -> Int32 in Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
  }

  /// Opens a file to write it from the beginning; it is made, or emptied, if need be.
  public static func openForWriting(_ path: String) throws(SystemError) -> FileDescriptor {
    FileDescriptor(
      owning: try valueOrError { () -> Int32 in
        Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o666)
      })
  }

  /// Opens a file to write it; one that is there is emptied, or else an error (EEXIST).
  public static func openNew(
    _ path: String, replacing: Bool, permissions: UInt32 = 0o666
  ) throws(SystemError) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (replacing ? O_TRUNC : O_EXCL)
    return FileDescriptor(
      owning: try valueOrError { () -> Int32 in Glibc.open(path, flags, mode_t(permissions)) })
  }

  /// Makes sure that standard input, output and error lead somewhere: a descriptor that is closed
  /// would be given to the next file or socket that is opened.
  public static func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest that is free is taken: this one.
      _ = Glibc.open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
  }

  /// Hands the descriptor out to whoever owns it from now on.
  public consuming func release() -> Int32 {
    let number = rawValue
    discard self
    return number
  }

  /// A file without a name in the temporary directory, which is gone when it is closed.
  public static func temporaryFile() throws(SystemError) -> FileDescriptor {
    let directory = environmentVariable("TMPDIR") ?? "/tmp"
    var template = Array("\(directory)/chat-inspect.XXXXXX".utf8CString)
    let descriptor = FileDescriptor(
      owning: try valueOrError { () -> Int32 in mkstemp(&template) })
    _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC)
    _ = unlink(template)
    return descriptor
  }

  /// What it leads to, and the size if that is a regular file.
  public borrowing func kindAndSize() throws(SystemError) -> (kind: Kind, size: Int) {
    var status = stat()
    let number = rawValue
    _ = try valueOrError { () -> Int32 in fstat(number, &status) }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: (.regularFile, Int(status.st_size))
    case S_IFDIR: (.directory, 0)
    default: (.other, 0)
    }
  }

  /// Reads what comes into `buffer` from `start` to its end, and returns how many bytes came: 0 at
  /// the end of the file.
  public borrowing func read(
    into buffer: inout [UInt8], from start: Int
  ) throws(SystemError) -> Int {
    let number = rawValue
    return try buffer.withUnsafeMutableBytes { bytes -> Result<Int, SystemError> in
      let free = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
      return Result { () throws(SystemError) in
        try valueOrError { () -> Int in Glibc.read(number, free.baseAddress, free.count) }
      }
    }.get()
  }

  /// Goes back to the beginning of a regular file.
  public borrowing func rewind() throws(SystemError) {
    let number = rawValue
    _ = try valueOrError { () -> Int in lseek(number, 0, SEEK_SET) }
  }

  /// True if a read would wait.
  public borrowing func wouldWait() -> Bool {
    var entry = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) == 0
  }
}

/// Writes all of `bytes` to a descriptor, waiting as long as it takes.
public func writeAll(_ bytes: RawSpan, to descriptor: Int32) throws(SystemError) {
  var done = 0
  while done < bytes.byteCount {
    let rest = bytes.extracting(droppingFirst: done)
    do throws(SystemError) {
      done += try rest.withUnsafeBytes { rest throws(SystemError) in
        try valueOrError { () -> Int in Glibc.write(descriptor, rest.baseAddress, rest.count) }
      }
    } catch {
      // A terminal or a pipe that somebody else has made non-blocking.
      guard error.number == EAGAIN else { throw error }
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&entry, 1, -1)
    }
  }
}

/// Writes what a descriptor that is ready to be written takes without waiting, of bytes from an
/// index on, and returns how much that was.
///
/// That poll(2) says "ready" promises room for a few kilobytes, and for no more.
public func writeReady(
  _ bytes: [UInt8], from start: Int, to descriptor: Int32
) throws(SystemError) -> Int {
  let count = min(bytes.count - start, Int(PIPE_BUF))
  do throws(SystemError) {
    return try bytes.span.bytes.extracting(start..<(start + count)).withUnsafeBytes {
      part throws(SystemError) in
      try valueOrError { () -> Int in Glibc.write(descriptor, part.baseAddress, part.count) }
    }
  } catch {
    guard error.number == EAGAIN else { throw error }
    return 0
  }
}

/// Writes all of `bytes` to a descriptor.
public func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
  try writeAll(bytes.span.bytes, to: descriptor)
}

/// Writes all of `text` to a descriptor.
public func writeAll(_ text: String, to descriptor: Int32) throws(SystemError) {
  try writeAll(Array(text.utf8), to: descriptor)
}

/// The value of an environment variable, or nil if it is not set or empty.
public func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
