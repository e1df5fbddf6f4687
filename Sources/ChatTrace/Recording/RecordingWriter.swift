// How a recording is made: for everything that happens a packet that could have carried it, with
// comments, in the order of the calls. The parts: this file has the calls; +Packets makes blocks of
// them; WaitingPackets keeps back those whose notes are not known yet, and all behind them.

public import ChatWire

/// Writes what a proxy sees as pcapng (docs/RECORDING.md).
///
/// Times must not go back: a packet has the time of its call, and reading gives the live trace only
/// if the calls, their order and their times were those that the `TraceEngine` got.
public struct RecordingWriter: Sendable {
  /// The four ends of a proxied connection.
  public struct Ends: Sendable, Hashable {
    /// The client, and where it has connected to.
    public var client, proxyForClient: Endpoint
    /// Where the proxy has connected from, and the server.
    public var proxyForServer, server: Endpoint

    /// Names the four ends.
    public init(
      client: Endpoint, proxyForClient: Endpoint, proxyForServer: Endpoint, server: Endpoint
    ) {
      self.client = client
      self.proxyForClient = proxyForClient
      self.proxyForServer = proxyForServer
      self.server = server
    }
  }

  /// What has been made and was not taken: whole blocks.
  public internal(set) var output: [UInt8] = []
  /// Packets that are in the output, or were.
  public internal(set) var packetCount: UInt64 = 0
  /// The time of the latest call.
  public internal(set) var time = TraceTime(nanoseconds: 0)

  let program: String
  let comment: String
  /// The number of the file, from 1.
  var part = 0
  var connections: [Int: RecordedConnection] = [:]
  var waiting = WaitingPackets()
  /// The block that is being made.
  var block: [UInt8] = []
  /// When the file began, and its packets by interface.
  var fileStart: TraceTime?
  var filePacketCounts: [UInt64] = [0, 0]

  /// Makes a writer that has written nothing.
  ///
  /// - Parameters:
  ///   - program: What wrote it, such as `chat-inspect 1.0`.
  ///   - comment: Said of the whole file: seed and rules.
  public init(program: String, comment: String) {
    self.program = program
    self.comment = comment
  }

  /// Hands over what has been made, whole blocks only.
  public mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// Forgets what has been made, after somebody has copied it; the memory is used again.
  public mutating func removeOutput() {
    output.removeAll(keepingCapacity: output.capacity <= 1 << 20)
  }

  /// Something is held back until it is explained.
  public var isWaiting: Bool { !waiting.isEmpty }

  // MARK: files

  /// Begins a file, the first or the next: the section header and both interfaces.
  ///
  /// Connections that are open go on in it.
  public mutating func beginFile() {
    part += 1
    fileStart = nil
    filePacketCounts = [0, 0]
    block.beginBlock(PcapngCode.sectionHeader)
    block.append(little: UInt32(0x1A2B_3C4D))
    block.append(little: UInt16(1))
    block.append(little: UInt16(0))
    block.append(little: Int64(-1))
    block.append(comment: comment)
    let mark = block.beginOption(PcapngCode.comment)
    block.append(RecordingMark.prefix)
    block.append("{\"part\":")
    block.append(decimal: UInt64(part))
    block.append("}")
    block.endOption(from: mark)
    block.append(option: PcapngCode.application, text: String(program.prefix(256)))
    block.endBlock()
    emit()
    for side in [RecordedLeg.Side.client, .server] {
      block.beginBlock(PcapngCode.interfaceDescription)
      block.append(little: UInt16(truncatingIfNeeded: LinkType.rawIP.rawValue))
      block.append(little: UInt16(0))
      block.append(little: UInt32(0))
      block.append(option: PcapngCode.interfaceName, text: side.interfaceName)
      block.append(option: PcapngCode.interfaceDescriptionText, text: side.description)
      block.append(option: PcapngCode.timeResolution, number: UInt8(9))
      block.endBlock()
      emit()
    }
  }

  /// Ends the file: interface statistics.
  ///
  /// - Parameter droppedPackets: Packets that were lost because writing was too slow; they are
  ///   counted with the first interface, since nobody knows which they were.
  public mutating func endFile(at time: TraceTime, droppedPackets: UInt64) {
    pass(to: time)
    waiting.flush(into: &output)
    for side in [RecordedLeg.Side.client, .server] {
      block.beginBlock(PcapngCode.interfaceStatistics)
      block.append(little: UInt32(side.rawValue))
      block.append(time: time)
      for (code, moment) in [
        (PcapngCode.statisticsStart, fileStart ?? time), (PcapngCode.statisticsEnd, time),
      ] {
        let start = block.beginOption(code)
        block.append(time: moment)
        block.endOption(from: start)
      }
      block.append(
        option: PcapngCode.packetsReceived, number: filePacketCounts[Int(side.rawValue)])
      block.append(
        option: PcapngCode.packetsDropped, number: side == .client ? droppedPackets : 0)
      block.endBlock()
      emit()
    }
  }

  // MARK: connections

