internal import Glibc

/// Small files that are written as a whole, or to whose end a line is added.
public enum WholeFile {
  /// The bytes of a file, at most so many, counted from its end; nil if it cannot be read.
  public static func readEnd(_ path: String, byteCountMax: Int) -> [UInt8]? {
    guard let file = try? FileDescriptor.openForReading(path),
      let (kind, size) = try? file.kindAndSize(), kind == .regularFile
    else { return nil }
    if size > byteCountMax { lseek(file.rawValue, size - byteCountMax, SEEK_SET) }
    var bytes = [UInt8](repeating: 0, count: min(size, byteCountMax))
    var done = 0
    while done < bytes.count {
      guard let count = try? file.read(into: &bytes, from: done) else { return nil }
      if count == 0 { break }
      done += count
    }
    return Array(bytes[..<done])
  }

  /// Writes a new file with these permissions; one that is there is replaced, or else an error
  /// (EEXIST).
  public static func write(
    _ text: String, to path: String, replacing: Bool, permissions: UInt32 = 0o666
  ) throws(SystemError) {
    let file = try FileDescriptor.openNew(path, replacing: replacing, permissions: permissions)
    try writeAll(text, to: file.rawValue)
  }

  /// Replaces a file in one step: at any moment it is there as it was or as it will be.
  public static func replace(
    _ path: String, with text: String, permissions: UInt32
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid())"
    do throws(SystemError) {
      try write(text, to: temporary, replacing: true, permissions: permissions)
      _ = try valueOrError { () -> Int32 in rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Removes a file, if it is there.
  public static func remove(_ path: String) {
    unlink(path)
  }

  /// Adds text to the end of a file, which is made with these permissions if it is not there.
  public static func append(
    _ text: String, to path: String, permissions: UInt32
  ) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND
    let file = FileDescriptor(
      owning: try valueOrError { () -> Int32 in open(path, flags, mode_t(permissions)) })
    try writeAll(text, to: file.rawValue)
  }

  /// Makes a directory and those above it, for this user alone.
  public static func makeDirectories(_ path: String) {
    var made = path.hasPrefix("/") ? "" : "."
    for name in path.split(separator: "/") {
      made += "/\(name)"
      mkdir(made, 0o700)
    }
  }

  /// True if the error says that the file is there already.
  public static func isAlreadyThere(_ error: SystemError) -> Bool { error.number == EEXIST }
}
