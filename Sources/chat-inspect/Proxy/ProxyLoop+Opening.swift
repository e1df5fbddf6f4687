internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// From a client that has come to a connection that is open on both sides.

extension ProxyLoop {
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
    while connection.addressIndex + 1 < settings.upstream.addressCount {
      connection.addressIndex += 1
      do throws(SystemError) {
        connection.server = try settings.upstream.beginConnecting(to: connection.addressIndex)
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
