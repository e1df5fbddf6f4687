internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What a replay was asked to be, checked before anything is done.
struct ReplaySetup {
  /// Which side is played, and where the other one is.
  enum Direction {
    case to(StreamTarget, text: String)
    case serve(ListenAddress)

    var role: Session.Role {
      switch self {
      case .to: .client
      case .serve: .server
      }
    }
  }

  let pace: ReplayPace
  let patience: Duration?
  let streams: Set<Int>?
  let faults: FaultLedger?
  private let asked: Direction?

  init(_ command: ReplayCommand) throws(Failure) {
    pace = try ReplayPace(parsing: command.pace)
    if pace == .step, !Terminal.isTerminal(0) {
      throw Failure(
        "--pace step: somebody has to press Enter, but standard input is no terminal")
    }
    patience = try Self.patience(command.patience)
    if let stream = command.stream.first(where: { $0 < 0 }) {
      throw Failure("--stream \(stream): streams are numbered from 0")
    }
    streams = command.stream.isEmpty ? nil : Set(command.stream)
    asked = try Self.direction(command)
    _ = try command.recording.checkedRing()
    if command.recording.isToStandardOutput, !command.quiet {
      throw Failure(
        "-w - writes packets to standard output: say -q, so that nothing else goes there")
    }
    if command.comparing.twice, case .serve? = asked {
      throw Failure("--twice: live clients come when they like; it goes with --to only")
    }
    faults = try command.faultsFrom.map { path throws(Failure) in try Self.faults(from: path) }
  }

  private static func patience(_ seconds: Double?) throws(Failure) -> Duration? {
    guard let seconds else { return nil }
    guard seconds >= 0.01, seconds <= 86_400 else {
      throw Failure("--patience \(seconds): expected seconds, from 0.01 to 86400")
    }
    return .nanoseconds(Int64(seconds * 1e9))
  }

  private static func direction(_ command: ReplayCommand) throws(Failure) -> Direction? {
    switch (command.to, command.serve) {
    case (nil, nil): return nil
    case (_?, _?): throw Failure("give one of --to and --serve: one side is played")
    case (let text?, nil):
      let address = try ListenAddress(text, option: "--to", defaultHost: nil)
      guard address.port > 0 else { throw Failure("--to \(text): port 0 is none") }
      do throws(ResolutionError) {
        return .to(
          try StreamTarget(host: address.host, port: address.port),
          text: SocketAddress(host: address.host, port: address.port).description)
      } catch {
        throw Failure("--to \(text): \(error.message)", status: .peerFailed)
      }
    case (nil, let text?):
      return .serve(try ListenAddress(text, option: "--serve", defaultHost: "127.0.0.1"))
    }
  }

  /// Which side is played.
  ///
  /// Where the recorded server was is said, but nothing ever goes there by itself.
  func direction(_ recording: ReplayRecording) throws(Failure) -> Direction {
    if let asked { return asked }
    let servers = Set(recording.story.sessions.compactMap(\.server)).sorted()
    let place =
      switch servers.count {
      case 0: ""
      case 1: " (it was recorded with the server at \(servers[0]))"
      default: " (it was recorded with \(servers.count) servers, such as \(servers[0]))"
      }
    throw Failure(
      "\(recording.name): say --to HOST:PORT to play the clients against a server, or "
        + "--serve PORT to play the server\(place)")
  }

  // MARK: faults

  /// Reads a ledger, or finds in a recording what was done.
  private static func faults(from path: String) throws(Failure) -> FaultLedger {
    let isCapture: Bool
    do throws(SystemError) {
      let file = try FileDescriptor.openForReading(path)
      var magic: [UInt8] = [0, 0, 0, 0]
      let count = try file.read(into: &magic, from: 0)
      isCapture = count == 4 && magic == [0x0A, 0x0D, 0x0D, 0x0A]
    } catch {
      throw Failure("--faults-from \(path): \(error.message)")
    }
    guard isCapture else {
      let text = try TextFile.read(path, byteCountMax: 256 << 20)
      do throws(FaultLedgerError) {
        return try FaultLedger(parsing: text, filters: .forProgram)
      } catch {
        throw Failure("--faults-from \(path), \(error.description)", status: .badFilter)
      }
    }
    var faults = RecordedFaults()
    try readCapture(
      try CaptureSource.open(path), into: &faults, options: .forProgram(assemblesText: false),
      output: OutputWriter(), showsProgress: false)
    if faults.unknownCount > 0 {
      let count = faults.unknownCount
      Diagnostics.say(
        "\(path): \(count == 1 ? "1 act" : "\(count) acts") cannot be done again: done by hand, or "
          + "not recorded with all that is needed")
    }
    return faults.ledger
  }
}

/// A recording that is to be played.
struct ReplayRecording {
  let name: String
  /// What was recorded.
  let trace: ComparedTrace

  /// What was said in it.
  var story: Story { trace.story }

  /// Reads a capture or a recording.
  static func read(_ source: consuming CaptureSource) throws(Failure) -> ReplayRecording {
    let name = source.name
    var collector = ComparedTraceCollector(checksum: .forProgram)
    try readCapture(
      source, into: &collector, options: .forProgram(assemblesText: false),
      output: OutputWriter(), showsProgress: Terminal.isTerminal(2))
    guard !collector.trace.story.sessions.isEmpty else {
      throw Failure("\(name): there is no chat in the capture")
    }
    return ReplayRecording(name: name, trace: collector.trace)
  }

  /// The connections that are to be played.
  func chosen(_ streams: Set<Int>?) throws(Failure) -> Story {
    guard let streams else { return story }
    let known = story.sessions.map(\.stream)
    if let missing = streams.sorted().first(where: { !known.contains($0) }) {
      throw Failure(EventSelection.complaint(about: missing, among: known))
    }
    var chosen = story
    chosen.sessions.removeAll { !streams.contains($0.stream) }
    return chosen
  }
}
