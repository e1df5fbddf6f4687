import ChatWire

// What TCP would say on both legs of a proxied connection.

/// A proxied connection while it is being recorded.
struct RecordedConnection: Sendable {
  var clientLeg: RecordedLeg
  var serverLeg: RecordedLeg
  /// The ends, as the trace shows them.
  var client: String
  var server: String
  /// The file in which they were said last.
  var introducedInPart = 0

  subscript(leg: RecordedLeg.Side) -> RecordedLeg {
    _read {
      switch leg {
      case .client: yield clientLeg
      case .server: yield serverLeg
      }
    }
    _modify {
      switch leg {
      case .client: yield &clientLeg
      case .server: yield &serverLeg
      }
    }
  }

  /// Nothing more can come.
  var isOver: Bool {
    [clientLeg, serverLeg].allSatisfy { $0.clientToServer.isEnded && $0.serverToClient.isEnded }
  }
}

/// The TCP connection on one side of the proxy.
struct RecordedLeg: Sendable {
  /// Which side; the number is that of the interface.
  enum Side: UInt8, Sendable {
    case client, server

    /// Where what travels in a direction arrives at the proxy.
    init(before direction: Direction) {
      self = direction == .clientToServer ? .client : .server
    }

    /// Where it has left the proxy.
    init(behind direction: Direction) {
      self = direction == .clientToServer ? .server : .client
    }

    /// The side whose interface has a name; nil if neither has.
    init?(interfaceNamed name: RawSpan) {
      let side = [Self.client, .server].first { side in
        side.interfaceName.utf8.count == name.byteCount
          && side.interfaceName.utf8.enumerated().allSatisfy { name.uint8(at: $0) == $1 }
      }
      guard let side else { return nil }
      self = side
    }

    var interfaceName: String {
      switch self {
      case .client: "chat-inspect:client"
      case .server: "chat-inspect:server"
      }
    }

    var description: String {
      switch self {
      case .client: "between clients and the proxy"
      case .server: "between the proxy and the server"
      }
    }
  }

  /// What one end has sent.
  struct Flow: Sendable {
    /// The number of the next byte.
    var next: UInt32
    /// The other end has acknowledged everything before.
    var acknowledged: UInt32
    /// It has sent a FIN.
    var isEnded = false
  }

  /// The end towards the client, and the one towards the server.
  var near: Endpoint
  var far: Endpoint
  var clientToServer: Flow
  var serverToClient: Flow

  /// So much may stay unacknowledged when nothing is sent the other way.
  private static let unacknowledgedMax: UInt32 = 1 << 20

  /// A leg of a connection whose number gives it sequence numbers of its own.
  init(near: Endpoint, far: Endpoint, connection: Int, side: Side) {
    self.near = near
    self.far = far
    func flow(_ index: UInt64) -> Flow {
      // Spread like dice, so that a port that is used again begins elsewhere.
      var mixed = UInt64(bitPattern: Int64(connection)) << 2 | index
      mixed = (mixed &+ 1) &* 0x9E37_79B9_7F4A_7C15
      mixed = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
      let initial = UInt32(truncatingIfNeeded: mixed >> 32)
      return Flow(next: initial, acknowledged: initial)
    }
    clientToServer = flow(UInt64(side.rawValue) * 2)
    serverToClient = flow(UInt64(side.rawValue) * 2 + 1)
  }

  subscript(direction: Direction) -> Flow {
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

  /// The next segment of a direction, which carries so many bytes; it is sent with this.
  mutating func send(
    _ direction: Direction, flags: TCPFlags, byteCount: Int
  ) -> SynthesizedSegment {
    var segment = SynthesizedSegment(
      source: direction == .clientToServer ? near : far,
      destination: direction == .clientToServer ? far : near,
      sequenceNumber: self[direction].next, acknowledgementNumber: 0, flags: flags)
    if flags.contains(.ack) {
      segment.acknowledgementNumber = self[direction.opposite].next
      self[direction.opposite].acknowledged = self[direction.opposite].next
    }
    var count = UInt32(truncatingIfNeeded: byteCount)
    if flags.contains(.syn) { count &+= 1 }
    if flags.contains(.fin) {
      count &+= 1
      self[direction].isEnded = true
    }
    self[direction].next &+= count
    return segment
  }

  /// A segment that carries no bytes and acknowledges what there is.
  ///
  /// A second one of the same numbers would mean to TCP that something was lost. So where there is
  /// nothing new to acknowledge it has a number that has passed, and means nothing.
  mutating func sendBare(_ direction: Direction) -> SynthesizedSegment {
    let isNews = self[direction.opposite].acknowledged != self[direction.opposite].next
    var segment = send(direction, flags: .ack, byteCount: 0)
    if !isNews { segment.sequenceNumber &-= 2 }
    return segment
  }

  /// True if the other end should say that it has got what came in a direction.
  func isAcknowledgementDue(_ direction: Direction) -> Bool {
    let flow = self[direction]
    return flow.next &- flow.acknowledged >= Self.unacknowledgedMax
      && !self[direction.opposite].isEnded
  }
}
