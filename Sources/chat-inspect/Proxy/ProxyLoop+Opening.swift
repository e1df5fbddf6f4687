internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// From a client that has come to a connection that is open on both sides.

/// Whether clients are let in.
struct Admission: ~Copyable {
  /// A client for whose other side there was no descriptor.
  struct Waiting: ~Copyable {
    let socket: StreamSocket
    let address: SocketAddress
  }

  /// The listener is watched.
  var isOpen = true
  var waiting: Waiting?
  /// When to try again, if it is not open.
  var nextAttempt = Instant.distantFuture
  var hasSaidWhy = false
  /// How long to wait at most where there are no descriptors: others may give some back.
  static let pause = Duration.seconds(1)
}

extension ProxyLoop {
  /// Lets in who has come.
  func accept() {
    for _ in 0..<64 where admission.isOpen {
      guard counts.open + counts.connecting < settings.connectionsMax else {
        stopAccepting()
        return
      }
      switch listener.accept() {
      case .connection(let client, let address):
        counts.accepted += 1
        begin(client, address)
      case .nothing: return
      case .noDescriptors(let error): waitForDescriptors(error)
      case .failed(let error):
        messages.say("a connection could not be accepted: \(error.message)")
        return
      }
    }
  }

  /// Until a connection has ended.
  private func stopAccepting() {
    guard admission.isOpen else { return }
    admission.isOpen = false
    events.remove(listener.pollDescriptor)
  }

  private func waitForDescriptors(_ error: SystemError) {
    stopAccepting()
    admission.nextAttempt = clock.now.advanced(by: Admission.pause)
    guard !admission.hasSaidWhy else { return }
    admission.hasSaidWhy = true
    messages.say(
      "no more connections can be made for now (\(error.message)): raise the limit of open "
        + "files (ulimit -n)")
  }

  /// There may be room again.
  func resumeAccepting() {
    admission.nextAttempt = .distantFuture
    if let waiting = admission.waiting.take() {
      begin(waiting.socket, waiting.address)
      guard admission.waiting == nil else { return }
    }
    guard !admission.isOpen else { return }
    do throws(SystemError) {
      try events.add(listener.pollDescriptor, .readable, token: Token.listener)
      admission.isOpen = true
    } catch {
      waitForDescriptors(error)
    }
  }

  /// Looks for the server for a client.
  private func begin(_ client: consuming StreamSocket, _ address: SocketAddress) {
    let attempt: Attempt
    do throws(SystemError) {
      attempt = try connectUpstream(from: 0)
    } catch {
      if error.meansNoDescriptors {
        admission.waiting = Admission.Waiting(socket: client, address: address)
        waitForDescriptors(error)
      } else {
        client.resetOnClose()
        refuse(address, error.message)
      }
      return
    }
    generation &+= 1
    let place = freePlaces.popLast() ?? table.count
    if place == table.count { table.append(nil) }
    // Which side it is stands in the lowest bit.
    let token = (generation & 0x7FFF_FFFF) << 32 | UInt64(place) << 1
    let connection = ProxyConnection(
      token: token, client: client, address: address, server: attempt.socket,
      relay: FrameRelay(
        rules: FaultRules(), seed: 0, connection: 0, checksum: .forProgram, at: clock.now),
      at: clock.now)
    connection.addressIndex = attempt.addressIndex
    table[place] = connection
    counts.connecting += 1
    if connection.server.isConnected() {
      open(connection)
    } else {
      connection.connectDeadline = clock.now.advanced(by: .seconds(10))
      update(connection)
    }
  }

  /// A connection that has begun to be made, and to which address of the server.
  private struct Attempt: ~Copyable {
    let socket: StreamSocket
    let addressIndex: Int
  }

  /// Begins to connect to the first of the server's addresses, from one on, that does not refuse at
  /// once.
  private func connectUpstream(from first: Int) throws(SystemError) -> Attempt {
    var index = first
    while true {
      do throws(SystemError) {
        return Attempt(
          socket: try settings.upstream.beginConnecting(to: index), addressIndex: index)
      } catch {
        index += 1
        if error.meansNoDescriptors || index == settings.upstream.addressCount { throw error }
      }
    }
  }

  /// There is no server for a client.
  private func refuse(_ address: SocketAddress, _ reason: String) {
    counts.refused += 1
    messages.say(
      "\(address): no connection to the upstream \(settings.upstreamText): \(reason)")
  }

  /// The server has answered, or cannot be reached.
  func finishConnecting(_ connection: ProxyConnection) {
    guard connection.phase == .connecting else { return }
    if let error = connection.server.connectionError() {
      tryNextAddress(connection, error.message)
    } else if connection.server.isConnected() {
      open(connection)
      update(connection)
    }
  }

  /// The server has other addresses perhaps; if not, the client is sent away.
  func tryNextAddress(_ connection: ProxyConnection, _ reason: String) {
    events.remove(connection.server.rawValue)
    connection.serverInterest = nil
    var reason = reason
    if connection.addressIndex + 1 < settings.upstream.addressCount {
      do throws(SystemError) {
        let attempt = try connectUpstream(from: connection.addressIndex + 1)
        connection.addressIndex = attempt.addressIndex
        connection.server = attempt.socket
        connection.connectDeadline = clock.now.advanced(by: .seconds(10))
        update(connection)
        return
      } catch {
        reason = error.message
      }
    }
    refuse(connection.clientAddress, reason)
    // As if nobody listened here either.
    forget(connection, isReset: true)
  }

  func open(_ connection: ProxyConnection) {
    connection.phase = .open
    connection.connectDeadline = .distantFuture
    counts.connecting -= 1
    counts.open += 1
    connection.number = trace.open(ends(of: connection), at: clock.time)
    if let ledger = settings.ledger {
      connection.relay = FrameRelay(
        replaying: ledger, connection: connection.number, checksum: .forProgram, at: clock.now)
    } else {
      connection.relay = FrameRelay(
        rules: rules, seed: settings.seed, connection: connection.number, checksum: .forProgram,
        at: clock.now)
    }
    connection.relay.isIntercepting = interception.isOn
    update(connection)
  }

  private func ends(of connection: ProxyConnection) -> RecordingWriter.Ends {
    let server = settings.upstream.address(connection.addressIndex)
    return RecordingWriter.Ends(
      client: Endpoint(connection.clientAddress),
      proxyForClient: Endpoint(connection.client.localAddress()),
      proxyForServer: Endpoint(connection.server.localAddress()), server: Endpoint(server))
  }
}

extension Endpoint {
  /// The end that a socket address names.
  init(_ address: SocketAddress) {
    let bytes = address.addressBytes
    func number(_ range: Range<Int>) -> UInt64 {
      bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
    switch bytes.count {
    case 16:
      self.init(
        address: IPAddress(ipv6High: number(0..<8), low: number(8..<16)), port: address.port)
    case 4:
      self.init(
        address: IPAddress(ipv4: UInt32(truncatingIfNeeded: number(0..<4))), port: address.port)
    default: self.init(address: IPAddress(ipv4: 0), port: address.port)
    }
  }
}
