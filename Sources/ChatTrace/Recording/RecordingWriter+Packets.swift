import ChatWire

// From calls to blocks.

extension RecordingWriter {
  /// What is said to people about a packet.
  enum Notes {
    case known([String])
    /// It is not known yet what there is to say.
    case unknown

    static func text(_ notes: [String]) -> String { notes.joined(separator: "; ") }
  }

  /// Writes bytes, in as many packets as they need, and acknowledges what has become much.
  mutating func write(
    _ mark: RecordingMark, on side: RecordedLeg.Side, _ direction: Direction, _ flags: TCPFlags,
    _ payload: RawSpan, notes: Notes = .known([])
  ) {
    guard connections[mark.connection] != nil else { return }
    var mark = mark
    let count = payload.byteCount
    mark.parts = max(1, (count + SynthesizedSegment.payloadMax - 1) / SynthesizedSegment.payloadMax)
    var start = 0
    var notes = notes
    for part in 1...mark.parts {
      mark.part = part
      let end = min(count, start + SynthesizedSegment.payloadMax)
      writePacket(
        mark, on: side, direction, flags, payload.extracting(start..<end), notes: notes)
      // They are about the whole, and its first packet says them.
      notes = .known([])
      start = end
      if connections[mark.connection]?[side].isAcknowledgementDue(direction) == true {
        writeBare(RecordingMark(mark.connection), on: side, direction.opposite)
      }
    }
  }

  /// Writes a packet without bytes.
  mutating func write(
    _ mark: RecordingMark, on side: RecordedLeg.Side, _ direction: Direction, _ flags: TCPFlags
  ) {
    let nothing: [UInt8] = []
    unsafe writePacket(mark, on: side, direction, flags, nothing.span.bytes, notes: .known([]))
  }

  /// Writes a packet that is there for its comments only.
  mutating func writeBare(
    _ mark: RecordingMark, on side: RecordedLeg.Side, _ direction: Direction,
    notes: Notes = .known([])
  ) {
    guard let segment = connections[mark.connection]?[side].sendBare(direction) else { return }
    let nothing: [UInt8] = []
    unsafe write(segment, mark, on: side, direction, nothing.span.bytes, notes: notes)
  }

  private mutating func writePacket(
    _ mark: RecordingMark, on side: RecordedLeg.Side, _ direction: Direction, _ flags: TCPFlags,
    _ payload: RawSpan, notes: Notes
  ) {
    let isBare = payload.byteCount == 0 && flags == [.push, .ack]
    guard
      let segment = isBare
        ? connections[mark.connection]?[side].sendBare(direction)
        : connections[mark.connection]?[side].send(
          direction, flags: flags, byteCount: payload.byteCount)
    else { return }
    write(segment, mark, on: side, direction, payload, notes: notes)
  }

  /// Makes the block of a packet.
  private mutating func write(
    _ segment: SynthesizedSegment, _ mark: RecordingMark, on side: RecordedLeg.Side,
    _ direction: Direction, _ payload: RawSpan, notes: Notes
  ) {
    if fileStart == nil { fileStart = time }
    filePacketCounts[Int(side.rawValue)] &+= 1
    packetCount &+= 1
    block.beginBlock(PcapngCode.enhancedPacket)
    block.append(little: UInt32(side.rawValue))
    block.append(time: time)
    block.append(little: UInt64(0))
    segment.append(to: &block, payload: payload)
    let count = UInt32(truncatingIfNeeded: block.count - 28)
    block.store(little: count, at: 20)
    block.store(little: count, at: 24)
    block.pad()
    let commentStart = block.count
    if case .known(let notes) = notes { block.append(comment: Notes.text(notes)) }
    // As seen from the proxy: 1 is inbound, 2 outbound.
    let isInbound = side == RecordedLeg.Side(before: direction)
    (isInbound ? introduced(mark) : mark).append(to: &block)
    block.append(option: PcapngCode.packetFlags, number: UInt32(isInbound ? 1 : 2))
    if mark.number != nil, mark.event == nil {
      block.append(option: PcapngCode.packetIdentifier, number: mark.packetIdentifier)
    }
    block.endBlock()
    if case .unknown = notes, let direction = mark.direction {
      waiting.append(
        WaitingPackets.Packet(
          connection: mark.connection, direction: direction, since: time, block: block,
          commentStart: commentStart))
      waiting.trim(into: &output)
    } else {
      emit()
    }
  }

  /// Adds who the connection is between to the first mark in each file from which it is opened.
  private mutating func introduced(_ mark: RecordingMark) -> RecordingMark {
    let opens = mark.event == .open || mark.event == nil && mark.number != nil
    guard opens, let connection = connections[mark.connection], connection.introducedInPart != part
    else { return mark }
    connections[mark.connection]?.introducedInPart = part
    var mark = mark
    mark.client = connection.client
    mark.server = connection.server
    return mark
  }

  /// The block is ready: it follows what was made before.
  mutating func emit() {
    guard !waiting.isEmpty else {
      output += block
      return
    }
    waiting.append(following: block)
    waiting.trim(into: &output)
  }
}
