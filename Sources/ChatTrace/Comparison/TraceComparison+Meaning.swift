import ChatWire

// What was said. Of one sender the order counts, of several it does not: a room may bring them in
// any. Who is just coming or going may hear what is said meanwhile, or not.

extension TraceComparison {
  mutating func compareMeaning(_ session: ComparedPair<StorySession>) {
    let (left, right) = (session.first, session.second)
    if left.dialect != right.dialect {
      add(
        difference(
          .meaning, session, "dialect", Self.name(left.dialect), Self.name(right.dialect)))
      return
    }
    if left.granted.nickname != right.granted.nickname {
      add(
        difference(.meaning, session, "nickname", left.granted.nickname, right.granted.nickname))
    }
    compareMessages(session, .client)
    compareMessages(session, .server)
    let ends = ComparedPair(Self.end(left), Self.end(right))
    if ends.first != ends.second, left.end != .open, right.end != .open {
      add(
        difference(
          .meaning, session, "end", ends.first, ends.second,
          frames: ComparedPair(Self.lastFrame(left), Self.lastFrame(right))))
    } else if left.error?.code != right.error?.code {
      add(
        difference(
          .meaning, session, "code", left.error.map { "ERROR \($0.code)" },
          right.error.map { "ERROR \($0.code)" },
          frames: ComparedPair(left.error?.frame ?? 0, right.error?.frame ?? 0)))
    }
  }

  static func name(_ dialect: Dialect) -> String { dialect == .native ? "native" : "classic" }

  /// Whether the last acknowledgement was seen is not a matter of meaning.
  private static func end(_ session: StorySession) -> String? {
    session.end == .unconfirmed ? SessionEnd.clean.name : session.end?.name
  }

  private static func lastFrame(_ session: StorySession) -> UInt64 {
    [session.fromClient.last, session.fromServer.last].compactMap { $0 }
      .map { $0.acknowledgingFrame ?? $0.completingFrame ?? $0.firstFrame }.max() ?? 0
  }

  private mutating func compareMessages(
    _ session: ComparedPair<StorySession>, _ side: Session.Role
  ) {
    let messages = ComparedPair(
      side == .client ? session.first.fromClient : session.first.fromServer,
      side == .client ? session.second.fromClient : session.second.fromServer)
    let dialect = session.first.dialect
    let meanings = ComparedPair(
      messages.first.map {
        MessageMeaning($0, from: side, dialect).ignoring(settings.ignored)
      },
      messages.second.map {
        MessageMeaning($0, from: side, dialect).ignoring(settings.ignored)
      })
    var lanes: [String] = []
    for meaning in meanings.first + meanings.second where !lanes.contains(meaning.lane) {
      lanes.append(meaning.lane)
    }
    for lane in lanes {
      let places = ComparedPair(
        meanings.first.indices.filter { meanings.first[$0].lane == lane },
        meanings.second.indices.filter { meanings.second[$0].lane == lane })
      let first = places.first.map { meanings.first[$0] }
      let second = places.second.map { meanings.second[$0] }
      let pairs = SequenceAlignment.pairs(first, second) { i, j in
        first[i].type == second[j].type
      }
      for pair in pairs {
        compare(
          ComparedPair(
            pair.first.map { (messages.first[places.first[$0]], first[$0]) },
            pair.second.map { (messages.second[places.second[$0]], second[$0]) }),
          session, side)
      }
    }
  }

  private typealias Told = (message: StoryMessage, meaning: MessageMeaning)

  private mutating func compare(
    _ pair: ComparedPair<Told?>, _ session: ComparedPair<StorySession>, _ side: Session.Role
  ) {
    guard pair.first?.meaning != pair.second?.meaning else { return }
    var difference = difference(
      .meaning, session, "message", nil, nil,
      frames: ComparedPair(
        pair.first?.message.firstFrame ?? 0, pair.second?.message.firstFrame ?? 0))
    difference.direction = side == .client ? .clientToServer : .serverToClient
    difference.message = (pair.first ?? pair.second)?.message.number
    difference.type = (pair.first ?? pair.second)?.meaning.type ?? ""
    guard let left = pair.first, let right = pair.second else {
      if side == .server, isExcused(pair, session) { return }
      difference.values = ComparedPair(pair.first?.meaning.words, pair.second?.meaning.words)
      add(difference)
      return
    }
    if left.meaning.isUnknown || right.meaning.isUnknown {
      let frame = left.meaning.isUnknown ? left.message.firstFrame : right.message.firstFrame
      doubts.append(
        "the message that begins with frame \(frame) of the "
          + "\(left.meaning.isUnknown ? "first" : "second") was not seen whole")
      return
    }
    for index in 0..<max(left.meaning.fields.count, right.meaning.fields.count) {
      let first = left.meaning.fields.indices.contains(index) ? left.meaning.fields[index] : nil
      let second = right.meaning.fields.indices.contains(index) ? right.meaning.fields[index] : nil
      guard first != second else { continue }
      difference.field = (first ?? second)?.name ?? "text"
      difference.values = ComparedPair(first?.value, second?.value)
      add(difference)
    }
  }

  // MARK: coming and going

  /// A message of somebody else that one trace has and the other has not: in the other, the
  /// listener was not there for certain when it was said.
  private func isExcused(
    _ pair: ComparedPair<Told?>, _ session: ComparedPair<StorySession>
  ) -> Bool {
    guard let told = pair.first ?? pair.second, let name = told.meaning.about else { return false }
    let (listener, sessions) =
      pair.first == nil
      ? (session.first, traces.first.story.sessions)
      : (session.second, traces.second.story.sessions)
    for other in sessions where other.stream != listener.stream {
      for moment in Self.moments(of: told.meaning, name, in: other) {
        if !Self.isPresent(listener, from: moment.begin, to: moment.end) { return true }
      }
    }
    return false
  }

  /// When the thing was done that a message tells of: from when to when it may have been.
  private static func moments(
    of meaning: MessageMeaning, _ name: String, in session: StorySession
  ) -> [(begin: UInt64, end: UInt64)] {
    guard
      session.granted.nickname == name || session.asked.nickname == name
        || session.dialect == .classic
        || session.fromClient.contains(where: {
          $0.typeCode == FrameType.nick.rawValue
            && $0.bytes.map { String(decoding: $0, as: UTF8.self) } == name
        })
    else { return [] }
    switch meaning.code {
    case 1:
      return session.establishedOrder.map { [(session.openingOrder, $0)] } ?? []
    case 2:
      let fin = session.fromClient.last { $0.typeCode == FrameType.fin.rawValue }
      return [(fin?.beginOrder ?? session.openingOrder, session.closingOrder ?? .max)]
    case 3:
      return session.fromClient.filter { $0.typeCode == FrameType.nick.rawValue }
        .map { ($0.beginOrder, $0.acknowledgedOrder ?? .max) }
    default:
      let text = meaning.fields.first { $0.name == "text" }?.value
      return session.fromClient.filter { message in
        text != nil && message.bytes.map { String(decoding: $0, as: UTF8.self) } == text
      }.map { ($0.beginOrder, $0.acknowledgedOrder ?? .max) }
    }
  }

  /// True if somebody was in the room for certain all the time.
  private static func isPresent(
    _ session: StorySession, from begin: UInt64, to end: UInt64
  ) -> Bool {
    guard let established = session.establishedOrder, established < begin else { return false }
    let fin = session.fromClient.last { $0.typeCode == FrameType.fin.rawValue }
    return end < fin?.beginOrder ?? session.closingOrder ?? .max
  }
}
