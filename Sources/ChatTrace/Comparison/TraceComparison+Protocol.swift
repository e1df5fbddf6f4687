import ChatWire

// What the machines did: terms, fragments, copies, ACKs and NACKs, with sequence numbers counted
// from the initial ones.

extension TraceComparison {
  mutating func compareProtocol(_ session: ComparedPair<StorySession>) {
    let (left, right) = (session.first, session.second)
    for (field, first, second) in [
      ("mode", left.granted.mode.map(Self.name), right.granted.mode.map(Self.name)),
      ("window", left.granted.window.map { String($0) }, right.granted.window.map { String($0) }),
      (
        "options.fragment", left.granted.fragmentSize.map { String($0) },
        right.granted.fragmentSize.map { String($0) }
      ),
    ] where first != second {
      add(difference(.protocol, session, field, first, second))
    }
    for direction in [Direction.clientToServer, .serverToClient] {
      let frames = ComparedPair(
        frames(traces.first, left.stream, direction),
        frames(traces.second, right.stream, direction))
      compareSequenced(frames, session, direction)
      compareControl(frames, session, direction)
    }
  }

  private static func name(_ mode: ARQMode) -> String {
    mode == .goBackN ? "Go-Back-N" : "Selective Repeat"
  }

  func frames(
    _ trace: ComparedTrace, _ stream: Int, _ direction: Direction
  ) -> [ComparedFrame] {
    (trace.frames[stream] ?? []).filter { $0.direction == direction }
  }

  /// Frames that carry messages, by message and fragment: their shape, and how often they were
  /// sent.
  private mutating func compareSequenced(
    _ frames: ComparedPair<[ComparedFrame]>, _ session: ComparedPair<StorySession>,
    _ direction: Direction
  ) {
    let copies = ComparedPair(Copies(frames.first), Copies(frames.second))
    var identities = copies.first.identities
    for identity in copies.second.identities where copies.first[identity] == nil {
      identities.append(identity)
    }
    for identity in identities {
      let (left, right) = (copies.first[identity], copies.second[identity])
      var difference = difference(
        .protocol, session, "frame", left.map { "sent \($0.count) times" },
        right.map { "sent \($0.count) times" },
        frames: ComparedPair(left?.first.frame ?? 0, right?.first.frame ?? 0))
      difference.direction = direction
      difference.message = Int(clamping: identity.message)
      difference.fragment = Int(clamping: identity.fragment)
      difference.type = left?.typeName ?? right?.typeName ?? ""
      guard let left, let right else {
        difference.values = ComparedPair(
          left.map { "\($0.first.byteCount) bytes" }, right.map { "\($0.first.byteCount) bytes" })
        add(difference)
        continue
      }
      for (field, first, second) in [
        ("type", left.typeName, right.typeName),
        ("length", String(left.first.byteCount), String(right.first.byteCount)),
        ("last", left.first.isLast ? "true" : "false", right.first.isLast ? "true" : "false"),
        ("attempt", String(left.count), String(right.count)),
      ] where first != second {
        difference.field = field
        difference.values = ComparedPair(first, second)
        if field == "attempt" {
          difference.frames = ComparedPair(left.latest, right.latest)
        }
        add(difference)
      }
    }
  }

  /// Handshake, ACK, NACK, PING, PONG and ERROR, in their order.
  private mutating func compareControl(
    _ frames: ComparedPair<[ComparedFrame]>, _ session: ComparedPair<StorySession>,
    _ direction: Direction
  ) {
    let initial = ComparedPair(
      initialSequence(traces.first, session.first.stream, direction.opposite),
      initialSequence(traces.second, session.second.stream, direction.opposite))
    let left = frames.first.filter { $0.message == nil && $0.isGood }
    let right = frames.second.filter { $0.message == nil && $0.isGood }
    let first = left.map { Self.words($0, initial.first, session.first.dialect) }
    let second = right.map { Self.words($0, initial.second, session.second.dialect) }
    let pairs = SequenceAlignment.pairs(first, second) { i, j in
      left[i].typeCode == right[j].typeCode
    }
    for pair in pairs {
      let words = ComparedPair(pair.first.map { first[$0] }, pair.second.map { second[$0] })
      guard words.first != words.second else { continue }
      var difference = difference(
        .protocol, session, "frame", words.first, words.second,
        frames: ComparedPair(
          pair.first.map { left[$0].frame } ?? 0, pair.second.map { right[$0].frame } ?? 0))
      difference.direction = direction
      add(difference)
    }
  }

  /// The number before the first that a direction has used.
  private func initialSequence(
    _ trace: ComparedTrace, _ stream: Int, _ direction: Direction
  ) -> UInt16 {
    let all = frames(trace, stream, direction)
    let opening = direction == .clientToServer ? FrameType.syn : .synAck
    if let handshake = all.first(where: { $0.typeCode == opening.rawValue }) {
      return handshake.sequence
    }
    return all.first { $0.message != nil }?.sequence ?? 0
  }

  private static func words(
    _ frame: ComparedFrame, _ initial: UInt16, _ dialect: Dialect
  ) -> String {
    guard dialect == .native else {
      return "\(ClassicType(rawValue: frame.typeCode).name) \(frame.sequence)"
    }
    let type = FrameType(rawValue: frame.typeCode)
    switch type {
    case .ack, .nack:
      let next = (frame.nextExpected ?? 0) &- initial
      return "\(type.name) of \(frame.sequence &- initial), next expected \(next), window "
        + "\(frame.window ?? 0)"
    case .syn, .synAck, .handshakeAck: return "\(type.name) \(frame.terms ?? "")"
    default: return type.name
    }
  }
}

/// The copies of each fragment of a direction.
private struct Copies {
  struct Identity: Hashable {
    var message: UInt64
    var fragment: UInt64
  }

  struct Entry {
    var first: ComparedFrame
    var latest: UInt64
    var count = 1
    var typeName: String { FrameType(rawValue: first.typeCode).name }
  }

  private(set) var identities: [Identity] = []
  private var entries: [Identity: Entry] = [:]

  init(_ frames: [ComparedFrame]) {
    for frame in frames {
      guard let message = frame.message, let fragment = frame.fragment else { continue }
      let identity = Identity(message: message, fragment: fragment)
      if entries[identity] == nil {
        identities.append(identity)
        entries[identity] = Entry(first: frame, latest: frame.frame)
      } else {
        entries[identity]?.count += 1
        entries[identity]?.latest = frame.frame
      }
    }
  }

  subscript(identity: Identity) -> Entry? { entries[identity] }
}
