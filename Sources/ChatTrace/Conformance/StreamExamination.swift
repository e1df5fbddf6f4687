import ChatWire

/// One connection under examination: shows each peer's judge what was seen next to that peer.
struct StreamExamination: Sendable {
  private var result = ConformanceStream()
  private let options: ConformanceOptions
  private var client: EndpointJudge
  private var server: EndpointJudge
  private var classic: [ClassicJudge] = []
  /// A proxy was in between: what a peer got is what was passed on to it.
  private var isTapped = false
  private var hasPassages = false
  private var isPassageMissing = false
  /// Directions of which a frame was seen.
  private var seenDirections: [Direction] = []
  /// The beginning of one was shown only behind later frames of the other.
  private var isBeginningDoubtful = false
  private var beginsWithSyn = false
  private var isDialectKnown = false
  private var toServer = FrameDecoder(.native, limit: FrameLimits.controlPayloadMax)
  private var toClient = FrameDecoder(.native, limit: FrameLimits.nativePayloadMax)
  /// Where frames begin that have arrived, and their numbers: of recordings only.
  private var placesToServer = FramePlaces()
  private var placesToClient = FramePlaces()
  private var originsToServer = PassageOrigins()
  private var originsToClient = PassageOrigins()
  private var latestTime: Int64 = 0

  init(_ stream: Int, dialect: Dialect, _ options: ConformanceOptions) {
    result.stream = stream
    self.options = options
    client = EndpointJudge(.client, findingCountMax: options.findingCountMax)
    server = EndpointJudge(.server, findingCountMax: options.findingCountMax)
  }

  // MARK: records

  mutating func record(_ event: TraceEvent, payload: RawSpan) {
    if let time = event.time?.nanoseconds, time > latestTime { latestTime = time }
    switch event.kind {
    case .tcp:
      result.client = result.client ?? event.client
      result.server = result.server ?? event.server
    case .frame: frame(event, payload: payload)
    case .gap:
      lose(event.direction, "\(event.length) bytes are missing in the capture")
    case .junk:
      guard event.code != nil else {
        lose(event.direction, "\(event.length) bytes could not be read")
        return
      }
      var lost = ObservedFrame(event, .lost)
      lost.reference = .none
      show(lost, event.direction, payload: payload)
    case .session, .fault, .summary: break
    }
  }

  private mutating func frame(_ event: TraceEvent, payload: RawSpan) {
    if event.leg != .wire { isTapped = true }
    if !isDialectKnown {
      isDialectKnown = true
      result.dialect = event.dialect
      if event.dialect == .classic {
        classic = [ClassicJudge()]
        toServer = FrameDecoder(.classic)
        toClient = FrameDecoder(.classic)
      }
    }
    result.frames += 1
    if !seenDirections.contains(event.direction) {
      seenDirections.append(event.direction)
      let isEarlier = (event.time?.nanoseconds ?? latestTime) < latestTime
      if isEarlier { isBeginningDoubtful = true }
      if event.direction == .clientToServer { beginsWithSyn = event.typeCode == 1 }
    }
    guard event.checksum != .unverified else {
      lose(event.direction, "the payload of frame \(event.frame) was not captured whole")
      return
    }
    if isTapped {
      switch event.direction {
      case .clientToServer: placesToServer.append(event.offset, event.frame)
      case .serverToClient: placesToClient.append(event.offset, event.frame)
      }
    }
    var frame = ObservedFrame(event, event.checksum == .good ? .good : .corrupt)
    if frame.state == .good, frame.type.isSequenced || !classic.isEmpty {
      frame.payloadChecksum = options.checksum.checksum(of: payload)
    }
    show(frame, event.direction, payload: payload)
  }

  /// Shows a frame that has arrived to the judge of its sender; of a capture to both.
  private mutating func show(
    _ frame: ObservedFrame, _ direction: Direction, payload: RawSpan
  ) {
    if !classic.isEmpty {
      classic[0].sent(frame, direction, payload: payload)
      if !isTapped { classic[0].received(frame, direction, payload: payload) }
      return
    }
    switch direction {
    case .clientToServer:
      client.sent(frame, payload: payload)
      if !isTapped { server.received(frame, payload: payload) }
    case .serverToClient:
      server.sent(frame, payload: payload)
      if !isTapped { client.received(frame, payload: payload) }
    }
  }

