internal import CSys
internal import Glibc

/// Local (Unix) sockets: how a program on this machine is asked and told things.
public enum LocalSocket {
  /// The longest path of a socket, in bytes.
  public static let pathByteCountMax = 107

  /// The directory for sockets of this user: `$XDG_RUNTIME_DIR/chatwire`, else
  /// `$TMPDIR/chatwire-UID`; made if need be, and private.
  public static func directory() throws(SocketError) -> String {
    let path =
      if let runtime = environmentVariable("XDG_RUNTIME_DIR") {
        "\(runtime)/chatwire"
      } else {
        "\(environmentVariable("TMPDIR") ?? "/tmp")/chatwire-\(getuid())"
      }
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw .system(.current) }
    // In a common directory somebody else may have made it first.
    var status = stat()
    _ = try systemValue { lstat(path, &status) }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
      status.st_mode & 0o077 == 0
    else { throw .system(SystemError(number: EACCES)) }
    return path
  }

  /// Listens at a path, which only this user can open.
  ///
  /// A socket left there by a program that has ended is replaced; one that answers is an error
  /// (EADDRINUSE).
  public static func listen(at path: String) throws(SocketError) -> LocalListener {
    if answers(at: path) { throw .system(SystemError(number: EADDRINUSE)) }
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    let descriptor = try systemValue { csys_stream_socket(AF_UNIX) }
    let oldMask = umask(0o177)
    defer { umask(oldMask) }
    do throws(SocketError) {
      _ = try systemValue { csys_bind_local(descriptor, path) }
    } catch {
      // The path belongs to somebody else: it stays.
      _ = Glibc.close(descriptor)
      throw error
    }
    let listener = LocalListener(owning: descriptor, path: path)
    _ = try systemValue { Glibc.listen(descriptor, 16) }
    return listener
  }

  /// True if somebody listens at a path, even if too busy to answer now.
  public static func answers(at path: String) -> Bool {
    do throws(SocketError) {
      _ = try connect(to: path)
      return true
    } catch {
      return error == .wouldBlock
    }
  }

  /// The paths of this user's sockets (`directory()`) whose names begin and end so, sorted.
  public static func paths(prefix: String, suffix: String) -> [String] {
    guard let directory = try? directory(), let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var paths: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(prefix), name.hasSuffix(suffix) { paths.append("\(directory)/\(name)") }
    }
    return paths.sorted()
  }

  /// Connects to whoever listens at a path.
  public static func connect(to path: String) throws(SocketError) -> StreamSocket {
    let descriptor = try systemValue { csys_stream_socket(AF_UNIX) }
    let stream = StreamSocket(owning: descriptor)
    _ = try systemValue { csys_connect_local(descriptor, path) }
    return stream
  }
}

/// A local socket on which connections arrive; its path is removed when it goes away.
public struct LocalListener: ~Copyable, Sendable {
  /// The descriptor that becomes readable when a connection has arrived.
  public let pollDescriptor: Int32
  /// Where it listens.
  public let path: String

  init(owning descriptor: Int32, path: String) {
    pollDescriptor = descriptor
    self.path = path
  }

  deinit {
    unlink(path)
    _ = Glibc.close(pollDescriptor)
  }

  /// The next connection of this user (or of root), if one has arrived.
  public borrowing func accept() -> StreamSocket? {
    let descriptor = csys_accept(pollDescriptor, nil, nil)
    guard descriptor >= 0 else { return nil }
    let user = csys_peer_user(descriptor)
    guard user == Int64(getuid()) || user == 0 else {
      _ = Glibc.close(descriptor)
      return nil
    }
    return StreamSocket(owning: descriptor)
  }
}
