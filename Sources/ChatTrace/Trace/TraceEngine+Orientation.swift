import ChatWire

// Which side is the client. A SYN says it at once; a stream whose SYN was not captured waits for a
// frame that only one side sends, and everything behind its frames waits with them, so that records
// keep their order.

/// A record that is held back.
struct QueuedRecord {
  enum Kind {
    case open
    case unit(DecodedUnit, payload: [UInt8])
    case gap(offset: UInt64, length: UInt64)
    case end(ConnectionEnd)
    /// Something that was done; the number of the frame, or 0.
    case fault(TappedAct, frame: UInt64)
    /// A frame with a bad checksum, until it is known whether its length can be trusted.
    case deferred
    /// What was deferred turned out to be no frame.
    case nothing
  }

  var kind: Kind
  var slot: Int32
  var side: Int
  var time: TraceTime?
}

/// What frame types tell about who sent them.
enum Evidence {
  /// True for types that only clients send, false for those that only servers send, nil for all
  /// others.
  static func isFromClient(_ typeCode: UInt8, _ dialect: Dialect) -> Bool? {
    switch dialect {
    case .native:
      switch FrameType(rawValue: typeCode) {
      case .syn, .handshakeAck, .nick, .who: true
      case .synAck, .roster, .notice: false
      default: nil
      }
    case .classic:
      switch ClassicType(rawValue: typeCode) {
      case .syn, .handshakeAck, .disconnect, .setNick, .listRequest, .channelConfig: true
      case .ack, .nack, .listResponse: false
      default: nil
      }
    }
  }
}

extension TraceEngine {
  /// Frames of one stream that wait for evidence (docs/TRACE.md).
  static let waitingFramesMax = 64
  /// Records that wait behind such frames.
  static let queueMax = 4_096

  /// It is known now which side is the client.
  @inline(never)
  mutating func orient(_ slot: Int32, clientIsLower: Bool, into sink: inout some TraceSink) {
    streams[Int(slot)].clientIsLower = clientIsLower
    let stream = streams[Int(slot)]
    serverPorts.insert(clientIsLower ? stream.upper.port : stream.lower.port)
    drainQueue(isAtEnd: false, into: &sink)
  }

  /// Takes the client from the ports: a known server's, else the lower one, is the server's.
  mutating func orientByPorts(_ slot: Int32, into sink: inout some TraceSink) {
    let stream = streams[Int(slot)]
    let lowerIsServer = serverPorts.contains(stream.lower.port)
    let upperIsServer = serverPorts.contains(stream.upper.port)
    let clientIsLower: Bool
    let reason: String
    if lowerIsServer != upperIsServer {
      clientIsLower = upperIsServer
      let port = upperIsServer ? stream.upper.port : stream.lower.port
      reason = "port \(port) is known as a server's"
    } else if stream.lower.port != stream.upper.port {
      clientIsLower = stream.lower.port > stream.upper.port
      let port = max(stream.lower.port, stream.upper.port)
      reason = "the higher port, \(port), is taken for the client's"
    } else {
      clientIsLower = stream.firstIsLower
      reason = "who was seen first is taken for the client"
    }
    streams[Int(slot)].clientIsLower = clientIsLower
    streams[Int(slot)].directionReason = reason
  }

  @inline(never)
  mutating func enqueue(
    _ unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    let copy = unsafe payload.withUnsafeBytes { unsafe Array($0) }
    output(.unit(unit, payload: copy), slot: slot, side: side, into: &sink)
    if streams[Int(slot)].clientIsLower == nil {
      streams[Int(slot)].waitingFrames += 1
      if streams[Int(slot)].waitingFrames >= Self.waitingFramesMax {
        orientByPorts(slot, into: &sink)
        drainQueue(isAtEnd: false, into: &sink)
      }
    }
  }

  /// Gives out a record, or holds it back behind others.
  mutating func output(
    _ kind: QueuedRecord.Kind, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    queue.append(QueuedRecord(kind: kind, slot: slot, side: side, time: time))
    drainQueue(isAtEnd: false, into: &sink)
    while queue.count - queueHead > Self.queueMax { forceHead(into: &sink) }
  }