  private mutating func lose(_ direction: Direction, _ reason: String) {
    if !classic.isEmpty { classic[0].lose(reason) }
    if direction == .clientToServer || !isTapped { client.lose(reason) }
    if direction == .serverToClient || !isTapped { server.lose(reason) }
  }

  // MARK: what was passed on

  mutating func passed(_ passage: Passage, bytes: RawSpan) {
    hasPassages = true
    if let time = passage.time?.nanoseconds, time > latestTime { latestTime = time }
    if passage.missingByteCount > 0 {
      let reason = "\(passage.missingByteCount) bytes are missing of what was passed on"
      if !classic.isEmpty { classic[0].lose(reason) }
      if passage.direction == .clientToServer { server.lose(reason) } else { client.lose(reason) }
      // What is missing may have been answered before it was missed.
      isPassageMissing = true
      return
    }
    var position = 0
    switch passage.direction {
    case .clientToServer:
      originsToServer.append(passage, byteCount: bytes.byteCount, from: toServer.offset)
      if server.handshake.isAgreed, classic.isEmpty {
        toServer.limit = max(FrameLimits.controlPayloadMax, server.handshake.fragmentSize)
      }
      while let unit = toServer.next(in: bytes, position: &position, checksum: options.checksum) {
        take(unit, passage, bytes, buffer: toServer.buffer)
      }
    case .serverToClient:
      originsToClient.append(passage, byteCount: bytes.byteCount, from: toClient.offset)
      if let asked = client.handshake.syn.fragment, classic.isEmpty {
        toClient.limit = max(FrameLimits.controlPayloadMax, Int(asked))
      }
      while let unit = toClient.next(in: bytes, position: &position, checksum: options.checksum) {
        take(unit, passage, bytes, buffer: toClient.buffer)
      }
    }
  }

  private mutating func take(
    _ unit: DecodedUnit, _ passage: Passage, _ bytes: RawSpan, buffer: [UInt8]
  ) {
    let state: ObservedFrame.State
    switch unit.kind {
    case .frame: state = .good
    case .corrupt: state = .corrupt
    case .lost: state = .lost
    case .unverified, .skipped, .rest, .undecided, .overflow: return
    }
    let origin =
      passage.direction == .clientToServer
      ? originsToServer.origin(of: unit.offset) : originsToClient.origin(of: unit.offset)
    let reference = origin.map { FrameReference(passage.direction, offset: $0) } ?? .none
    let frame = ObservedFrame(
      state: state, type: FrameType(rawValue: unit.header.typeCode),
      sequence: unit.header.sequence, flags: unit.header.flags,
      byteCount: Int(unit.header.length), time: passage.time?.nanoseconds ?? latestTime,
      reference: reference)
    let range = unit.payloadOffset..<unit.payloadOffset + unit.payloadCount
    let payload = unit.isBuffered ? Array(buffer[range]) : bytes.extracting(range).bytes
    let span = unsafe payload.span.bytes
    if !classic.isEmpty {
      classic[0].received(frame, passage.direction, payload: span)
    } else if passage.direction == .clientToServer {
      server.received(frame, payload: span)
    } else {
      client.received(frame, payload: span)
    }
  }

  // MARK: the end

  /// What came of it, before it is known whether its beginning was seen.
  struct Result: Sendable {
    var stream: ConformanceStream
    var room: RoomConnection?
    /// The beginning of one direction was shown only behind later frames of the other.
    var isBeginningDoubtful = false
    var beginsWithSyn = false
  }

