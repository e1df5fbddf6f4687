internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// One connection through the proxy: two sockets, and what is between them.
final class ProxyConnection {
  /// How far it has come.
  enum Phase {
    /// The server has not answered yet.
    case connecting
    case open
    /// It is over; nothing may be done with it any more.
    case over
  }

  /// One direction: from a source, which is read, to a destination, which is written.
  struct Lane {
    /// What the destination has not taken yet.
    var pending = PendingBytes()
    /// The source has said that it sends no more.
    var isSourceEnded = false
    /// From when on the destination may be told so; nil until it is known.
    var endDue: Instant?
    /// The destination has been told.
    var isEndPassed = false
    /// The source is not read, because too much waits.
    var isHeldUp = false
    /// Bytes that were handed to the trace.
    var tracedOffset: UInt64 = 0
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var frames: UInt64 = 0
    var disturbed: UInt64 = 0
    /// When the destination is to be told, if nothing else has to go out before.
    var nextEnd: Instant? { isEndPassed || !pending.isEmpty ? nil : endDue }
    /// What was done to frames that may still go out, by their number.
    var acts: [(number: UInt64, acts: [TappedAct])] = []
  }

  /// Its place in the loop's table, and which connection of that place it is.
  let token: UInt64
  /// Its number, that of its stream in the trace; nil until it is open.
  var number = -1
  let client: StreamSocket
  let clientAddress: SocketAddress
  var server: StreamSocket
  /// Which of the server's addresses is tried.
  var addressIndex = 0
  var connectDeadline = Instant.distantFuture
  var phase = Phase.connecting
  var relay: FrameRelay
  let acceptedAt: Instant
  var clientToServer = Lane()
  var serverToClient = Lane()
  /// What the event set waits for on each socket; nil if it is not in there.
  var clientInterest: EventSet.Interest?
  var serverInterest: EventSet.Interest?
  /// The moment for which the loop has a reminder.
  var reminder = Instant.distantFuture
  /// One side has broken it, and the other is about to be told.
  var isFailing = false
  /// It was said that this is no chat.
  var isNamedUnknown = false

  init(
    token: UInt64, client: consuming StreamSocket, address: SocketAddress,
    server: consuming StreamSocket, relay: consuming FrameRelay, at now: Instant
  ) {
    self.token = token
    self.client = client
    clientAddress = address
    self.server = server
    self.relay = relay
    acceptedAt = now
  }

  subscript(direction: Direction) -> Lane {
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

  /// Reads from the sender of a direction.
  func read(_ direction: Direction, into buffer: inout [UInt8]) -> StreamSocket.Transfer {
    switch direction {
    case .clientToServer: client.read(into: &buffer)
    case .serverToClient: server.read(into: &buffer)
    }
  }

  /// Writes to the receiver of a direction.
  func write(
    _ bytes: borrowing [UInt8], _ range: Range<Int>, _ direction: Direction
  ) -> StreamSocket.Transfer {
    switch direction {
    case .clientToServer: server.write(bytes, range)
    case .serverToClient: client.write(bytes, range)
    }
  }

  /// Writes what waits for the receiver of a direction.
  func writePending(_ direction: Direction) -> StreamSocket.Transfer {
    switch direction {
    case .clientToServer: clientToServer.pending.write(to: server)
    case .serverToClient: serverToClient.pending.write(to: client)
    }
  }

  /// Tells the receiver of a direction that nothing more comes.
  func shutDownWriting(_ direction: Direction) {
    switch direction {
    case .clientToServer: server.shutDownWriting()
    case .serverToClient: client.shutDownWriting()
    }
  }

  /// When something is due without anybody sending anything.
  var deadline: Instant {
    if phase == .connecting { return connectDeadline }
    var deadline = relay.deadline
    if let due = clientToServer.nextEnd, due < deadline { deadline = due }
    if let due = serverToClient.nextEnd, due < deadline { deadline = due }
    return deadline
  }
}

extension ProxyConnection: TracedConnection {
  func countTraced(_ direction: Direction, _ byteCount: Int) -> UInt64 {
    let start = self[direction].tracedOffset
    self[direction].tracedOffset = start &+ UInt64(byteCount)
    return start
  }
}
