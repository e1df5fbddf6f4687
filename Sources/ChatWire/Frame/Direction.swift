/// Which way bytes travel.
public enum Direction: UInt8, Sendable, Hashable {
  case clientToServer, serverToClient

  /// The other way.
  public var opposite: Direction {
    switch self {
    case .clientToServer: .serverToClient
    case .serverToClient: .clientToServer
    }
  }

  /// `c2s` or `s2c`.
  public var name: String {
    switch self {
    case .clientToServer: "c2s"
    case .serverToClient: "s2c"
    }
  }
}