  mutating func finish() -> Result {
    if isTapped, !hasPassages, result.frames > 0 {
      lose(.clientToServer, "what reached the server is not in the recording")
      lose(.serverToClient, "what reached the client is not in the recording")
    }
    if classic.isEmpty {
      client.finish(at: latestTime)
      server.finish(at: latestTime)
      result.clientVerdict = settle(client, options.atClient)
      result.serverVerdict = settle(server, options.atServer)
      result.frames = client.frameCount + server.frameCount
    } else {
      for side in [Session.Role.client, .server] {
        let (findings, doubts, seen) = classic[0].finish(side)
        let hidden = side == .client ? options.atClient : options.atServer
        add(
          findings, side, evidence: evidence(seen, hidden),
          network: hidden == .none ? .peer : .network)
        let isBroken = result.findings.contains { $0.side == side && $0.blame == .peer }
        let verdict: ConformanceVerdict =
          isBroken ? .violated : doubts.isEmpty ? .conformant : .inconclusive
        if side == .client {
          result.clientVerdict = verdict
        } else {
          result.serverVerdict = verdict
        }
        addDoubts(doubts)
      }
    }
    result.findings = result.findings.enumerated()
      .sorted { ($0.element.frame, $0.offset) < ($1.element.frame, $1.offset) }.map(\.element)
    return Result(
      stream: result, room: classic.isEmpty ? room : nil,
      isBeginningDoubtful: isBeginningDoubtful, beginsWithSyn: beginsWithSyn)
  }

  /// What was said, by the numbers of the frames.
  private var room: RoomConnection {
    let said = client.messages.room
    let heard = server.messages.room
    return RoomConnection(
      stream: result.stream, server: result.server, nicknames: heard.nicknames,
      said: said.said.map { ($0.hash, number($0.frame)) },
      heard: heard.heard.map { ($0.nickname, $0.hash, number($0.frame)) },
      isRefused: heard.isRefused,
      isPartial: client.isBlind || server.isBlind || said.isPartial || heard.isPartial
        || client.messages.isGivenUp || server.messages.isGivenUp)
  }

  private mutating func settle(
    _ judge: EndpointJudge, _ hidden: ConformanceOptions.HiddenFaults
  ) -> ConformanceVerdict {
    if !judge.evidence.isEmpty || judge.handshake.declaresFaults(judge.role) {
      if judge.role == .client {
        result.isDisturbedAtClient = true
      } else {
        result.isDisturbedAtServer = true
      }
    }
    let isDeclared = judge.handshake.declaresFaults(judge.role)
    add(
      judge.findings, judge.role,
      evidence: evidence(isDeclared ? [.incoming, .outgoing] : judge.evidence, hidden),
      network: hidden == .none ? .peer : .network)
    result.findingsLeftOut &+= judge.findingsLeftOut
    addDoubts(judge.doubts.map { "\(judge.role.conformanceName): \($0)" })
    let isBroken = result.findings.contains { $0.side == judge.role && $0.blame == .peer }
    return isBroken ? .violated : judge.doubts.isEmpty ? .conformant : .inconclusive
  }

  private func evidence(
    _ seen: HiddenSides, _ hidden: ConformanceOptions.HiddenFaults
  ) -> HiddenSides {
    switch hidden {
    case .ifEvident: seen
    case .possible: [.incoming, .outgoing]
    case .none: []
    }
  }

  private mutating func addDoubts(_ doubts: [String]) {
    for doubt in doubts where !result.doubts.contains(doubt) { result.doubts.append(doubt) }
  }

  /// - Parameter network: Who is to blame for what could as well have happened on the way.
  private mutating func add(
    _ findings: [ProvisionalFinding], _ side: Session.Role, evidence: HiddenSides, network: Blame
  ) {
    for provisional in findings {
      if isPassageMissing, provisional.rule.needsOrder { continue }
      guard provisional.explanations.isDisjoint(with: evidence) else {
        result.excusedCount += 1
        continue
      }
      var finding = Finding(
        provisional.rule, provisional.isNetwork ? network : .peer, stream: result.stream,
        side: side, frame: number(provisional.frame),
        because: provisional.because.map(number).filter { $0 != 0 }.sorted(),
        expected: provisional.expected, found: provisional.found)
      if let place = provisional.place {
        finding.section = place.section
        finding.row = place.row
      }
      result.findings.append(finding)
    }
  }

  private func number(_ reference: FrameReference) -> UInt64 {
    if let frame = reference.frame { return frame }
    guard let place = reference.place else { return 0 }
    switch place.direction {
    case .clientToServer: return placesToServer.frame(at: place.offset)
    case .serverToClient: return placesToClient.frame(at: place.offset)
    }
  }
}
