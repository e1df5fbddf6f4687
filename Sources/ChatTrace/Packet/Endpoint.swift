/// One end of a TCP connection.
public struct Endpoint: Hashable, Sendable {
  /// The host.
  public var address: IPAddress
  /// The TCP port.
  public var port: UInt16

  /// Makes an endpoint.
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}
