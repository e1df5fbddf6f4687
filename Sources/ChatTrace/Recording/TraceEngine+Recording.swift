import ChatWire

// From the packets of a recording back to the calls that the live engine got. A packet that arrived
// at the proxy is on the interface of its sender; those that went out are there for other tools.
// What comes back is the same calls in the same order at the same times, so the trace is the same.
//
// Recordings are cut, split, joined and edited. Bytes that are missing show in the sequence numbers
// and are gaps; connections whose beginning is missing open where they are first seen; without the
// comments only the side of the client is read, as any capture.

/// How far the reading of a recording has come.
struct RecordingReading: Sendable {
  /// A connection of it.
  struct Connection: Sendable {
    /// Its number in the trace.
    var stream: Int
    /// The sequence numbers of the bytes that arrive next.
    var expected = BothWays<UInt32?>(nil, nil)
    /// What has been sent on in each direction.
    var passed = BothWays<PassedBytes>(PassedBytes(), PassedBytes())
  }

  /// Bytes that arrived together and need more than one packet.
  struct Partial: Sendable {
    var mark: RecordingMark
    var bytes: [UInt8]
    var time: TraceTime
  }

  /// The section that is being read.
  var section = 0
  /// Which file of the recording it is.
  var part: UInt64 = 0
  /// Its packets have comments for programs, as far as the first one tells.
  var isMarked: Bool?
  /// The stream that is connection 0.
  var firstStream = 0
  var connections: [Int: Connection] = [:]
  var partial: Partial?

  /// Streams have the numbers of connections up to here: a number costs memory.
  static let streamCountMax = 1 << 22
  /// No frame is larger.
  static let partialByteCountMax = 32 << 20
}

extension TraceEngine {
  /// Takes one packet of a recording.
  @inline(never)
  mutating func recorded(
    _ bytes: RawSpan, record: CaptureRecord, into sink: inout some TraceSink
  ) {
    if recording.section != fileReader.recording.number { beginRecordedSection(into: &sink) }
    let comments = PcapngOptions.comments(
      in: bytes, fileReader.recording.packetOptions, fileReader.byteOrder)
    let mark = RecordingMark(comments: comments, in: bytes)
    let isMarked = recording.isMarked ?? (mark != nil)
    recording.isMarked = isMarked
    guard isMarked else {
      if record.interface == RecordedLeg.Side.client.rawValue {
        packet(bytes, record: record, into: &sink)
      }
      return
    }
    guard let mark, let time = record.time,
      let side = RecordedLeg.Side(rawValue: UInt8(truncatingIfNeeded: record.interface)),
      case .segment(let segment) = packetDecoder.decode(bytes, record: record),
      !segment.isReassembled
    else { return }
    let payload = bytes.extracting(
      segment.payloadOffset..<(segment.payloadOffset &+ segment.payloadLength))
    take(mark, segment, payload, on: side, at: time, into: &sink)
  }

  /// The file has come to its end: so much time had passed.
  mutating func endRecordedFile(into sink: inout some TraceSink) {
    guard let time = fileReader.recording.endTime else { return }
    fileReader.recording.endTime = nil
    if time.nanoseconds >= latest { advance(to: time, into: &sink) }
  }

  /// Another file of the same recording, or the first one of another.
  private mutating func beginRecordedSection(into sink: inout some TraceSink) {
    endRecordedFile(into: &sink)
    recording.section = fileReader.recording.number
    recording.isMarked = nil
    let part = fileReader.recording.part ?? 0
    if part <= recording.part || recording.part == 0 {
      takePartial(into: &sink)
      for number in recording.connections.values.map(\.stream).sorted() {
        if let slot = tappedSlot(number) { finishStream(slot, end: .captureEnds, into: &sink) }
      }
      recording.connections = [:]
      recording.firstStream = slots.count
      // Another recording has times of its own, perhaps earlier ones.
      latest = .min
      nextWaitingCheck = .min
    }
    recording.part = part
  }

  // MARK: one packet

  private mutating func take(
    _ mark: RecordingMark, _ segment: TCPSegment, _ payload: RawSpan, on side: RecordedLeg.Side,
    at time: TraceTime, into sink: inout some TraceSink
  ) {
    if mark.event == .open { openRecorded(mark, isFromBeginning: true, at: time, into: &sink) }
    let isArriving = mark.direction.map { RecordedLeg.Side(before: $0) == side } ?? false
    if isArriving, let direction = mark.direction, segment.flags.contains(.syn) {
      recording.connections[mark.connection]?.expected[direction] = segment.sequenceNumber &+ 1
    }
    if !isArriving, let direction = mark.direction, segment.flags.contains(.syn) {
      recording.connections[mark.connection]?.passed[direction].next = segment.sequenceNumber &+ 1
    }
    switch mark.event {
    case .open: break
    case nil:
      if isArriving, mark.number != nil {
        takeArrival(mark, segment, payload, at: time, into: &sink)
      } else if !isArriving, payload.byteCount > 0, mark.number != nil {
        takePassage(mark, segment, payload, at: time, into: &sink)
      }
    case .decision:
      takePartial(into: &sink)
      tellFaults(mark, frame: mark.frame, at: time, into: &sink)
    case .halfClose, .close, .reset: takeEnd(mark, segment, at: time, into: &sink)
    }
  }

