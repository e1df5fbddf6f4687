internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// A live capture: packets to the engine and to a file, until something ends it.
///
/// One loop polls the interface, the signals and whether anybody still reads the output. Under a
/// flood it looks up from the packets every `packetsPerTurn`, so that Ctrl-C and `-a` always work.
struct CaptureLoop: ~Copyable {
  /// Why and how a capture ended.
  struct Result {
    var packets = 0
    var dropped: UInt64 = 0
    var signal: TerminationSignal?
    var failure: Failure?

    var message: String {
      let captured = packets == 1 ? "1 packet captured" : "\(packets) packets captured"
      return "\(captured), \(dropped) dropped by the kernel"
    }
  }

  private static let packetsPerTurn = 256
  /// How often the engine hears that time passes while nothing comes.
  private static let idleMilliseconds: Int64 = 100

  private let capture: LiveCapture
  private var file: CaptureFileWriter?
  private let signals: SignalPipe
  private let packetCountMax: Int
  private let deadline: Int64
  private var result = Result()

  private init(
    capture: consuming LiveCapture, file: consuming CaptureFileWriter?,
    signals: consuming SignalPipe, packetCountMax: Int, deadline: Int64
  ) {
    self.capture = capture
    self.file = file
    self.signals = signals
    self.packetCountMax = packetCountMax
    self.deadline = deadline
  }

  /// Creates the file and starts to catch signals; time counts from now.
  static func prepare(
    _ capture: consuming LiveCapture, writingTo path: String?, packetCountMax: Int?,
    duration: Int64?
  ) throws(Failure) -> CaptureLoop {
    let signals = try catchSignals()
    var file: CaptureFileWriter?
    if let path { file = try createFile(path, for: capture) }
    return CaptureLoop(
      capture: capture, file: file, signals: signals, packetCountMax: packetCountMax ?? .max,
      deadline: duration.map { Clock.monotonicNanoseconds() + $0 } ?? .max)
  }

  private static func catchSignals() throws(Failure) -> SignalPipe {
    do throws(SystemError) {
      return try SignalPipe()
    } catch {
      throw Failure("signals cannot be caught: \(error.message)")
    }
  }

  private static func createFile(
    _ path: String, for capture: borrowing LiveCapture
  ) throws(Failure) -> CaptureFileWriter {
    do throws(LiveCaptureError) {
      return try capture.createFile(path)
    } catch {
      throw CaptureSetup.failure(error, interface: "", filter: nil)
    }
  }

  /// Runs until a signal, `-a`, `-c`, an error, or until nobody reads the output; then ends the
  /// trace.
  mutating func run(into sink: inout some TraceSink, output: OutputWriter) -> Result {
    var engine = TraceEngine(options: .forProgram(assemblesText: true))
    do throws(Failure) {
      while result.packets < packetCountMax, output.isOpen, try flushFile() {
        if let signal = signals.take() {
          result.signal = signal
          break
        }
        let now = Clock.monotonicNanoseconds()
        guard now < deadline else { break }
        let hasTaken = try takePackets(&engine, into: &sink)
        // Everything understood so far is shown before anything is waited for: as live as a write
        // per event, and a flood is written in blocks.
        output.flush()
        if hasTaken { continue }
        engine.advance(to: TraceTime(nanoseconds: Clock.realNanoseconds()), into: &sink)
        output.flush()
        let rest = min((deadline - now) / 1_000_000 + 1, Self.idleMilliseconds)
        let woken = Poll.wait(
          for: [capture.pollDescriptor, signals.pollDescriptor], output: 1,
          milliseconds: Int32(rest))
        if woken.isOutputClosed { output.noteClosed() }
      }
    } catch {
      result.failure = error
    }
    result.dropped = capture.droppedCount()
    engine.finish(into: &sink)
    return result
  }

  /// Closes the file, and says if it is not whole.
  mutating func close(writingTo path: String?) -> Failure? {
    defer { file = nil }
    do throws(Failure) {
      _ = try flushFile()
      return nil
    } catch {
      return error
    }
  }

  /// Takes what has come; false if that was nothing.
  private mutating func takePackets(
    _ engine: inout TraceEngine, into sink: inout some TraceSink
  ) throws(Failure) -> Bool {
    for turn in 0..<Self.packetsPerTurn {
      guard result.packets < packetCountMax else { return true }
      let next: LivePacket?
      do throws(LiveCaptureError) {
        next = try capture.next()
      } catch {
        throw CaptureSetup.failure(error, interface: "", filter: nil)
      }
      guard let packet = next else { return turn > 0 }
      result.packets += 1
      file?.append(packet)
      engine.packet(
        packet.bytes.bytes,
        record: CaptureRecord(
          time: TraceTime(nanoseconds: packet.nanoseconds),
          linkType: LinkType(rawValue: capture.linkType), offset: 0,
          capturedLength: packet.bytes.count, originalLength: packet.originalLength, interface: 0),
        into: &sink)
    }
    return true
  }

  /// Hands the file to the kernel; false if it goes to a pipe that nobody reads.
  private borrowing func flushFile() throws(Failure) -> Bool {
    do throws(SystemError) {
      try file?.flush()
      return true
    } catch {
      if error == .brokenPipe { return false }
      throw Failure("the capture file cannot be written: \(error.message)")
    }
  }
}
