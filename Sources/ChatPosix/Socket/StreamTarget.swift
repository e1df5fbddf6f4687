internal import CSys
internal import Glibc

/// Where to connect to over TCP, again and again: a host whose addresses are known.
public struct StreamTarget: Sendable {
  private let addresses: [ResolvedAddress]

  /// Looks up a host, which may take a while.
  public init(host: String, port: UInt16) throws(ResolutionError) {
    addresses = try ResolvedAddress.all(host: host, port: port, isPassive: false)
  }

  /// How many addresses there are to try.
  public var addressCount: Int { addresses.count }

  /// One of them.
  public func address(_ index: Int) -> SocketAddress { SocketAddress(addresses[index].storage) }

  /// Begins to connect to one of the addresses, with TCP_NODELAY set, without waiting.
  ///
  /// The socket becomes writable when it is known what came of it: ask for `connectionError`.
  public func beginConnecting(to index: Int) throws(SystemError) -> StreamSocket {
    let address = addresses[index]
    let descriptor = try valueOrError { () -> Int32 in csys_stream_socket(address.family) }
    let stream = StreamSocket(owning: descriptor)
    setNoDelay(descriptor)
    let status = address.withPointer { Glibc.connect(descriptor, $0, $1) }
    guard status != 0, errno != EINPROGRESS, errno != EINTR else { return stream }
    throw .current
  }
}

extension StreamSocket {
  /// What is wrong with the connection, if anything; asking clears it.
  public borrowing func connectionError() -> SystemError? {
    var number: Int32 = 0
    var length = socklen_t(4)
    getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &number, &length)
    return number == 0 ? nil : SystemError(number: number)
  }

  /// True if it is connected: a peer's address is known.
  public borrowing func isConnected() -> Bool {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getpeername(rawValue, $0, &length) == 0
      }
    }
  }
}

extension SocketAddress {
  /// The address in 4 (IPv4) or 16 bytes, most significant first; none if it is no internet
  /// address.
  public var addressBytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = csys_address_bytes(host, &bytes)
    return Array(bytes.prefix(Int(count)))
  }
}
