internal import CSys
internal import Glibc

/// Why a socket cannot listen, or connect.
public enum SocketError: Error, Hashable, Sendable {
  /// The host's name leads nowhere.
  case unknownHost(ResolutionError)
  /// The kernel refuses.
  case system(SystemError)
  /// No answer within the time.
  case timedOut

  /// The call would have had to wait, for instance because too many already do.
  public static var wouldBlock: SocketError { .system(SystemError(number: EAGAIN)) }

  /// What went wrong, in lower case.
  public var message: String {
    switch self {
    case .unknownHost(let error): error.message
    case .system(let error): error.message
    case .timedOut: "no answer in time"
    }
  }
}

/// A TCP socket on which connections arrive.
public struct StreamListener: ~Copyable, Sendable {
  /// The descriptor that becomes readable when a connection has arrived.
  public let pollDescriptor: Int32

  /// What `accept` has come to.
  public enum Accepted: ~Copyable {
    /// A connection, and where it comes from.
    case connection(StreamSocket, SocketAddress)
    /// None is there (any more).
    case nothing
    /// The table of open files is full, here or in the whole system.
    case noDescriptors(SystemError)
    /// The kernel refuses for another reason.
    case failed(SystemError)
  }

  /// Listens on an address: port 0 lets the kernel choose one, `::` takes IPv4 as well.
  public init(host: String, port: UInt16, backlog: Int32 = 4_096) throws(SocketError) {
    let addresses: [ResolvedAddress]
    do throws(ResolutionError) {
      addresses = try ResolvedAddress.all(host: host, port: port, isPassive: true)
    } catch {
      throw .unknownHost(error)
    }
    var failure = SystemError(number: EADDRNOTAVAIL)
    for address in addresses {
      do throws(SystemError) {
        pollDescriptor = try Self.listen(on: address, backlog: backlog)
        return
      } catch {
        failure = error
      }
    }
    throw .system(failure)
  }

  private static func listen(
    on address: ResolvedAddress, backlog: Int32
  ) throws(SystemError) -> Int32 {
    let descriptor = try valueOrError { () -> Int32 in csys_stream_socket(address.family) }
    do throws(SystemError) {
      var one: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
      if address.family == AF_INET6 {
        var zero: Int32 = 0
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &zero, 4)
      }
      _ = try valueOrError { () -> Int32 in address.withPointer { bind(descriptor, $0, $1) } }
      _ = try valueOrError { () -> Int32 in Glibc.listen(descriptor, backlog) }
      return descriptor
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  deinit {
    _ = Glibc.close(pollDescriptor)
  }

  /// Where it listens.
  public borrowing func address() -> SocketAddress {
    socketAddress { getsockname(pollDescriptor, $0, $1) }
  }

  /// The next connection that has arrived, with TCP_NODELAY set.
  public borrowing func accept() -> Accepted {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        csys_accept(pollDescriptor, $0, &length)
      }
    }
    if descriptor >= 0 {
      setNoDelay(descriptor)
      return .connection(StreamSocket(owning: descriptor), SocketAddress(storage))
    }
    let error = SystemError.current
    switch error.number {
    // The connection broke before it was taken (accept(2)); the next may be well.
    case EAGAIN, EINTR, ECONNABORTED, EPROTO, EPERM: return .nothing
    default: return error.meansNoDescriptors ? .noDescriptors(error) : .failed(error)
    }
  }
}
