import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

// What the tests of the whole reading path share: a sink that keeps everything, and captures as
// lists of packets that can be shuffled, dropped and cut.

/// A record of a trace with its payload.
struct TracedRecord {
  var event: TraceEvent
  var payload: [UInt8]

  func has(_ note: NoteID) -> Bool { event.notes.contains { $0.id == note } }
  func note(_ id: NoteID) -> Note? { event.notes.first { $0.id == id } }
  func causes(_ id: NoteID) -> [UInt64] {
    note(id).map { note in (0..<note.causes.count).map { note.causes[$0] } } ?? []
  }
}

/// Keeps everything.
struct CollectingSink: TraceSink {
  var records: [TracedRecord] = []
  var summary = TraceSummary()

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    records.append(
      TracedRecord(event: event, payload: payload.withUnsafeBytes { Array($0) }))
  }

  mutating func finish(_ summary: TraceSummary) { self.summary = summary }
}

/// What must not depend on segmentation.
struct FrameFact: Hashable, CustomStringConvertible {
  var dialect: Dialect
  var offset: UInt64
  var typeCode: UInt8
  var sequence: UInt16
  var length: UInt64
  var flags: UInt8
  var checksum: TraceEvent.ChecksumVerdict
  var payload: [UInt8]
  var message: UInt64?
  var fragment: UInt64?

  init(_ record: TracedRecord) {
    dialect = record.event.dialect
    offset = record.event.offset
    typeCode = record.event.typeCode
    sequence = record.event.sequence
    length = record.event.length
    flags = record.event.flags
    checksum = record.event.checksum
    payload = record.payload
    message = record.event.message
    fragment = record.event.fragment
  }

  /// The fact without what the other direction decides.
  ///
  /// Whether a classic fragment is a copy or begins a message is known from the answer before it,
  /// and a disordered capture may have that answer behind it.
  var comparable: FrameFact {
    var fact = self
    if dialect == .classic { fact.message = nil }
    return fact
  }

  var description: String {
    "type \(typeCode) seq \(sequence) at \(offset)+\(length) \(checksum) "
      + "message \(message ?? 0) fragment \(fragment ?? 0)"
  }
}

/// A finished trace.
struct Trace {
  var records: [TracedRecord]
  var summary: TraceSummary

  var frames: [TracedRecord] { records.filter { $0.event.kind == .frame } }
  var chatStreams: [Int] { summary.streams.map(\.stream) }
  var texts: [String] { frames.compactMap(\.event.text) }
  var end: SessionEnd? { records.last { $0.event.kind == .session }?.event.end }

  func frames(_ stream: Int, _ direction: Direction) -> [TracedRecord] {
    frames.filter { $0.event.stream == stream && $0.event.direction == direction }
  }

  func facts(_ stream: Int, _ direction: Direction) -> [FrameFact] {
    frames(stream, direction).map(FrameFact.init)
  }

  func gaps(_ stream: Int, _ direction: Direction) -> [Range<UInt64>] {
    records.filter {
      $0.event.kind == .gap && $0.event.stream == stream && $0.event.direction == direction
    }.map { $0.event.offset..<$0.event.offset + $0.event.length }
  }

  func ledger(_ stream: Int, _ direction: Direction) -> TraceSummary.Ledger? {
    summary.streams.first { $0.stream == stream }.map {
      direction == .clientToServer ? $0.clientToServer : $0.serverToClient
    }
  }

