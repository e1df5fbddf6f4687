internal import ChatPosix
internal import ChatProgram
internal import ChatWire
internal import Logging

/// A server from its start to its end.
enum Server {
  /// "Drain at most 5 s": so long goodbyes may take, and half a second more what is then cut off.
  private static let drainLimit = Duration.milliseconds(4_500)

  /// Serves until SIGINT or SIGTERM.
  static func run(_ settings: ServerSettings) throws(Failure) {
    Signals.ignoreFailedWrites()
    WakeablePoll.prepare()
    let openFileCountMax = ProcessLimits.raiseOpenFiles()
    let log = try ServerLog.start(settings.log)
    defer { log.finish(deadlineNanoseconds: Clock.monotonicNanoseconds() + 5_000_000_000) }
    var settings = settings
    // Some descriptors are for the log, the control socket and the like.
    settings.clientCountMax = min(settings.clientCountMax, max(1, openFileCountMax - 64))
    let server = ServerContext(settings: settings, log: log.logger)
    let acceptor = try listen(settings, server)
    let address = acceptor.address
    let control = try control(settings, address: address, server, log)
    defer { control?.stop() }
    let signals = try start(acceptor, server)
    log.logger.notice(
      "server.started",
      metadata: [
        "address": "\(address)", "process": .stringConvertible(ProcessLimits.processIdentifier),
        "version": "\(ChatServer.version)",
      ])
    try? writeAll("chat-server: listening on \(address)\n", to: 1)
    let signal = wait(for: signals)
    log.logger.notice("server.stopping", metadata: ["signal": "\(signal)"])
    acceptor.stop()
    shutDown(server)
    server.hub.herald.stop()
    log.logger.notice("server.stopped")
  }

  private static func listen(
    _ settings: ServerSettings, _ server: ServerContext
  ) throws(Failure) -> Acceptor {
    let place = SocketAddress(host: settings.host, port: settings.port)
    do throws(SocketError) {
      let listener = try StreamListener(host: settings.host, port: settings.port)
      do throws(SystemError) {
        return try Acceptor(listener: listener, server: server)
      } catch {
        throw .system(error)
      }
    } catch {
      throw Failure(
        "cannot listen on \(place): \(error.message); choose another --port or --host")
    }
  }

  private static func start(
    _ acceptor: Acceptor, _ server: ServerContext
  ) throws(Failure) -> SignalPipe {
    do throws(SystemError) {
      let signals = try SignalPipe()
      try server.hub.herald.start(server)
      try acceptor.start()
      return signals
    } catch {
      throw Failure("cannot start: \(error.message)")
    }
  }

  private static func wait(for signals: borrowing SignalPipe) -> TerminationSignal {
    while true {
      var entries = [Poll.Entry(signals.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: nil)
      if let signal = signals.take() { return signal }
    }
  }

  /// Says goodbye to everybody, and waits until they have gone.
  private static func shutDown(_ server: ServerContext) {
    let sentence = "The server is shutting down."
    ClientConnection.lookAfter(server.hub.shutDown(sentence), server)
    let deadline = server.now().advanced(by: drainLimit)
    guard !server.hub.waitUntilEmpty(deadline: deadline) else { return }
    ClientConnection.lookAfter(server.hub.cutOff(sentence), server)
    _ = server.hub.waitUntilEmpty(deadline: deadline.advanced(by: .milliseconds(500)))
  }

  /// What the server tells about itself.
  static func status(
    _ server: ServerContext, address: SocketAddress, _ log: ServerLog
  ) -> ServerStatus {
    let (connections, ended) = server.hub.snapshot()
    var totals = ended
    let clients = connections.compactMap { $0.status() }
    for connection in connections { connection.counts.add(to: &totals) }
    return ServerStatus(
      name: server.settings.name, version: ChatServer.version,
      processIdentifier: ProcessLimits.processIdentifier, address: address.description,
      uptimeSeconds: Double(server.startedAt.nanoseconds(to: server.now())) / 1e9,
      clients: clients, halfOpenCount: connections.count - clients.count, totals: totals,
      log: log.status())
  }

  /// Chat goes on without `chat-server status` unless somebody has said where its socket is to be.
  private static func control(
    _ settings: ServerSettings, address: SocketAddress, _ server: ServerContext, _ log: ServerLog
  ) throws(Failure) -> ControlServer? {
    do throws(SocketError) {
      let path =
        if let given = settings.controlPath { given } else {
          try StatusPlace.usualPath(port: address.port)
        }
      return try ControlServer(path: path) { status(server, address: address, log) }
    } catch {
      let sentence = "the control socket cannot be made: \(error.message)"
      guard settings.controlPath == nil else {
        throw Failure("\(sentence); choose another --control")
      }
      Diagnostics.say("\(sentence); 'chat-server status' will not work")
      return nil
    }
  }
}
