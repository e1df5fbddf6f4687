internal import ChatWire

/// Those who get what is said in a room, in an array, because each broadcast goes through all.
///
/// Kept beside the `Room`, whose members come with names and more that nobody needs then.
struct Audience {
  private var connections: [ClientConnection] = []
  private var dialects: [Dialect] = []
  private var indexes: [UInt64: Int] = [:]

  var count: Int { connections.count }

  mutating func add(_ connection: ClientConnection, _ dialect: Dialect) {
    guard indexes[connection.number] == nil else { return }
    indexes[connection.number] = connections.count
    connections.append(connection)
    dialects.append(dialect)
  }

  mutating func remove(_ connection: ClientConnection) {
    guard let index = indexes.removeValue(forKey: connection.number) else { return }
    let last = connections.count - 1
    if index != last {
      connections.swapAt(index, last)
      dialects.swapAt(index, last)
      indexes[connections[index].number] = index
    }
    connections.removeLast()
    dialects.removeLast()
  }

  /// Calls a function with everybody who gets a message.
  func forEach(
    of recipients: RoomDelivery.Recipients, _ body: (ClientConnection, Dialect) -> Void
  ) {
    switch recipients {
    case .one(let id):
      if let index = indexes[id.rawValue] { body(connections[index], dialects[index]) }
    case .all:
      for index in connections.indices { body(connections[index], dialects[index]) }
    case .others(let id):
      let excepted = indexes[id.rawValue] ?? -1
      for index in connections.indices where index != excepted {
        body(connections[index], dialects[index])
      }
    }
  }
}

extension RoomMessage {
  /// Says who comes, goes or changes their name: news that is as good a moment later.
  var isAboutOthers: Bool {
    switch self {
    case .notice(.joined), .notice(.left), .notice(.renamed): true
    case .notice, .broadcast, .roster: false
    }
  }
}