  /// Opens a connection under its own number, or another if that is taken.
  private mutating func openRecorded(
    _ mark: RecordingMark, isFromBeginning: Bool, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    takePartial(into: &sink)
    if packets == 0, slots.isEmpty { sink.begin(at: time) }
    pass(to: time, into: &sink)
    if let old = recording.connections[mark.connection], let slot = tappedSlot(old.stream) {
      finishStream(slot, end: .captureEnds, into: &sink)
    }
    let (wanted, overflow) = recording.firstStream.addingReportingOverflow(mark.connection)
    let isFree =
      !overflow && wanted < RecordingReading.streamCountMax
      && (wanted >= slots.count || slots[wanted] == Gone.unseen)
    let number = isFree ? wanted : flows.streamCount
    flows.insertUnlisted(as: number)
    addTapped(
      number, TapState(client: mark.client, server: mark.server), isFromBeginning: isFromBeginning,
      at: time)
    recording.connections[mark.connection] = RecordingReading.Connection(stream: number)
  }

  /// Tells what was done that no bytes tell of.
  private mutating func tellFaults(
    _ mark: RecordingMark, frame: UInt64?, at time: TraceTime, into sink: inout some TraceSink
  ) {
    guard let connection = recording.connections[mark.connection] else { return }
    for act in mark.acts {
      fault(
        act, frame: frame, stream: connection.stream, direction: mark.direction ?? .clientToServer,
        at: time, into: &sink)
    }
  }

  private mutating func takeEnd(
    _ mark: RecordingMark, _ segment: TCPSegment, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    takePartial(into: &sink)
    guard let connection = recording.connections[mark.connection] else { return }
    let closing: TappedClosing
    switch (mark.event, mark.direction) {
    case (.halfClose, let direction?):
      closing = .halfClose(direction)
      if segment.flags.contains(.fin) {
        skip(to: segment.sequenceNumber, mark.connection, direction, at: time, into: &sink)
      }
    case (.close, _): closing = .close
    case (.reset, _): closing = .reset
    default: return
    }
    tellFaults(mark, frame: nil, at: time, into: &sink)
    closeConnection(stream: connection.stream, closing, at: time, into: &sink)
  }

  // MARK: bytes

  private mutating func takeArrival(
    _ mark: RecordingMark, _ segment: TCPSegment, _ payload: RawSpan, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    guard let direction = mark.direction else { return }
    if recording.connections[mark.connection] == nil {
      openRecorded(mark, isFromBeginning: false, at: time, into: &sink)
    }
    let isEmpty = payload.byteCount == 0
    var start = 0
    if !isEmpty {
      // A packet that is here twice, or half of one.
      let known = (recording.connections[mark.connection]?.expected[direction]).map {
        Int(Int32(bitPattern: $0 &- segment.sequenceNumber))
      }
      start = max(0, known ?? 0)
      guard start < payload.byteCount else { return }
      skip(to: segment.sequenceNumber, mark.connection, direction, at: time, into: &sink)
      recording.connections[mark.connection]?.expected[direction] =
        segment.sequenceNumber &+ UInt32(truncatingIfNeeded: payload.byteCount)
    }
    let rest = payload.extracting(droppingFirst: start)
    if let partial = recording.partial, !partial.mark.isContinued(by: mark) {
      takePartial(into: &sink)
    }
    guard mark.parts > 1 else {
      hand(rest, mark, at: time, into: &sink)
      return
    }
    if recording.partial == nil {
      recording.partial = RecordingReading.Partial(mark: mark, bytes: [], time: time)
    }
    unsafe rest.withUnsafeBytes { unsafe recording.partial?.bytes.append(contentsOf: $0) }
    recording.partial?.mark.part = mark.part
    let count = recording.partial?.bytes.count ?? 0
    if mark.part == mark.parts || count > RecordingReading.partialByteCountMax {
      takePartial(into: &sink)
    }
  }

  /// Hands on what has come of bytes in several packets.
  private mutating func takePartial(into sink: inout some TraceSink) {
    guard let partial = recording.partial else { return }
    recording.partial = nil
    unsafe hand(partial.bytes.span.bytes, partial.mark, at: partial.time, into: &sink)
  }

  private mutating func hand(
    _ bytes: RawSpan, _ mark: RecordingMark, at time: TraceTime, into sink: inout some TraceSink
  ) {
    guard let direction = mark.direction,
      let connection = recording.connections[mark.connection]
    else { return }
    if let number = mark.number, let slot = tappedSlot(connection.stream) {
      let side = sideIndex(slot, fromLower: direction == .clientToServer)
      let offset = sides[side].reassembler.nextOffset
      recording.connections[mark.connection]?.passed[direction].arrived(number, at: offset)
    }
    frame(
      bytes, stream: connection.stream, direction: direction, at: time,
      fate: TappedFate(mark.disposition ?? .forwarded, acts: mark.acts), into: &sink)
  }

  /// Bytes before a sequence number are missing, if it is ahead.
  private mutating func skip(
    to sequenceNumber: UInt32, _ number: Int, _ direction: Direction, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    guard let expected = recording.connections[number]?.expected[direction],
      let stream = recording.connections[number]?.stream
    else { return }
    let missing = sequenceNumber &- expected
    guard Int32(bitPattern: missing) > 0 else { return }
    takePartial(into: &sink)
    pass(to: time, into: &sink)
    guard let slot = tappedSlot(stream) else { return }
    let side = sideIndex(slot, fromLower: direction == .clientToServer)
    let offset = sides[side].reassembler.receiveInOrder(
      sequenceNumber: UInt32(truncatingIfNeeded: sides[side].reassembler.nextOffset),
      count: Int(missing))
    guard let offset else { return }
    gap(offset: offset, length: UInt64(missing), slot: slot, side: side, into: &sink)
  }
}

extension RecordingMark {
  /// True if another packet has the next bytes of the same.
  fileprivate func isContinued(by next: RecordingMark) -> Bool {
    connection == next.connection && direction == next.direction && number == next.number
      && next.part == part + 1 && next.parts == parts
  }
}
