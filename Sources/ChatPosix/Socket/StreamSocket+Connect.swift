internal import CSys
internal import Glibc

extension StreamSocket {
  /// Connects over TCP, with TCP_NODELAY set.
  ///
  /// Every address that the host's name leads to is tried, each for at most the
  /// time given.
  ///
  /// - Parameter isCancelled: asked every tenth of a second; true ends the attempt as timed out.
  public static func connect(
    host: String, port: UInt16, timeoutNanoseconds: Int64,
    isCancelled: () -> Bool = { false }
  ) throws(SocketError) -> StreamSocket {
    let addresses: [ResolvedAddress]
    do throws(ResolutionError) {
      addresses = try ResolvedAddress.all(host: host, port: port, isPassive: false)
    } catch {
      throw .unknownHost(error)
    }
    var failure = SocketError.system(SystemError(number: EADDRNOTAVAIL))
    for address in addresses {
      do throws(SocketError) {
        let deadline = Clock.monotonicNanoseconds() &+ timeoutNanoseconds
        return try connect(to: address, until: deadline, isCancelled)
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func connect(
    to address: ResolvedAddress, until deadline: Int64, _ isCancelled: () -> Bool
  ) throws(SocketError) -> StreamSocket {
    let descriptor = try systemValue { csys_stream_socket(address.family) }
    let stream = StreamSocket(owning: descriptor)
    setNoDelay(descriptor)
    let status = address.withPointer { Glibc.connect(descriptor, $0, $1) }
    if status == 0 { return stream }
    guard errno == EINPROGRESS || errno == EINTR else { throw .system(.current) }
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while poll(&entry, 1, 100) <= 0 {
      guard Clock.monotonicNanoseconds() < deadline, !isCancelled() else { throw .timedOut }
    }
    var number: Int32 = 0
    var length = socklen_t(4)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
    guard number == 0 else { throw .system(SystemError(number: number)) }
    return stream
  }
}

/// Two local sockets that are connected with each other.
///
/// Frozen, so that whoever makes a pair can keep one end and let go of the other.
@frozen
public struct StreamSocketPair: ~Copyable {
  /// One end.
  public let first: StreamSocket
  /// The other end.
  public let second: StreamSocket

  /// Makes a pair.
  public init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    _ = try valueOrError { () -> Int32 in csys_stream_pair(&ends) }
    first = StreamSocket(owning: ends[0])
    second = StreamSocket(owning: ends[1])
  }
}

/// As `valueOrError`, for those who throw errors of sockets.
func systemValue(_ call: () -> Int32) throws(SocketError) -> Int32 {
  do throws(SystemError) {
    return try valueOrError(call)
  } catch {
    throw .system(error)
  }
}
