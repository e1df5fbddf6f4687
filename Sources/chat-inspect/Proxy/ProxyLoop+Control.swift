internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// What somebody asks for while the proxy runs.

extension ProxyLoop {
  /// Does what is asked, and says what came of it.
  func answer(_ request: ControlRequest) -> ControlReply {
    switch request {
    case .statistics: return .statistics(report())
    case .connections: return .connections(openConnections.map { report(on: $0) })
    case .close(let number, let isReset):
      guard let connection = openConnections.first(where: { $0.number == number }) else {
        return .missing("there is no connection \(number) that is open")
      }
      if isReset { reset(connection) } else { close(connection) }
      return .done
    case .rules, .addRules, .changeRule, .removeRule, .removeAllRules:
      return answer(aboutRules: request)
    case .interception, .intercept, .release, .drop, .alter:
      return answer(aboutInterception: request)
    }
  }

  private var openConnections: [ProxyConnection] {
    table.compactMap { $0 }.filter { $0.phase == .open }.sorted { $0.number < $1.number }
  }

  // MARK: reports

  private func report() -> ProxyReport {
    let recording = trace.recording
    return ProxyReport(
      listen: settings.listenText, upstream: settings.upstreamText, seed: settings.seed,
      uptimeNanoseconds: startedAt.nanoseconds(to: clock.now), accepted: counts.accepted,
      open: counts.open, refused: counts.refused, frames: trace.frameCount, bytes: counts.bytes,
      disturbed: counts.disturbed, droppedLines: trace.droppedLineCount,
      recording: recording?.path, recordedBytes: recording?.byteCount ?? 0,
      recordingFailure: recording?.failure)
  }

  private func report(on connection: ProxyConnection) -> ConnectionReport {
    func flow(_ direction: Direction) -> ConnectionReport.Flow {
      let lane = connection[direction]
      return ConnectionReport.Flow(
        bytesIn: lane.bytesIn, bytesOut: lane.bytesOut, frames: lane.frames,
        disturbed: lane.disturbed,
        waitingBytes: lane.pending.count + connection.relay.heldByteCount(direction),
        isEnded: lane.isSourceEnded)
    }
    let dialect: String? =
      switch connection.relay.framing {
      case .undecided: nil
      case .nothing: "none"
      case .found(.native): "native"
      case .found(.classic): "classic"
      }
    return ConnectionReport(
      number: connection.number, client: connection.clientAddress.description,
      server: settings.upstream.address(connection.addressIndex).description, dialect: dialect,
      ageNanoseconds: connection.acceptedAt.nanoseconds(to: clock.now),
      clientToServer: flow(.clientToServer), serverToClient: flow(.serverToClient))
  }

  // MARK: rules

  private func answer(aboutRules request: ControlRequest) -> ControlReply {
    if settings.ledger != nil, request != .rules {
      return .failed("a ledger is being replayed: rules would disturb it")
    }
    switch request {
    case .addRules(let text):
      switch parse(text) {
      case .success(let added):
        guard ruleBook.add(added) else {
          return .failed("there are too many rules; there may be \(FaultLimits.rulesMax)")
        }
      case .failure(let refusal): return .failed(refusal.sentence)
      }
    case .changeRule(let number, let text):
      switch parse(text) {
      case .success(let changed):
        guard changed.rules.count == 1 else {
          return .failed("one rule takes the place of one, but here are \(changed.rules.count)")
        }
        guard ruleBook.change(number, to: changed.rules[0]) else {
          return .missing("there is no rule \(number)")
        }
      case .failure(let refusal): return .failed(refusal.sentence)
      }
    case .removeRule(let number):
      guard ruleBook.remove(number) else { return .missing("there is no rule \(number)") }
    case .removeAllRules: ruleBook.removeAll()
    default: break
    }
    if request != .rules { putRulesInForce() }
    return .rules(ruleBook.reports)
  }

  /// Why something that was asked for is not done.
  private struct Refusal: Error {
    var sentence: String
  }

  private func parse(_ text: String) -> Result<FaultRules, Refusal> {
    do {
      return .success(try FaultRules(parsing: text, filters: .forProgram))
    } catch {
      return .failure(Refusal(sentence: "\(error.message)\n\(error.caretMessage(for: text))"))
    }
  }

  private func putRulesInForce() {
    rules = ruleBook.rules
    for case let connection? in table where connection.phase == .open {
      connection.relay.rules = rules
    }
  }

  // MARK: interception

  private func answer(aboutInterception request: ControlRequest) -> ControlReply {
    switch request {
    case .intercept(nil): intercept(nil)
    case .intercept(let text?):
      do throws(FilterError) {
        intercept(try FrameFilter(text, matcher: RegularExpressions.compile))
      } catch {
        return .failed("\(error.message)\n\(error.caretMessage(for: text))")
      }
    case .release(nil):
      while let held = interception.take(where: { _ in true }) { release(held) }
    case .release(let number?):
      guard let held = take(number) else { return noFrame(number) }
      release(held)
    case .drop(let number):
      guard let held = take(number) else { return noFrame(number) }
      drop(held)
    case .alter(let number, let alteration):
      guard let held = take(number) else { return noFrame(number) }
      release(held, as: alteration.applied(to: held.bytes, dialect: held.dialect))
    default: break
    }
    return .interception(interception.report(at: clock.now))
  }

  private func take(_ number: Int) -> Interception.Held? {
    interception.take { $0.number == number }
  }

  private func noFrame(_ number: Int) -> ControlReply {
    .missing("no frame with the number \(number) is held")
  }
}
