// Whether one peer of a native session keeps to the protocol, judged by what it sent and what it
// really got.
//
// A peer sees only what has reached it, and answers in order. So its receiver is replayed: each of
// its ACKs and NACKs has to be the next one that is due, though it may lag behind. What it sends by
// itself is judged by what it can have heard by then: everything that was sent to it so far; and by
// what it must have heard: everything up to the frame that it has answered last.
//
// By file: this one has the state and the entries; +Handshake, +Answers (its receiver), +Sending
// (its sender), +Messages, +Control.

import ChatWire

/// Judges one peer of a native session.
struct EndpointJudge: Sendable {
  let role: Session.Role
  var findings: [ProvisionalFinding] = []
  var findingCountMax: Int
  var findingsLeftOut: UInt64 = 0
  /// Where the capture itself shows that frames are disturbed unseen.
  var evidence: HiddenSides = []
  /// Why not everything could be judged.
  var doubts: [String] = []
  /// Something is missing: what depends on the past cannot be judged any more.
  var isBlind = false
  var frameCount: UInt64 = 0

  // The handshake.
  var handshake = SeenHandshake()
  /// The peer's ERROR was seen, or one for it.
  var errorSent: FrameReference?
  var errorReceived: FrameReference?

  // What it got.
  var inputs: [PeerInput] = []
  /// How many inputs came before the first that is kept.
  var inputBase = 0
  var hypotheses: [ReceiverHypothesis] = []
  /// How many inputs it has dealt with for certain.
  var certainInputCount = 0
  var lastAnswer: SeenAnswer?
  var lastAnswerTime: Int64 = 0
  var hasAnswered = false
  /// The longest that it took to answer, and back to the capture, in nanoseconds.
  var answerDelayMax: Int64 = 0
  /// The highest nextExpected that it has stated.
  var statedPosition: Int64 = 0
  var isStatementKnown = false
  var arrived = ArrivedFrames()
  /// ACKs that say that a window has opened, since the last that was due.
  var announcements: [SeenAnswer] = []
  /// Answers that were left out, and may come late.
  var missed: [Answer] = []
  /// When an answer was seen last.
  var answerTimes: [UInt64: Int64] = [:]
  /// Selective Repeat: what it has acknowledged frame by frame.
  var acknowledgedAlone: Set<Int64> = []
  var isSilenceSaid = false
  var pings: [SeenPing] = []
  /// An input before it was damaged too: how they were told apart depends on what had arrived.
  var wasDamaged = false
  var lastPong: UInt64?

  // What it sent.
  var sent = SentWindow()
  var lastSentTime: Int64 = 0
  var messages: MessageCheck

  init(_ role: Session.Role, findingCountMax: Int) {
    self.role = role
    self.findingCountMax = findingCountMax
    messages = MessageCheck(isServer: role == .server)
  }

  /// A PING that has reached it.
  struct SeenPing: Sendable {
    var payload: UInt64
    var input: Int
    var reference: FrameReference
  }

  /// What it sends is lost from here on, in the capture.
  mutating func lose(_ reason: String) {
    isBlind = true
    if doubts.count < 8, !doubts.contains(reason) { doubts.append(reason) }
    // What was open stays open.
    hypotheses = []
    inputs = []
  }

  /// Says what was found, unless there is too much of it.
  mutating func report(_ finding: ProvisionalFinding) {
    guard findings.count < findingCountMax else {
      findingsLeftOut &+= 1
      return
    }
    findings.append(finding)
  }

  mutating func report(
    _ rule: ConformanceRule, _ frame: ObservedFrame, because: [FrameReference] = [],
    expected: String, found: String, explanations: HiddenSides = []
  ) {
    report(
      ProvisionalFinding(
        rule: rule, frame: frame.reference, because: because.filter { $0 != .none },
        expected: expected, found: found, explanations: explanations))
  }

  // MARK: entries

