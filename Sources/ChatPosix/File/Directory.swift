internal import Glibc

/// A directory that is open, with what is done to the names in it.
public struct Directory: ~Copyable {
  private let descriptor: FileDescriptor
  /// Where it is.
  public let path: String

  /// Opens a directory, and makes it if it is not there, for this user only; not the ones above it.
  public init(makingIfMissing path: String) throws(SystemError) {
    do throws(SystemError) {
      _ = try valueOrError { () -> Int32 in mkdir(path, 0o700) }
    } catch {
      guard error.number == EEXIST else { throw error }
    }
    descriptor = FileDescriptor(
      owning: try valueOrError { () -> Int32 in
        Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
    self.path = path
  }

  /// The path of a name in it.
  public borrowing func path(of name: String) -> String {
    "\(path)/\(name)"
  }

  /// Locks it among those who do the same, for as long as it is open; false if somebody else has.
  public borrowing func lockIfFree() throws(SystemError) -> Bool {
    let number = descriptor.rawValue
    do throws(SystemError) {
      _ = try valueOrError { () -> Int32 in flock(number, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      guard error.number == EWOULDBLOCK else { throw error }
      return false
    }
  }

  /// Which file has a name; nil if none has.
  public borrowing func identity(of name: String) throws(SystemError) -> FileIdentity? {
    var status = stat()
    let path = path(of: name)
    do throws(SystemError) {
      _ = try valueOrError { () -> Int32 in stat(path, &status) }
      return FileIdentity(status)
    } catch {
      guard error.number == ENOENT else { throw error }
      return nil
    }
  }

  /// Gives a file another name, at one stroke; a file that had that name is gone.
  public borrowing func rename(_ name: String, to newName: String) throws(SystemError) {
    let paths = (path(of: name), path(of: newName))
    _ = try valueOrError { () -> Int32 in Glibc.rename(paths.0, paths.1) }
  }

  /// Takes a name away.
  public borrowing func remove(_ name: String) throws(SystemError) {
    let path = path(of: name)
    _ = try valueOrError { () -> Int32 in unlink(path) }
  }

  /// Waits until its names are on the disk.
  public borrowing func synchronize() throws(SystemError) {
    let number = descriptor.rawValue
    _ = try valueOrError { () -> Int32 in fsync(number) }
  }
}
