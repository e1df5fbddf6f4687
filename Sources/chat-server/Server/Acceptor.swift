internal import ChatPosix
internal import ChatWire
internal import Logging

/// The thread that accepts connections.
///
/// A full table of open files does not stop it, and does not make it spin: a descriptor kept in
/// reserve lets it take the connection that waits and turn it away.
final class Acceptor: Sendable {
  private let listener: StreamListener
  private let server: ServerContext
  private let isStopping = Locked(false)
  private let wakeUp: WakeUp
  private let thread = Locked<Thread?>(nil)

  init(listener: consuming StreamListener, server: ServerContext) throws(SystemError) {
    self.listener = listener
    self.server = server
    wakeUp = try WakeUp()
  }

  var address: SocketAddress { listener.address() }

  func start() throws(SystemError) {
    let started = try Thread.start("accept") { self.run() }
    thread.withLock { $0 = started }
  }

  /// Accepts no more.
  func stop() {
    isStopping.withLock { $0 = true }
    wakeUp.signal()
    thread.withLock { $0.take() }?.join()
  }

  private func run() {
    var reserve = try? WakeUp()
    while !isStopping.withLock({ $0 }) {
      switch listener.accept() {
      case .connection(let socket, let peer): serve(socket, peer)
      case .nothing: wait(nanoseconds: nil)
      case .noDescriptors(let error):
        server.log.warning("accept.failed", metadata: ["reason": "\(error.message)"])
        reserve = nil
        // Taken and closed at once: the client learns that it has to come again later.
        if case .connection = listener.accept() {}
        reserve = try? WakeUp()
        if reserve == nil { wait(nanoseconds: 100_000_000) }
      case .failed(let error):
        server.log.error("accept.failed", metadata: ["reason": "\(error.message)"])
        wait(nanoseconds: 100_000_000)
      }
    }
    _ = reserve
  }

  private func wait(nanoseconds: Int64?) {
    var entries = [
      Poll.Entry(nanoseconds == nil ? listener.pollDescriptor : -1, .readable),
      Poll.Entry(wakeUp.pollDescriptor, .readable),
    ]
    Poll.wait(for: &entries, nanoseconds: nanoseconds)
  }

  private func serve(_ socket: consuming StreamSocket, _ peer: SocketAddress) {
    var socket: StreamSocket? = socket
    let connection = server.hub.open { number in
      guard let socket = socket.take() else { preconditionFailure("made twice") }
      return ClientConnection(number: number, peer: peer, socket: socket, server: server)
    }
    guard let connection else {
      server.log.warning(
        "client.refused",
        metadata: ["address": "\(peer)", "reason": "too many handshakes are not complete"])
      return
    }
    server.log.debug(
      "connection.accepted",
      metadata: ["connection": .stringConvertible(connection.number), "address": "\(peer)"])
    do throws(SystemError) {
      try connection.start()
    } catch {
      server.log.error(
        "client.refused", metadata: ["address": "\(peer)", "reason": "\(error.message)"])
      connection.abandon()
    }
  }
}
