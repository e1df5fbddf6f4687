internal import CSys
internal import Glibc

/// Local (Unix) sockets: how a program on this machine is asked and told things.
public enum LocalSocket {
  /// The longest path of a socket, in bytes.
  public static let pathByteCountMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

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
      try withAddress(path) { address, length throws(SocketError) in
        _ = try systemValue { bind(descriptor, address, length) }
      }
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
    try withAddress(path) { address, length throws(SocketError) in
      _ = try systemValue { Glibc.connect(descriptor, address, length) }
    }
    return stream
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SocketError) -> Void
  ) throws(SocketError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= pathByteCountMax else {
      throw .system(SystemError(number: ENAMETOOLONG))
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let copy = address
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: copy) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Result { () throws(SocketError) in try body(pointer, length) }
      }
    }
    try result.get()
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
