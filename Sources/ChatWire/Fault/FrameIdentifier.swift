/// Tells which frame each frame of one connection is; see `FrameIdentity`.
///
/// It is shown every frame of both directions, in the order in which they come. It learns the
/// initial sequence numbers from the handshake; where it saw none, it counts from the first
/// sequenced frame. Memory is bounded (`FaultLimits`), and a frame with a wrong checksum changes
/// nothing of what is known of others.
public struct FrameIdentifier: Sendable {
  /// The number of the connection, part of every identity.
  public let connection: Int

  private var clientToServer = SequencedFlow()
  private var serverToClient = SequencedFlow()
  private var classic = ClassicNumbering()
  /// Control and classic frames, by direction.
  private var fromClient = OccurrenceCounts()
  private var fromServer = OccurrenceCounts()
  private var damagedFromClient = OccurrenceCounts()
  private var damagedFromServer = OccurrenceCounts()

  /// Makes an identifier for a connection with this number.
  public init(connection: Int) {
    self.connection = connection
  }

  /// Tells which frame this is.
  ///
  /// - Parameters:
  ///   - payload: What follows the header.
  ///   - isGood: Its checksum is right.
  public mutating func identify(
    _ header: FrameHeader, payload: RawSpan, dialect: Dialect, isGood: Bool, direction: Direction
  ) -> IdentifiedFrame {
    switch dialect {
    case .native where FrameType(rawValue: header.typeCode).isSequenced:
      sequenced(header, isGood: isGood, direction: direction)
    case .native: control(header, payload: payload, isGood: isGood, direction: direction)
    case .classic: classic(header, payload: payload, isGood: isGood, direction: direction)
    }
  }

  // MARK: native

  private mutating func sequenced(
    _ header: FrameHeader, isGood: Bool, direction: Direction
  ) -> IdentifiedFrame {
    guard isGood else {
      let numbers = flow(direction).damagedFrame(header)
      return damaged(
        .sequenced(numbers.sequence), direction, message: numbers.message,
        fragment: numbers.fragment)
    }
    let numbers =
      switch direction {
      case .clientToServer: clientToServer.frame(header)
      case .serverToClient: serverToClient.frame(header)
      }
    return IdentifiedFrame(
      identity: FrameIdentity(
        connection: connection, direction: direction, place: .sequenced(numbers.sequence),
        attempt: numbers.attempt),
      message: numbers.message, fragment: numbers.fragment)
  }

  private mutating func control(
    _ header: FrameHeader, payload: RawSpan, isGood: Bool, direction: Direction
  ) -> IdentifiedFrame {
    let type = FrameType(rawValue: header.typeCode)
    if isGood { learn(from: type, header.sequence, payload: payload, direction: direction) }
    let sequence: Int64?
    switch type {
    case .syn, .synAck: sequence = flow(direction).sequence(of: header.sequence)
    case .handshakeAck: sequence = flow(direction.opposite).sequence(of: header.sequence)
    case .ack, .nack:
      if isGood, let counted = acknowledgement(header, isNack: type == .nack, direction: direction)
      {
        return IdentifiedFrame(
          identity: FrameIdentity(
            connection: connection, direction: direction,
            place: .control(typeCode: header.typeCode, sequence: counted.sequence),
            attempt: counted.count))
      }
      sequence = flow(direction.opposite).sequence(of: header.sequence)
    default: sequence = nil
    }
    let place = FrameIdentity.Place.control(
      typeCode: header.typeCode, sequence: sequence ?? Int64(header.sequence))
    return isGood ? counted(place, direction) : damaged(place, direction)
  }

  private mutating func acknowledgement(
    _ header: FrameHeader, isNack: Bool, direction: Direction
  ) -> (sequence: Int64, count: UInt32)? {
    // It speaks of the data of the other direction.
    switch direction {
    case .clientToServer: serverToClient.acknowledgement(header.sequence, isNack: isNack)
    case .serverToClient: clientToServer.acknowledgement(header.sequence, isNack: isNack)
    }
  }

