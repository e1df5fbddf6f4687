internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What a proxy was asked to be, checked before anything is done.
struct ProxySetup {
  let listen: ListenAddress
  let upstreamText: String
  let upstream: StreamTarget
  let rules: FaultRules
  let seed: UInt64
  /// The seed was drawn, since none was given.
  let isSeedDrawn: Bool
  let ledger: FaultLedger?
  let ledgerPath: String?
  let selection: EventSelection
  let connectionsMax: Int
  /// Somebody sees what is explained.
  let explains: Bool

  init(_ command: ProxyCommand) throws(Failure) {
    listen = try ListenAddress(command.listen, option: "--listen", defaultHost: "127.0.0.1")
    let target = try ListenAddress(command.upstream, option: "--upstream", defaultHost: nil)
    guard target.port > 0 else { throw Failure("--upstream \(command.upstream): port 0 is none") }
    do throws(ResolutionError) {
      upstream = try StreamTarget(host: target.host, port: target.port)
    } catch {
      throw Failure("--upstream \(command.upstream): \(error.message)")
    }
    upstreamText = SocketAddress(host: target.host, port: target.port).description
    guard command.maxConnections > 0 else {
      throw Failure("--max-connections \(command.maxConnections): expected 1 or more")
    }
    connectionsMax = command.maxConnections
    (rules, ledger) = try Self.faults(command)
    if let text = command.faults.seed {
      seed = try SettingText(text, from: .option("--seed")).seed()
      isSeedDrawn = false
    } else {
      seed = ledger?.seed ?? UInt64.random(in: 0 ... .max)
      isSeedDrawn = ledger == nil
    }
    ledgerPath = command.writeLedger
    var selection = EventSelection()
    if let text = command.filter { selection.filter = try Filter(displayFilter: text) }
    self.selection = selection
    explains = command.liveFormat != .none || command.recording.writeFile != nil
  }

  private static func faults(
    _ command: ProxyCommand
  ) throws(Failure) -> (FaultRules, FaultLedger?) {
    switch (command.faults.faults, command.faults.faultsFile, command.ledger) {
    case (nil, nil, nil): return (FaultRules(), nil)
    case (let text?, nil, nil):
      return (try FaultRules(forProgram: text), nil)
    case (nil, let path?, nil):
      return (try FaultRules(forProgramFrom: path), nil)
    case (nil, nil, let path?):
      if command.faults.seed != nil {
        throw Failure("--seed: a ledger leaves nothing to the dice; leave out --seed or --ledger")
      }
      let text = try TextFile.read(path, byteCountMax: 256 << 20)
      do throws(FaultLedgerError) {
        return (FaultRules(), try FaultLedger(parsing: text, filters: .forProgram))
      } catch {
        throw Failure("--ledger \(path), \(error.description)", status: .badFilter)
      }
    default:
      throw Failure("give one of --faults, --faults-file and --ledger")
    }
  }

  /// What a recording says of the run.
  var recordingComment: String {
    Recorder.comment(seed: seed, rules: rules, isReplaying: ledger != nil)
  }

  func makeListener() throws(Failure) -> StreamListener {
    do throws(SocketError) {
      return try StreamListener(host: listen.host, port: listen.port)
    } catch {
      let address = SocketAddress(host: listen.host, port: listen.port)
      throw Failure("--listen \(address): \(error.message)")
    }
  }

  func makeLedgerFile(_ messages: ProxyMessages) throws(Failure) -> LedgerFile? {
    guard let ledgerPath else { return nil }
    // Done again, it is the ledger of the same rules.
    return try LedgerFile(
      ledgerPath, seed: seed, rules: ledger?.rules ?? rules, messages: messages)
  }

  /// What the loop needs to know.
  func loopSettings<Sink: TraceSink>(
    listening address: SocketAddress
  ) -> ProxyLoop<Sink>.Settings {
    ProxyLoop<Sink>.Settings(
      upstream: upstream, seed: seed, ledger: ledger, connectionsMax: connectionsMax,
      listenText: address.description, upstreamText: upstreamText)
  }

  /// Says that clients may come, and what awaits them.
  func sayReady(at address: SocketAddress) {
    Diagnostics.say("listening on \(address), upstream \(upstreamText)")
    if let ledger {
      let count = ledger.entries.count
      Diagnostics.say("a ledger of \(count) \(count == 1 ? "act" : "acts") is being replayed")
    } else if !rules.isEmpty {
      let count = rules.rules.count
      let text = count == 1 ? "1 fault rule is" : "\(count) fault rules are"
      Diagnostics.say(
        isSeedDrawn
          ? "\(text) in force; to repeat what they do: --seed \(seed)"
          : "\(text) in force, with seed \(seed)")
    }
  }
}

extension Filter {
  /// A display filter from the command line.
  init(displayFilter text: String) throws(Failure) {
    do {
      try self.init(text, matcher: RegularExpressions.compile)
    } catch {
      let marked = error.caretMessage(for: text).split(separator: "\n").map { "  " + $0 }
      throw Failure(
        "-Y: \(error.message)\n\(marked.joined(separator: "\n"))", status: .badFilter)
    }
  }
}
