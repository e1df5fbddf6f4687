import ChatTrace
import ChatWire

/// What a proxy sees of connections, in the order of time.
struct Sight {
  enum Event {
    case open
    /// Bytes have come from the sender of a direction.
    case arrived(Direction, [UInt8], number: UInt64, TappedFate)
    /// Bytes have gone out to the receiver of a direction.
    case sent(Direction, [UInt8], number: UInt64)
    case ended(Direction)
    case passedEnd(Direction)
    case reset
  }

  struct Entry {
    var time: Int64
    var connection: Int
    var event: Event
  }

  var entries: [Entry] = []

  mutating func add(_ event: Event, at now: Instant, connection: Int = 0) {
    entries.append(Entry(time: now.nanoseconds, connection: connection, event: event))
  }

  /// Both together, by time; what happens at once stays in order.
  func merged(with other: Sight) -> Sight {
    let all = (entries + other.entries).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    return Sight(entries: all.map(\.element))
  }

  /// The recording of it.
  var recording: [UInt8] {
    var writer = RecordingWriter(program: "test", comment: "")
    writer.beginFile()
    var last = TraceTime(nanoseconds: 0)
    for entry in entries {
      last = TraceTime(nanoseconds: entry.time)
      Self.write(entry, at: last, to: &writer)
    }
    writer.endFile(at: last, droppedPackets: 0)
    return writer.takeOutput()
  }

  private static func write(
    _ entry: Entry, at time: TraceTime, to writer: inout RecordingWriter
  ) {
    let connection = entry.connection
    switch entry.event {
    case .open:
      let ends = ends(connection)
      writer.open(
        connection, ends, client: ends.client.description, server: ends.server.description,
        at: time)
    case .arrived(let direction, let bytes, let number, let fate):
      writer.arrived(
        bytes.span.bytes, connection: connection, direction: direction, number: number, at: time,
        fate: fate, notes: [])
    case .sent(let direction, let bytes, let number):
      writer.sent(
        bytes.span.bytes, connection: connection, direction: direction, number: number, at: time,
        acts: [])
    case .ended(let direction):
      writer.ended(connection, .halfClose(direction), at: time, acts: [])
    case .passedEnd(let direction): writer.passedEnd(connection, direction, at: time)
    case .reset: writer.ended(connection, .reset, at: time, acts: [])
    }
  }

  static func ends(_ connection: Int) -> RecordingWriter.Ends {
    func end(_ host: UInt32, _ port: Int) -> Endpoint {
      Endpoint(address: IPAddress(ipv4: 0x0A00_0000 | host), port: UInt16(port))
    }
    return RecordingWriter.Ends(
      client: end(1, 40_000 + connection), proxyForClient: end(2, 6_000),
      proxyForServer: end(2, 50_000 + connection), server: end(3, 5_000))
  }

  /// What a plain capture has where the proxy stands: what arrived.
  var plain: PlainCapture {
    var capture = PlainCapture()
    for entry in entries {
      switch entry.event {
      case .arrived(let direction, let bytes, _, _):
        capture.add(bytes, direction, at: entry.time, connection: entry.connection)
      case .ended(let direction):
        capture.end(direction, at: entry.time, connection: entry.connection)
      case .reset: capture.reset(at: entry.time, connection: entry.connection)
      case .open: capture.open(at: entry.time, connection: entry.connection)
      case .sent, .passedEnd: break
      }
    }
    return capture
  }
}
