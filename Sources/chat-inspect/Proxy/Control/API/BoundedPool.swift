internal import ChatPosix
internal import FlyingSocks

/// Waits for sockets as FlyingFox does by itself, but not for ever and not for any number of them:
/// connections that say nothing, or take nothing, are ended.
struct BoundedPool<Base: AsyncSocketPool>: AsyncSocketPool {
  private let base: Base
  private let waitingCount = Locked(0)

  /// Connections that may wait at a time.
  private static var waitingMax: Int { 64 }
  private static var patience: Duration { .seconds(15) }

  init(_ base: Base) {
    self.base = base
  }

  func prepare() async throws { try await base.prepare() }

  func run() async throws { try await base.run() }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    // The socket at which connections arrive has no peer: it waits for ever.
    guard (try? socket.remotePeer()) != nil else {
      return try await base.suspendSocket(socket, untilReadyFor: events)
    }
    let count = waitingCount.withLock { count in
      count += 1
      return count
    }
    defer { waitingCount.withLock { $0 -= 1 } }
    guard count <= Self.waitingMax else { throw SocketError.disconnected }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await base.suspendSocket(socket, untilReadyFor: events) }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        throw SocketError.disconnected
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