  /// Takes initial sequence numbers and the window from a frame of the handshake.
  private mutating func learn(
    from type: FrameType, _ sequence: UInt16, payload: RawSpan, direction: Direction
  ) {
    switch (type, direction) {
    case (.syn, .clientToServer):
      let options = HandshakeOptions.scan(payload, for: .syn).options
      clientToServer.learn(initialSequence: sequence)
      if let window = options.window { learn(window: window) }
    case (.synAck, .serverToClient):
      let options = HandshakeOptions.scan(payload, for: .synAck).options
      serverToClient.learn(initialSequence: sequence)
      if let acknowledged = options.acknowledges, clientToServer.origin == nil {
        clientToServer.learn(initialSequence: acknowledged)
      }
      if let window = options.window { learn(window: window) }
    case (.handshakeAck, .clientToServer): serverToClient.learn(initialSequence: sequence)
    default: break
    }
  }

  private mutating func learn(window: UInt16) {
    clientToServer.learn(window: window)
    serverToClient.learn(window: window)
  }

  private func flow(_ direction: Direction) -> SequencedFlow {
    switch direction {
    case .clientToServer: clientToServer
    case .serverToClient: serverToClient
    }
  }

  // MARK: classic

  private mutating func classic(
    _ header: FrameHeader, payload: RawSpan, isGood: Bool, direction: Direction
  ) -> IdentifiedFrame {
    let type = ClassicType(rawValue: header.typeCode)
    let fragment = UInt32(header.sequence) + 1
    let message: UInt32
    switch (type, direction) {
    case (.data, .clientToServer):
      message =
        isGood
        ? classic.fragment(header, payload: payload) : classic.damagedFragment(header) ?? 0
    case (.data, .serverToClient):
      message = isGood ? classic.broadcast() : classic.nextBroadcast
    case (.ack, .serverToClient):
      guard case .fragment(let sequence) = ClassicAcknowledgement(decoding: payload), isGood else {
        return counted(type, 0, 0, isGood: isGood, direction)
      }
      let message = classic.answer(to: sequence, isNack: false)
      return counted(type, message, fragment, isGood: true, direction)
    case (.nack, .serverToClient):
      guard isGood else { return counted(type, 0, fragment, isGood: false, direction) }
      let message = classic.answer(to: header.sequence, isNack: true)
      return counted(type, message, fragment, isGood: true, direction)
    default: return counted(type, 0, 0, isGood: isGood, direction)
    }
    var frame = counted(type, message, fragment, isGood: isGood, direction)
    if message > 0 {
      frame.message = message
      frame.fragment = fragment
    }
    return frame
  }

  private mutating func counted(
    _ type: ClassicType, _ message: UInt32, _ fragment: UInt32, isGood: Bool,
    _ direction: Direction
  ) -> IdentifiedFrame {
    let place = FrameIdentity.Place.classic(
      typeCode: type.rawValue, message: message, fragment: fragment)
    return isGood ? counted(place, direction) : damaged(place, direction)
  }

  // MARK: counting

  private mutating func counted(
    _ place: FrameIdentity.Place, _ direction: Direction
  ) -> IdentifiedFrame {
    let count =
      switch direction {
      case .clientToServer: fromClient.count(place)
      case .serverToClient: fromServer.count(place)
      }
    return IdentifiedFrame(
      identity: FrameIdentity(
        connection: connection, direction: direction, place: place, attempt: count))
  }

  private mutating func damaged(
    _ place: FrameIdentity.Place, _ direction: Direction, message: UInt32? = nil,
    fragment: UInt32? = nil
  ) -> IdentifiedFrame {
    let count =
      switch direction {
      case .clientToServer: damagedFromClient.count(place)
      case .serverToClient: damagedFromServer.count(place)
      }
    return IdentifiedFrame(
      identity: FrameIdentity(
        connection: connection, direction: direction, place: place, attempt: count,
        isDamaged: true),
      message: message, fragment: fragment)
  }
}
