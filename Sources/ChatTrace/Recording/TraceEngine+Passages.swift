import ChatWire

// What a recorded proxy has sent on: the packets of the other leg, for whoever wants them.

/// What has been sent on in one direction of a recorded connection.
struct PassedBytes: Sendable {
  /// The sequence number of the next byte on the leg of the receiver.
  var next: UInt32?
  /// Where the bytes with a number lie that have arrived; ascending.
  private var origins: [(number: UInt64, offset: UInt64)] = []
  /// The number of the bytes that were sent on last, and how many of them.
  private var number: UInt64?
  private var count: UInt64 = 0

  /// So many may be held by the proxy.
  private static let originCountMax = 65_536

  /// Bytes with a number have arrived that begin at an offset.
  mutating func arrived(_ number: UInt64, at offset: UInt64) {
    if origins.count >= Self.originCountMax { origins.removeFirst(Self.originCountMax / 2) }
    origins.append((number, offset))
  }

  /// Where the next bytes with a number come from; nil if that is not known.
  mutating func origin(of mark: RecordingMark, byteCount: Int) -> UInt64? {
    guard let wanted = mark.number else { return nil }
    if number != wanted || mark.part == 1 {
      number = wanted
      count = 0
    }
    defer { count += UInt64(byteCount) }
    var low = 0
    var high = origins.count
    while low < high {
      let middle = (low + high) / 2
      if origins[middle].number < wanted { low = middle + 1 } else { high = middle }
    }
    guard low < origins.count, origins[low].number == wanted else { return nil }
    return origins[low].offset + count
  }
}

/// One value for each direction.
struct BothWays<Value: Sendable>: Sendable {
  private var clientToServer: Value
  private var serverToClient: Value

  init(_ clientToServer: Value, _ serverToClient: Value) {
    self.clientToServer = clientToServer
    self.serverToClient = serverToClient
  }

  subscript(direction: Direction) -> Value {
    get { direction == .clientToServer ? clientToServer : serverToClient }
    _modify {
      switch direction {
      case .clientToServer: yield &clientToServer
      case .serverToClient: yield &serverToClient
      }
    }
  }
}

extension TraceEngine {
  /// Hands on what the proxy has sent on to the receiver of a direction.
  mutating func takePassage(
    _ mark: RecordingMark, _ segment: TCPSegment, _ payload: RawSpan, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    guard let direction = mark.direction,
      var passed = recording.connections[mark.connection]?.passed[direction],
      let stream = recording.connections[mark.connection]?.stream
    else { return }
    var passage = Passage(stream: stream, direction: direction, time: time, origin: nil)
    let distance = passed.next.map { Int(Int32(bitPattern: segment.sequenceNumber &- $0)) } ?? 0
    // A packet that is here twice.
    guard distance >= 0 else { return }
    passage.missingByteCount = UInt64(distance)
    passage.origin = passed.origin(of: mark, byteCount: payload.byteCount)
    passed.next = segment.sequenceNumber &+ UInt32(truncatingIfNeeded: payload.byteCount)
    recording.connections[mark.connection]?.passed[direction] = passed
    sink.passed(passage, bytes: payload)
  }
}
