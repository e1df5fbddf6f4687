internal import CSys
internal import Glibc

/// The address of one end of a TCP connection.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// The address in figures; an IPv4 address that came over an IPv6 socket is shown as IPv4.
  public let host: String
  /// The port.
  public let port: UInt16

  /// Makes an address from its parts.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `192.0.2.1:5000`, `[2001:db8::1]:5000`.
  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  init(_ storage: sockaddr_storage) {
    var storage = storage
    var text = [CChar](repeating: 0, count: 64)
    var port: UInt16 = 0
    guard csys_address_text(&storage, &text, Int32(text.count), &port) != 0 else {
      self.init(host: "local", port: 0)
      return
    }
    var host = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if host.hasPrefix("::ffff:"), host.contains(".") { host.removeFirst(7) }
    self.init(host: host, port: port)
  }
}

/// Why a name does not lead to an address.
public struct ResolutionError: Error, Hashable, Sendable {
  /// What the resolver says, in lower case.
  public let message: String
}

/// An address as the kernel takes it.
struct ResolvedAddress {
  var family: Int32
  var storage: sockaddr_storage
  var length: socklen_t

  /// Every address that a host and a port lead to, in the order in which to try them.
  static func all(
    host: String, port: UInt16, isPassive: Bool
  ) throws(ResolutionError) -> [ResolvedAddress] {
    var hints = addrinfo()
    hints.ai_socktype = csys_stream_type()
    hints.ai_flags = AI_NUMERICSERV | (isPassive ? AI_PASSIVE : 0)
    var first: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &first)
    guard failure == 0 else {
      let text = String(cString: gai_strerror(failure))
      throw ResolutionError(message: text.prefix(1).lowercased() + text.dropFirst())
    }
    defer { freeaddrinfo(first) }
    var addresses: [ResolvedAddress] = []
    var entry = first
    while let current = entry?.pointee {
      if let address = current.ai_addr, current.ai_addrlen <= MemoryLayout<sockaddr_storage>.size {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
          target.copyMemory(
            from: UnsafeRawBufferPointer(start: address, count: Int(current.ai_addrlen)))
        }
        addresses.append(
          ResolvedAddress(
            family: current.ai_family, storage: storage, length: current.ai_addrlen))
      }
      entry = current.ai_next
    }
    return addresses
  }

  /// Calls `body` with the address as a `sockaddr`.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
