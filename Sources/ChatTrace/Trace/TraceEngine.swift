// From packets to records. The way of a packet: PacketDecoder finds its TCP segment, FlowTable the
// connection, TCPReassembler puts the bytes in order, FrameDecoder cuts them into frames, and
// NativeSession or ClassicSession says what they mean. Whole frames of segments in order go this
// way without a copy or an allocation; everything unusual takes the slower paths beside it.
//
// The parts: this file has the interface and the state; +Segments goes from packets to bytes in
// order, +Bytes from bytes to frames, +Records from frames to records, +Orientation holds back
// records while it is not known which side is the client. +Taps is the other way in, for sources in
// the middle of a connection: their bytes are in order, and each frame's fate is known.

import ChatWire

/// Turns packets into the records of a trace.
///
/// Hand in packets in the order of the capture, by `packet` or as blocks of a capture file by
/// `read`; call `advance` when time passes without packets; and `finish` once. Records go to the
/// sink as they are known. Memory grows with open streams only: what a closed stream leaves is its
/// line of the summary.
///
/// A source that sits in the middle of a connection hands in frames with their fates instead:
/// `openConnection`, `frame` and `closeConnection`.
public struct TraceEngine: ~Copyable {
  let options: TraceOptions
  let checksum: CRC32
  var fileReader = CaptureFileReader()
  /// What is known of the recording that is read, if it is one.
  var recording = RecordingReading()
  var packetDecoder = PacketDecoder()
  var flows = FlowTable()
  /// The slot of each stream by number, or what became of it.
  var slots: [Int32] = []
  var streams = Slab<StreamState>()
  /// Two for each slot: from the lower endpoint, from the upper.
  var sides = Slab<StreamSide>()
  var freeSlots: [Int32] = []

  /// Packets handed in, or runs of bytes of connections that are tapped.
  public internal(set) var packets: UInt64 = 0
  /// Frames numbered.
  public internal(set) var frames: UInt64 = 0
  var event = TraceEvent()
  /// The event has more than the plain fields set, which have to be cleared.
  var eventIsRich = true
  /// The time of the packet in hand.
  var time: TraceTime?
  /// The latest time seen.
  var latest: Int64 = .min
  var summary = TraceSummary()

  /// Records held back; see +Orientation.
  var queue: [QueuedRecord] = []
  var queueHead = 0
  /// How many records have gone through the queue before the first that is in it.
  var queueBase = 0
  /// Frames in the queue whose verdict waits.
  var deferredCount = 0
  /// Ports of endpoints that are known to be servers.
  var serverPorts: Set<UInt16> = [5000, 5001]
  /// Slots of streams that wait for something: holes, an ending.
  var waiting: [Int32] = []
  var nextWaitingCheck: Int64 = .min
  /// Streams that are over and still known to the flow table, oldest first.
  var closed: [ClosedStream] = []
  var closedHead = 0
  /// There are connections that are tapped.
  var hasTaps = false
  /// The fate of the frame in hand, if its connection is tapped.
  var fate = TappedFate.forwarded

  /// A stream that is over.
  struct ClosedStream {
    var number: Int
    var lower: Endpoint
    var upper: Endpoint
    /// The sequence numbers of the SYNs, so that copies of them do not open another stream.
    var lowerInitial: UInt32?
    var upperInitial: UInt32?
  }

  /// What became of a stream that has no slot.
  enum Gone {
    /// It is over.
    static let closed: Int32 = -1
    /// It is not chat.
    static let other: Int32 = -2
    /// There was none with this number yet: connections of a recording bring theirs along.
    static let unseen: Int32 = -3
  }

  /// How many closed streams the flow table still knows, so that late segments do not make new
  /// ones.
  static let closedMax = 4_096
  /// After a reset so many packets may still bring what was sent before it.
  static let packetsAfterReset: UInt64 = 32
  /// A SYN so many bytes before the first one known belongs to the stream; any other opens a new
  /// one.
  static let lateSynDistance: UInt32 = 1 << 16

  /// Makes an engine.
  public init(options: TraceOptions = TraceOptions()) {
    self.options = options
    checksum = options.checksum
  }

  /// Takes one packet, which lies at `record.offset` of `bytes`.
  @inline(__always)
  public mutating func packet(
    _ bytes: RawSpan, record: CaptureRecord, into sink: inout some TraceSink
  ) {
    if packets == 0 { sink.begin(at: record.time) }
    packets &+= 1
    time = record.time
    if let nanoseconds = record.time?.nanoseconds, nanoseconds > latest { latest = nanoseconds }
    if deferredCount > 0 { expireDeferred(into: &sink) }
    switch packetDecoder.decode(bytes, record: record) {
    case .segment(let segment):
      if segment.isReassembled {
        let reassembled = packetDecoder.reassembled
        unsafe self.segment(segment, in: reassembled.span.bytes, into: &sink)
      } else {
        self.segment(segment, in: bytes, into: &sink)
      }
    case .fragmentHeld, .other, .truncated, .malformed: break
    }
    if !waiting.isEmpty { checkWaiting(into: &sink) }
  }

  /// Lets time pass: holes that have waited too long become gaps, endings are said.
  public mutating func advance(to time: TraceTime, into sink: inout some TraceSink) {
    self.time = time
    latest = max(latest, time.nanoseconds)
    nextWaitingCheck = .min
    if deferredCount > 0 { expireDeferred(into: &sink) }
    if !waiting.isEmpty { checkWaiting(into: &sink) }
  }

  /// Ends the trace: what is left of every stream, then the summary.
  public mutating func finish(into sink: inout some TraceSink) {
    for number in slots.indices where slots[number] >= 0 {
      finishStream(slots[number], end: .captureEnds, into: &sink)
    }
    drainQueue(isAtEnd: true, into: &sink)
    for slot in slots where slot == Gone.other { summary.otherStreams += slot < 0 ? 1 : 0 }
    summary.packets = packets
    summary.streams.sort { $0.stream < $1.stream }
    sink.finish(summary)
  }
}
