internal import Glibc

/// A file that grows at its end, and can be cut back.
extension FileDescriptor {
  /// Opens a file to append to it and to read it, and makes it if it is not there.
  ///
  /// - Parameter permissions: of a new file, less what the user's mask takes away.
  public static func openForAppending(
    _ path: String, permissions: UInt16
  ) throws(SystemError) -> FileDescriptor {
    let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY
    return FileDescriptor(
      owning: try valueOrError { () -> Int32 in Glibc.open(path, flags, mode_t(permissions)) })
  }

  /// Writes what the kernel takes of some of the bytes, and returns how many these were.
  public borrowing func write(
    _ bytes: borrowing [UInt8], _ range: Range<Int>
  ) throws(SystemError) -> Int {
    let number = rawValue
    return try bytes.withUnsafeBytes { bytes -> Result<Int, SystemError> in
      let part = UnsafeRawBufferPointer(rebasing: bytes[range])
      return Result { () throws(SystemError) in
        try valueOrError { () -> Int in Glibc.write(number, part.baseAddress, part.count) }
      }
    }.get()
  }

  /// The bytes from a place of the file on: `byteCount`, or fewer if the file ends before.
  public borrowing func read(
    from offset: Int, byteCount: Int
  ) throws(SystemError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: byteCount)
    let number = rawValue
    var done = 0
    while done < byteCount {
      let count = repeating {
        buffer.withUnsafeMutableBytes {
          pread(number, $0.baseAddress.map { $0 + done }, byteCount - done, offset + done)
        }
      }
      guard count >= 0 else { throw .current }
      if count == 0 { break }
      done += count
    }
    buffer.removeLast(byteCount - done)
    return buffer
  }

  /// Cuts the file to a size.
  public borrowing func truncate(to size: Int) throws(SystemError) {
    let number = rawValue
    _ = try valueOrError { () -> Int32 in ftruncate(number, size) }
  }

  /// Waits until what was written is on the disk.
  public borrowing func synchronizeData() throws(SystemError) {
    let number = rawValue
    _ = try valueOrError { () -> Int32 in fdatasync(number) }
  }

  /// Which file it is, whatever its name is now.
  public borrowing func identity() throws(SystemError) -> FileIdentity {
    var status = stat()
    let number = rawValue
    _ = try valueOrError { () -> Int32 in fstat(number, &status) }
    return FileIdentity(status)
  }
}

/// What makes two names names of the same file.
public struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}