  /// Gives out records up to the first whose stream's client is not known.
  mutating func drainQueue(isAtEnd: Bool, into sink: inout some TraceSink) {
    let now = time
    while queueHead < queue.count {
      let record = queue[queueHead]
      if streams[Int(record.slot)].clientIsLower == nil {
        guard isAtEnd else { break }
        orientByPorts(record.slot, into: &sink)
      }
      if case .deferred = record.kind { break }
      queueHead += 1
      time = record.time
      switch record.kind {
      case .deferred, .nothing: break
      case .open: openRecord(slot: record.slot, into: &sink)
      case .unit(let unit, let payload):
        var unit = unit
        unit.payloadOffset = 0
        unsafe unitRecord(
          unit, payload: payload.span.bytes, slot: record.slot, side: record.side, into: &sink)
      case .gap(let offset, let length):
        plainGap(offset, length, slot: record.slot, side: record.side, into: &sink)
      case .end(let end): endRecord(end, slot: record.slot, into: &sink)
      case .fault(let act, let frame):
        lateFaultRecord(act, frame: frame, slot: record.slot, side: record.side, into: &sink)
      }
    }
    if queueHead == queue.count {
      queue.removeAll(keepingCapacity: queueHead < 64)
      queueBase += queueHead
      queueHead = 0
    }
    time = now
  }
}

// MARK: frames whose verdict waits

extension TraceEngine {
  /// How long records wait for the bytes behind a frame with a bad checksum, in nanoseconds of the
  /// capture.
  static let deferralAge: Int64 = 1_000_000_000

  /// Keeps the place of a frame whose verdict the decoder has put off.
  @inline(never)
  mutating func deferVerdict(slot: Int32, side: Int, into sink: inout some TraceSink) {
    guard sides[side].deferredPlace == nil else { return }
    sides[side].deferredPlace = queueBase + queue.count
    deferredCount += 1
    output(.deferred, slot: slot, side: side, into: &sink)
  }

  /// The verdict has come: the frame takes its place, or nothing does.
  ///
  /// True if the unit was that frame.
  @inline(never)
  mutating func resolve(
    _ unit: DecodedUnit?, payload: RawSpan, side: Int, into sink: inout some TraceSink
  ) -> Bool {
    guard let place = sides[side].deferredPlace else { return false }
    sides[side].deferredPlace = nil
    deferredCount -= 1
    let index = place - queueBase
    var isFrame = false
    if let unit, unit.kind == .corrupt {
      let copy = unsafe payload.withUnsafeBytes { unsafe Array($0) }
      queue[index].kind = .unit(unit, payload: copy)
      isFrame = true
    } else {
      queue[index].kind = .nothing
    }
    drainQueue(isAtEnd: false, into: &sink)
    return isFrame
  }

  /// Ends the wait for verdicts that has lasted too long.
  ///
  /// Whenever somebody looks: what has waited behind the frame, in the decoder, gets the time at
  /// which the wait was over, so that a live trace and the reading of its recording agree.
  @inline(never)
  mutating func expireDeferred(into sink: inout some TraceSink) {
    let now = time
    defer { time = now }
    while queueHead < queue.count, case .deferred = queue[queueHead].kind {
      guard let since = queue[queueHead].time?.nanoseconds, latest != .min,
        TraceTime.elapsed(from: since, to: latest) >= Self.deferralAge
      else { return }
      time = TraceTime(nanoseconds: since + Self.deferralAge)
      settle(slot: queue[queueHead].slot, side: queue[queueHead].side, into: &sink)
    }
  }

  /// What stands first in the queue has waited long enough.
  mutating func forceHead(into sink: inout some TraceSink) {
    let record = queue[queueHead]
    if case .deferred = record.kind {
      settle(slot: record.slot, side: record.side, into: &sink)
    } else {
      orientByPorts(record.slot, into: &sink)
    }
    drainQueue(isAtEnd: false, into: &sink)
  }
}