  /// Problems with what must hold for any input: sums, order, bytes accounted for once.
  var inconsistencies: [String] {
    var problems: [String] = []
    let numbers = frames.map(\.event.frame)
    if numbers != Array(1..<UInt64(numbers.count + 1)) { problems.append("frame numbers") }
    if chatStreams != chatStreams.sorted() { problems.append("order of the summary") }
    for stream in chatStreams {
      for direction in [Direction.clientToServer, .serverToClient] {
        guard let ledger = ledger(stream, direction) else { continue }
        let parts =
          ledger.frameBytes + ledger.gapBytes + ledger.junkBytes + ledger.undecidedBytes
        if ledger.bytes != parts { problems.append("\(stream) \(direction.name): sum") }
        let gaps = gaps(stream, direction)
        if gaps.reduce(0, { $0 + UInt64($1.count) }) != ledger.gapBytes {
          problems.append("\(stream) \(direction.name): gaps \(gaps), ledger \(ledger.gapBytes)")
        }
        let junk = records.filter {
          $0.event.kind == .junk && $0.event.stream == stream
            && $0.event.direction == direction
        }.reduce(0) { $0 + $1.event.length }
        // A run of junk that a gap divides is counted once as junk and once as gap.
        if junk != ledger.junkBytes {
          problems.append("\(stream) \(direction.name): junk \(junk), ledger \(ledger.junkBytes)")
        }
        var end: UInt64 = 0
        for fact in facts(stream, direction) {
          if fact.offset < end {
            problems.append("\(stream) \(direction.name): overlap at \(fact)")
          }
          end = fact.offset + UInt64(fact.payload.count) + 11
        }
      }
    }
    return problems
  }
}

/// A captured packet on its own.
struct RawPacket {
  var bytes: [UInt8]
  var linkType = LinkType.rawIP
  var nanoseconds: Int64?
  var originalLength: Int?
}

/// Runs packets through an engine.
func trace(_ packets: [RawPacket], options: TraceOptions = TraceOptions()) -> Trace {
  var engine = TraceEngine(options: options)
  var sink = CollectingSink()
  for packet in packets {
    let record = CaptureRecord(
      time: packet.nanoseconds.map(TraceTime.init), linkType: packet.linkType, offset: 0,
      capturedLength: packet.bytes.count,
      originalLength: packet.originalLength ?? packet.bytes.count)
    engine.packet(packet.bytes.span.bytes, record: record, into: &sink)
  }
  engine.finish(into: &sink)
  return Trace(records: sink.records, summary: sink.summary)
}

/// Reads a capture file through an engine, in blocks as a program does.
func readThrough(
  _ file: [UInt8], inBlocksOf blockSize: Int = 1 << 16, into sink: inout some TraceSink,
  options: TraceOptions = TraceOptions()
) throws -> String? {
  var engine = TraceEngine(options: options)
  var buffer: [UInt8] = []
  var fileOffset = 0
  var wanted = 1
  while true {
    repeat {
      let end = min(file.count, fileOffset + blockSize)
      buffer += file[fileOffset..<end]
      fileOffset = end
    } while buffer.count < wanted && fileOffset < file.count
    let progress = try engine.read(
      block: buffer.span.bytes, isLastBlock: fileOffset == file.count, into: &sink)
    buffer.removeFirst(progress.consumed)
    wanted = max(progress.minimumBytes, 1)
    if progress.isEnd {
      engine.finish(into: &sink)
      return progress.warning
    }
  }
}

/// Reads a whole capture file.
func trace(file: [UInt8], inBlocksOf blockSize: Int = 1 << 16) throws -> Trace {
  var sink = CollectingSink()
  _ = try readThrough(file, inBlocksOf: blockSize, into: &sink)
  return Trace(records: sink.records, summary: sink.summary)
}

/// The packets of a capture of the repository.
func packets(of name: String) throws -> [RawPacket] {
  readCapture(try CaptureFixture.bytes(name)).packets.map {
    RawPacket(
      bytes: $0.bytes, linkType: $0.linkType, nanoseconds: $0.nanoseconds,
      originalLength: $0.originalLength)
  }
}

extension CaptureFixture {
  /// Captures without disorder and holes.
  static let clean = [
    "a_handshake_one_message.pcap", "c_sr_and_gbn.pcap", "d_corruption.pcap", "f_delay.pcap",
    "h_clean_disconnect.pcap", "k_mtu1500_split_frames.pcap", "l_pcapng_dumpcap.pcapng",
    "native_gbn_clean.pcap", "native_sr_faults.pcap", "native_mixed_reorder.pcap",
    "b_three_clients.pcap", "i_big_512.pcap",
  ]
  static let small = Array(clean.prefix(8))

  /// Every capture that has a truth.
  static var withTruth: [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "captures")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.filter { $0.hasSuffix(".truth.json") }.sorted()
  }
}
