import ChatSimulation
import ChatTrace
import ChatWire

/// Makes the trace of simulated connections: of what arrives where faults act, or of what leaves
/// that place, as a capture behind it would have it.
final class SimulatedTap<Sink: TraceSink>: SimulationObserver {
  private var engine = TraceEngine()
  private(set) var sink: Sink
  private let isBehind: Bool
  private var streams: [Int: Int] = [:]

  init(into sink: Sink, behindFaults: Bool = false) {
    self.sink = sink
    isBehind = behindFaults
  }

  private func stream(_ connection: Int, at now: Instant) -> Int {
    if let stream = streams[connection] { return stream }
    let stream = engine.openConnection(
      client: "192.0.2.\(connection + 2):40000", server: "192.0.2.1:5000", at: TraceTime(now),
      into: &sink)
    streams[connection] = stream
    return stream
  }

  private func frame(
    _ frame: RawSpan, _ fate: TappedFate, _ direction: Direction, _ connection: Int, _ now: Instant
  ) {
    let stream = stream(connection, at: now)
    engine.frame(
      frame, stream: stream, direction: direction, at: TraceTime(now), fate: fate, into: &sink)
  }

  func arrived(
    _ bytes: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    guard !isBehind else { return }
    frame(bytes, TappedFate(fate.disposition, acts: fate.acts), direction, connection, now)
  }

  func forwarded(
    _ bytes: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    guard isBehind else { return }
    frame(bytes, .forwarded, direction, connection, now)
  }

  func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    engine.closeConnection(
      stream: stream(connection, at: now),
      .halfClose(side == .server ? .clientToServer : .serverToClient), at: TraceTime(now),
      into: &sink)
  }

  func reset(connection: Int, at now: Instant) {
    engine.closeConnection(
      stream: stream(connection, at: now), .reset, at: TraceTime(now), into: &sink)
  }

  func finish(at now: Instant) {
    engine.advance(to: TraceTime(now), into: &sink)
    engine.finish(into: &sink)
  }
}

extension TraceTime {
  fileprivate init(_ instant: Instant) { self.init(nanoseconds: instant.nanoseconds) }
}

extension SimulationPlan {
  /// Runs the plan into a sink.
  func traced<Sink: TraceSink>(
    into sink: Sink, behindFaults: Bool = false
  ) throws -> (sink: Sink, end: SimulationEnd) {
    var pair = try SimulatedPair(self)
    var tap = SimulatedTap(into: sink, behindFaults: behindFaults)
    let end = pair.run(stepCountMax: 2_000_000, &tap)
    tap.finish(at: pair.now)
    return (tap.sink, end)
  }

  /// What a side is asked to send, goodbye apart.
  func said(by side: Session.Role) -> [(type: FrameType, bytes: [UInt8])] {
    commands().compactMap { timed in
      if case .send(side, let type, let bytes) = timed.command { (type, bytes) } else { nil }
    }
  }
}

/// The story of a capture file.
func story(file: [UInt8]) throws -> Story {
  var collector = StoryCollector()
  _ = try readThrough(file, into: &collector)
  return collector.story
}

/// The story of packets.
func story(_ packets: [RawPacket]) -> Story {
  var engine = TraceEngine()
  var collector = StoryCollector()
  for packet in packets {
    let record = CaptureRecord(
      time: packet.nanoseconds.map(TraceTime.init), linkType: packet.linkType, offset: 0,
      capturedLength: packet.bytes.count,
      originalLength: packet.originalLength ?? packet.bytes.count)
    engine.packet(packet.bytes.span.bytes, record: record, into: &collector)
  }
  engine.finish(into: &collector)
  return collector.story
}

extension StorySession {
  /// The messages of a side.
  func messages(_ side: Session.Role) -> [StoryMessage] {
    side == .client ? fromClient : fromServer
  }
}
