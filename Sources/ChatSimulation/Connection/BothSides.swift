public import ChatWire

/// Something that the client and the server have one each of.
public struct BothSides<Value> {
  /// The client's.
  public var client: Value
  /// The server's.
  public var server: Value

  /// Makes a pair.
  public init(client: Value, server: Value) {
    self.client = client
    self.server = server
  }

  /// That of one side.
  public subscript(side: Session.Role) -> Value {
    _read {
      switch side {
      case .client: yield client
      case .server: yield server
      }
    }
    _modify {
      switch side {
      case .client: yield &client
      case .server: yield &server
      }
    }
  }
}

extension BothSides: Sendable where Value: Sendable {}
extension BothSides: Equatable where Value: Equatable {}
extension BothSides: Hashable where Value: Hashable {}

/// Something that both directions of a connection have one each of.
public struct BothDirections<Value> {
  /// From the client to the server.
  public var clientToServer: Value
  /// From the server to the client.
  public var serverToClient: Value

  /// Makes a pair.
  public init(clientToServer: Value, serverToClient: Value) {
    self.clientToServer = clientToServer
    self.serverToClient = serverToClient
  }

  /// The same for both.
  public init(both value: Value) {
    clientToServer = value
    serverToClient = value
  }

  /// That of one direction.
  public subscript(direction: Direction) -> Value {
    _read {
      switch direction {
      case .clientToServer: yield clientToServer
      case .serverToClient: yield serverToClient
      }
    }
    _modify {
      switch direction {
      case .clientToServer: yield &clientToServer
      case .serverToClient: yield &serverToClient
      }
    }
  }
}

extension BothDirections: Sendable where Value: Sendable {}
extension BothDirections: Equatable where Value: Equatable {}
extension BothDirections: Hashable where Value: Hashable {}

extension Session.Role {
  /// The two sides, the client first.
  public static var both: [Session.Role] { [.client, .server] }

  /// The other side.
  public var opposite: Session.Role {
    switch self {
    case .client: .server
    case .server: .client
    }
  }

  /// The direction in which this side sends.
  public var outgoing: Direction {
    switch self {
    case .client: .clientToServer
    case .server: .serverToClient
    }
  }

  /// `client` or `server`.
  public var name: String {
    switch self {
    case .client: "client"
    case .server: "server"
    }
  }
}

extension Direction {
  /// The side at which it arrives.
  public var receiver: Session.Role {
    switch self {
    case .clientToServer: .server
    case .serverToClient: .client
    }
  }

  /// The side from which it comes.
  public var sender: Session.Role { receiver.opposite }
}
