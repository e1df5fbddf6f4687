internal import ChatPosix
internal import ChatProgram
internal import ChatSimulation
internal import ChatTrace
internal import ChatWire

/// A simulated conversation as a recording: what a proxy writes that stands where the faults are.
///
/// It is written as it is made, so that memory does not grow with it. What goes wrong is kept until
/// the end.
struct SimulationRecording: ~Copyable {
  private var writer: RecordingWriter
  private let descriptor: FileDescriptor
  private let name: String
  private var failure: Failure?
  /// What was done to frames, by their numbers.
  private var acts = BothDirections<[UInt64: [TappedAct]]>(both: [:])

  /// Addresses that are nobody's (RFC 5737).
  static let ends = RecordingWriter.Ends(
    client: Endpoint(address: IPAddress(ipv4: 0xC000_0201), port: 40_000),
    proxyForClient: Endpoint(address: IPAddress(ipv4: 0xC000_0203), port: 5_000),
    proxyForServer: Endpoint(address: IPAddress(ipv4: 0xC000_0203), port: 40_000),
    server: Endpoint(address: IPAddress(ipv4: 0xC000_0202), port: 5_000))

  /// The only connection.
  private static let connection = 0
  /// Bytes that are written at once.
  private static let blockSize = 1 << 20

  /// Opens the file and begins the recording; `-` is standard output.
  ///
  /// - Parameter comment: Said of the whole file: how to make it again.
  init(to path: String, comment: String) throws(Failure) {
    name = path == "-" ? "standard output" : path
    do throws(SystemError) {
      descriptor =
        path == "-"
        ? FileDescriptor(borrowing: 1) : try FileDescriptor.openForWriting(path)
    } catch {
      throw Failure("-w \(path): the recording cannot be written: \(error.message)")
    }
    writer = RecordingWriter(program: ChatInspect.programVersion, comment: comment)
    writer.beginFile()
    writer.open(
      Self.connection, Self.ends, client: Self.ends.client.description,
      server: Self.ends.server.description, at: TraceTime(.zero))
  }

  mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, _ direction: Direction, notes: [String]?,
    at time: TraceTime
  ) {
    let tapped = TappedFate(fate.disposition, acts: fate.acts)
    if !tapped.acts.isEmpty, fate.number > 0 { acts[direction][fate.number] = tapped.acts }
    writer.arrived(
      frame, connection: Self.connection, direction: direction, number: fate.number, at: time,
      fate: tapped, notes: notes)
    flush(from: Self.blockSize)
  }

  mutating func explain(_ direction: Direction, notes: [String]) {
    writer.explain(connection: Self.connection, direction: direction, notes: notes)
  }

  mutating func sent(
    _ frame: RawSpan, number: UInt64, _ direction: Direction, at time: TraceTime
  ) {
    writer.sent(
      frame, connection: Self.connection, direction: direction, number: number, at: time,
      acts: acts[direction][number] ?? [])
    flush(from: Self.blockSize)
  }

  mutating func ended(_ direction: Direction, acts: [TappedAct], at time: TraceTime) {
    writer.ended(Self.connection, .halfClose(direction), at: time, acts: acts)
  }

  mutating func passedEnd(_ direction: Direction, at time: TraceTime) {
    writer.passedEnd(Self.connection, direction, at: time)
  }

  mutating func reset(at time: TraceTime) {
    writer.ended(Self.connection, .reset, at: time, acts: [])
  }

  /// Ends the recording.
  ///
  /// - Throws: why it could not be written.
  mutating func finish(at time: TraceTime) throws(Failure) {
    writer.endFile(at: time, droppedPackets: 0)
    flush(from: 1)
    if let failure { throw failure }
  }

  private mutating func flush(from byteCount: Int) {
    guard writer.output.count >= byteCount else { return }
    defer { writer.removeOutput() }
    guard failure == nil else { return }
    do throws(SystemError) {
      try writeAll(writer.output, to: descriptor.rawValue)
    } catch {
      failure =
        error == .brokenPipe
        ? Failure(silently: .done)
        : Failure("\(name): the recording cannot be written: \(error.message)")
    }
  }
}
