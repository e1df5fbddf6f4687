internal import CSys
internal import Glibc

/// A connected stream socket, which never blocks: TCP, or local.
public struct StreamSocket: ~Copyable, Sendable {
  /// The number that the kernel knows it by.
  public let rawValue: Int32

  /// What a transfer has come to.
  public enum Transfer: Sendable, Hashable {
    /// So many bytes.
    case bytes(Int)
    /// Nothing can be read or written now.
    case wouldBlock
    /// Reading: the peer sends no more.
    case endOfStream
    /// The connection is broken.
    case failed(SystemError)
  }

  /// Takes ownership of a connected socket that does not block.
  public init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    _ = Glibc.close(rawValue)
  }

  /// Reads what is there, at most as much as the buffer holds, to the beginning of the buffer.
  public borrowing func read(into buffer: inout [UInt8]) -> Transfer {
    let number = rawValue
    let count = buffer.withUnsafeMutableBytes { bytes in
      repeating { recv(number, bytes.baseAddress, bytes.count, 0) }
    }
    if count > 0 { return .bytes(count) }
    return count == 0 ? .endOfStream : Self.failure()
  }

  /// Writes as much of `bytes` from an index on as the kernel takes.
  public borrowing func write(_ bytes: borrowing [UInt8], from start: Int = 0) -> Transfer {
    let number = rawValue
    let count = bytes.withUnsafeBytes { bytes in
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      return repeating { send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL)) }
    }
    return count >= 0 ? .bytes(count) : Self.failure()
  }

  /// Writes as much as the kernel takes of the bytes at some indices.
  public borrowing func write(_ bytes: borrowing [UInt8], _ range: Range<Int>) -> Transfer {
    let number = rawValue
    let count = bytes.withUnsafeBytes { bytes in
      let part = UnsafeRawBufferPointer(rebasing: bytes[range])
      return repeating { send(number, part.baseAddress, part.count, Int32(MSG_NOSIGNAL)) }
    }
    return count >= 0 ? .bytes(count) : Self.failure()
  }

  private static func failure() -> Transfer {
    let error = SystemError.current
    return error.number == EAGAIN ? .wouldBlock : .failed(error)
  }

  /// Says that nothing more will be written.
  public borrowing func shutDownWriting() {
    _ = shutdown(rawValue, Int32(SHUT_WR))
  }

  /// Ends the connection in both directions; a thread that polls it wakes.
  public borrowing func shutDown() {
    _ = shutdown(rawValue, Int32(SHUT_RDWR))
  }

  /// Makes `close` break the connection instead of ending it: the peer gets a reset.
  public borrowing func resetOnClose() {
    csys_reset_on_close(rawValue)
  }

  /// Limits what the kernel holds in each direction.
  public borrowing func setBufferSizes(send: Int32?, receive: Int32?) {
    if var send { setsockopt(rawValue, SOL_SOCKET, SO_SNDBUF, &send, 4) }
    if var receive { setsockopt(rawValue, SOL_SOCKET, SO_RCVBUF, &receive, 4) }
  }

  /// The address of this end.
  public borrowing func localAddress() -> SocketAddress {
    socketAddress { getsockname(rawValue, $0, $1) }
  }

  /// The address of the other end.
  public borrowing func peerAddress() -> SocketAddress {
    socketAddress { getpeername(rawValue, $0, $1) }
  }
}

/// Repeats a system call while signals interrupt it.
func repeating(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// Asks for the address of a socket.
func socketAddress(
  _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> SocketAddress {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  withUnsafeMutablePointer(to: &storage) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = ask($0, &length) }
  }
  return SocketAddress(storage)
}

/// Sends small segments at once: waiting for more costs 40 ms on each exchange.
func setNoDelay(_ descriptor: Int32) {
  var one: Int32 = 1
  setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
}