  /// A frame was sent to it.
  mutating func received(_ frame: ObservedFrame, payload: RawSpan) {
    guard !isBlind else { return }
    defer { wasDamaged = frame.state != .good }
    guard frame.state == .good else {
      if frame.state == .lost || wasDamaged {
        // How many frames it took this for depends on how much had arrived by then.
        evidence.insert(.incoming)
      }
      append(frame.type.isSequenced ? .corrupt : .other, frame)
      return
    }
    if frame.type.isSequenced {
      if role == .server, handshake.isSynSeen { handshake.isCompletionPossible = true }
      if handshake.isAgreed, isInSession {
        arrived.insert(SequenceNumber(frame.sequence), first: firstReceived)
      }
      append(.sequenced, frame)
      return
    }
    switch frame.type {
    case .ack, .nack:
      append(.other, frame)
      heard(frame, payload: payload)
    case .ping where payload.byteCount == 8:
      append(.ping, frame)
      if pings.count < 64 {
        pings.append(
          SeenPing(
            payload: payload.number(0..<8), input: inputBase + inputs.count - 1,
            reference: frame.reference))
      }
    case .error:
      errorReceived = errorReceived ?? frame.reference
      append(.other, frame)
    case .syn, .synAck, .handshakeAck:
      receivedHandshake(frame, payload: payload)
      append(.other, frame)
    default: append(.other, frame)
    }
  }

  /// It has sent a frame.
  mutating func sent(_ frame: ObservedFrame, payload: RawSpan) {
    frameCount &+= 1
    defer { lastSentTime = frame.time }
    guard frame.state == .good else {
      evidence.insert(.outgoing)
      if frame.state == .corrupt {
        report(
          ProvisionalFinding(
            rule: .corrupt, frame: frame.reference, expected: "a checksum that fits",
            found: "\(frame.type.name) with a bad checksum: damaged on its way to the capture",
            isNetwork: true))
      }
      return
    }
    checkFrame(frame, payload: payload)
    guard !isBlind else { return }
    if let error = errorSent, frame.type != .error || error != frame.reference {
      report(
        .errorLast, frame, because: [error], expected: "nothing more",
        found: "\(frame.type.name) after its ERROR", explanations: .outgoing)
      return
    }
    checkSilence(frame)
    switch frame.type {
    case .syn, .synAck, .handshakeAck: sentHandshake(frame, payload: payload)
    case .ack, .nack:
      sentAnswer(frame, payload: payload)
      checkPings(frame)
    case .ping: break
    case .pong: sentPong(frame, payload: payload)
    case .error: sentError(frame, payload: payload)
    case _ where frame.type.isSequenced: sentSequenced(frame, payload: payload)
    default: break
    }
  }

  /// The connection is over, or the capture: `time` is the last that was seen of it.
  mutating func finish(at time: Int64) {
    guard !isBlind else { return }
    finishSending(at: time)
    messages.finish()
    takeMessageFindings()
  }

  // MARK: inputs

  /// True once it takes sequenced frames: as far as what was sent to it shows.
  var isInSession: Bool {
    role == .client ? handshake.isAgreed : handshake.isCompletionPossible && handshake.isAgreed
  }

  /// The sequence number of the first frame that it gets.
  var firstReceived: SequenceNumber {
    SequenceNumber(role == .client ? handshake.serverInitial : handshake.clientInitial).next
  }

  /// The sequence number of the first frame that it sends.
  var firstSent: SequenceNumber {
    SequenceNumber(role == .client ? handshake.clientInitial : handshake.serverInitial).next
  }

  private mutating func append(_ kind: PeerInput.Kind, _ frame: ObservedFrame) {
    inputs.append(
      PeerInput(
        kind: kind, type: frame.type, sequence: SequenceNumber(frame.sequence),
        isRetransmission: frame.isRetransmission, isInSession: isInSession, time: frame.time,
        reference: frame.reference))
    beginAnswers()
    // What asks for no answer need not wait for one.
    for index in hypotheses.indices {
      while hypotheses[index].isSettled, hypotheses[index].inputCount < inputBase + inputs.count,
        !inputs[hypotheses[index].inputCount - inputBase].asksAnswer
      {
        hypotheses[index].take(inputs[hypotheses[index].inputCount - inputBase])
      }
    }
    pruneInputs()
    if inputs.count > Self.inputCountMax {
      lose("it has left more than \(Self.inputCountMax) frames unanswered")
    }
  }

  /// Frames that may wait for an answer.
  static let inputCountMax = 200_000

  mutating func pruneInputs() {
    let needed = hypotheses.map(\.inputCount).min() ?? inputBase + inputs.count
    let count = needed - inputBase
    guard count >= 64, count * 2 >= inputs.count else { return }
    inputs.removeFirst(count)
    inputBase += count
  }
}

extension PeerInput {
  var asksAnswer: Bool { isInSession && kind != .other }
}

extension RawSpan {
  /// An unsigned number of at most 8 bytes, the most significant first.
  func number(_ range: Range<Int>) -> UInt64 {
    var number: UInt64 = 0
    for offset in range { number = number << 8 | UInt64(uint8(at: offset)) }
    return number
  }
}