  /// A connection is open on both sides; the texts are those that the trace shows.
  public mutating func open(
    _ connection: Int, _ ends: Ends, client: String, server: String, at time: TraceTime
  ) {
    pass(to: time)
    connections[connection] = RecordedConnection(
      clientLeg: RecordedLeg(
        near: ends.client, far: ends.proxyForClient, connection: connection, side: .client),
      serverLeg: RecordedLeg(
        near: ends.proxyForServer, far: ends.server, connection: connection, side: .server),
      client: client, server: server)
    var mark = RecordingMark(connection)
    mark.event = .open
    for side in [RecordedLeg.Side.client, .server] {
      mark.direction = .clientToServer
      write(mark, on: side, .clientToServer, .syn)
      mark.event = nil
      mark.direction = .serverToClient
      write(mark, on: side, .serverToClient, [.syn, .ack])
      mark.direction = .clientToServer
      write(mark, on: side, .clientToServer, .ack)
    }
  }

  /// The connection has come to its end, or one direction of it, on the side where that began.
  public mutating func ended(
    _ connection: Int, _ closing: TappedClosing, at time: TraceTime, acts: [TappedAct]
  ) {
    pass(to: time)
    guard connections[connection] != nil else { return }
    var mark = RecordingMark(connection)
    mark.acts = acts
    switch closing {
    case .halfClose(let direction):
      mark.direction = direction
      mark.event = .halfClose
      writeEnd(mark, on: RecordedLeg.Side(before: direction), direction)
    case .close:
      mark.event = .close
      for direction in [Direction.clientToServer, .serverToClient] {
        let side = RecordedLeg.Side(before: direction)
        // The event has to be told, even if both have ended already.
        if mark.event != nil || connections[connection]?[side][direction].isEnded == false {
          writeEnd(mark, on: side, direction)
        }
        mark.event = nil
        mark.acts = []
      }
    case .reset:
      mark.event = .reset
      write(mark, on: .client, .serverToClient, [.reset, .ack])
      mark.event = nil
      mark.acts = []
      write(mark, on: .server, .clientToServer, [.reset, .ack])
      connections[connection] = nil
    }
  }

  /// The end of a direction was passed on.
  public mutating func passedEnd(_ connection: Int, _ direction: Direction, at time: TraceTime) {
    pass(to: time)
    let side = RecordedLeg.Side(behind: direction)
    guard connections[connection]?[side][direction].isEnded == false else { return }
    writeEnd(RecordingMark(connection, direction), on: side, direction)
    if connections[connection]?.isOver == true { connections[connection] = nil }
  }

  private mutating func writeEnd(
    _ mark: RecordingMark, on side: RecordedLeg.Side, _ direction: Direction
  ) {
    if connections[mark.connection]?[side][direction].isEnded == true {
      writeBare(mark, on: side, direction)
    } else {
      write(mark, on: side, direction, [.fin, .ack])
    }
  }

  // MARK: bytes

  /// Bytes have arrived from the sender of a direction: a whole frame, or other bytes; the packet
  /// of the leg before the proxy.
  ///
  /// - Parameters:
  ///   - number: The number by which `sent` refers to it; of a connection, ascending.
  ///   - notes: What the trace says about it; nil if that is not known yet and comes by `explain`.
  public mutating func arrived(
    _ bytes: RawSpan, connection: Int, direction: Direction, number: UInt64, at time: TraceTime,
    fate: TappedFate, notes: [String]?
  ) {
    pass(to: time)
    var mark = RecordingMark(connection, direction, number: number)
    mark.disposition = fate.disposition == .forwarded ? nil : fate.disposition
    mark.acts = fate.acts
    write(
      mark, on: RecordedLeg.Side(before: direction), direction, [.push, .ack], bytes,
      notes: notes.map(Notes.known) ?? .unknown)
  }

  /// What the trace says about the oldest bytes of a direction that were not explained.
  public mutating func explain(connection: Int, direction: Direction, notes: [String]) {
    waiting.explain(
      connection: connection, direction: direction, comment: Notes.text(notes), into: &output)
  }

  /// Bytes have gone out to the receiver of a direction: the packet of the leg behind the proxy.
  ///
  /// - Parameter acts: What was done to these bytes; their rules are said in a comment.
  public mutating func sent(
    _ bytes: RawSpan, connection: Int, direction: Direction, number: UInt64, at time: TraceTime,
    acts: [TappedAct]
  ) {
    pass(to: time)
    var mark = RecordingMark(connection, direction, number: number)
    mark.acts = acts
    write(mark, on: RecordedLeg.Side(behind: direction), direction, [.push, .ack], bytes)
  }

  /// What became later of a frame that was held for a decision; `frame` is its number in the trace.
  public mutating func decided(
    connection: Int, direction: Direction, number: UInt64, frame: UInt64, act: TappedAct,
    at time: TraceTime
  ) {
    pass(to: time)
    var mark = RecordingMark(connection, direction, number: number)
    mark.event = .decision
    mark.frame = frame > 0 ? frame : nil
    mark.acts = [act]
    let subject = frame > 0 ? "frame \(frame): " : ""
    writeBare(
      mark, on: RecordedLeg.Side(before: direction), direction.opposite,
      notes: .known(["\(subject)\(act.rule): \(act.action)"]))
  }

  // MARK: time

  /// Time passes: what has waited too long to be explained is written.
  public mutating func advance(to time: TraceTime) {
    pass(to: time)
  }

  mutating func pass(to time: TraceTime) {
    self.time = time
    if !waiting.isEmpty { waiting.expire(at: time, into: &output) }
  }
}
