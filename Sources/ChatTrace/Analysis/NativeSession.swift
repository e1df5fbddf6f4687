import ChatWire

/// What a trace knows of one native session: its handshake, both flows, and how it ends
/// (PROTOCOL.md sections 3 and 7).
struct NativeSession: Sendable {
  /// Where the session is.
  var state: SessionState?
  var mode: Mode?
  /// The negotiated window, 0 while unknown.
  var window: UInt32 = 0
  /// The negotiated fragment size in bytes, 0 while unknown.
  var fragmentSize: UInt32 = 0
  /// What the client asked for, 0 while unknown.
  var askedFragmentSize: UInt32 = 0
  var askedWindow: UInt32 = 0
  var askedMode: Mode?

  var clientToServer = DataFlow()
  var serverToClient = DataFlow()

  /// The frames of the handshake, 0 while not seen.
  var synFrame: UInt64 = 0
  var synSequence: UInt16 = 0
  var synTime: Int64 = 0
  var isSynRepeated = false
  var synAckFrame: UInt64 = 0
  var handshakeAckFrame: UInt64 = 0
  /// PINGs that may still be answered, the latest last.
  var pings: [Ping] = []
  /// The code of an ERROR that ended the session.
  var errorCode: UInt8?

  /// A PING: the other side's PONG carries the same bytes.
  struct Ping: Sendable {
    var frame: UInt64
    var direction: Direction
    var token: UInt64
  }

  /// How many PINGs are remembered.
  static let pingCountMax = 8

  /// A record about the session is due after the frame.
  var change: SessionState?
  /// Empty or one: what faults make necessary, which only act on connections that are tapped.
  var faults: [SessionFaults] = []

  /// Bytes of a direction are missing from the capture.
  mutating func gap(_ direction: Direction) {
    switch direction {
    case .clientToServer: clientToServer.gap()
    case .serverToClient: serverToClient.gap()
    }
  }

  /// Framing was lost in a direction; the header found there may tell which frame was damaged.
  mutating func lostFraming(_ direction: Direction, typeCode: UInt8, sequence: UInt16) {
    switch direction {
    case .clientToServer: clientToServer.lostFraming(typeCode: typeCode, sequence: sequence)
    case .serverToClient: serverToClient.lostFraming(typeCode: typeCode, sequence: sequence)
    }
  }

  /// Fills in what the analysis knows of a frame.
  @inline(__always)
  mutating func frame(
    _ event: inout TraceEvent, payload: RawSpan, time: Int64, options: AnalysisOptions
  ) {
    let type = FrameType(rawValue: event.typeCode)
    if type == .ack || type == .nack {
      acknowledgement(&event, payload: payload, time: time, isNack: type == .nack, options)
    } else if type.isSequenced {
      sequenced(&event, type: type, payload: payload, time: time, options)
    } else {
      control(&event, type: type, payload: payload, time: time, options)
    }
  }

  @inline(__always)
  func context(frame: UInt64, time: Int64, _ options: AnalysisOptions) -> DataFlow.Context {
    DataFlow.Context(
      mode: mode, window: window, frame: frame, time: time, keepsBytes: options.assemblesText,
      notesChat: options.notesChat)
  }

  @inline(__always)
  private mutating func sequenced(
    _ event: inout TraceEvent, type: FrameType, payload: RawSpan, time: Int64,
    _ options: AnalysisOptions
  ) {
    if event.direction == .clientToServer {
      if state == .opening, event.checksum != .bad, !isLostHere { establishImplicitly(&event) }
      Self.sequenced(
        &clientToServer, &event, type: type, payload: payload,
        context: context(frame: event.frame, time: time, options))
    } else {
      Self.sequenced(
        &serverToClient, &event, type: type, payload: payload,
        context: context(frame: event.frame, time: time, options))
    }
    if type == .fin, event.checksum == .good, state == nil || state == .established {
      state = .closing
    }
  }

  @inline(__always)
  private static func sequenced(
    _ flow: inout DataFlow, _ event: inout TraceEvent, type: FrameType, payload: RawSpan,
    context: DataFlow.Context
  ) {
    var completed: MessageTracker.Completed?
    flow.sequenced(&event, payload: payload, context: context, completed: &completed)
    if let completed { NativeReading.message(completed, &event, notesChat: context.notesChat) }
    guard flow.messages.isWaiting else { return }
    if event.last, event.checksum == .good { readFollowing(&flow, &event, context: context) }
    drain(&flow, &event, context: context)
  }

  /// The end of one message shows where the next begins: perhaps all of that is there already.
  @inline(never)
  private static func readFollowing(
    _ flow: inout DataFlow, _ event: inout TraceEvent, context: DataFlow.Context
  ) {
    guard context.keepsBytes,
      let completed = flow.messages.completedAhead(with: flow.position(of: event.sequence) + 1)
    else { return }
    NativeReading.message(completed, &event, notesChat: context.notesChat)
  }

  /// Frames that had waited for this one follow it.
  @inline(never)
  private static func drain(
    _ flow: inout DataFlow, _ event: inout TraceEvent, context: DataFlow.Context
  ) {
    let position = flow.position(of: event.sequence)
    while true {
      var completed: MessageTracker.Completed?
      guard
        let taken = flow.messages.takeHeld(keepsBytes: context.keepsBytes, completed: &completed)
      else { break }
      _ = flow.sent.update(taken.position) { frame in
        frame.message = taken.numbers.message
        frame.fragment = taken.numbers.fragment
      }
      if let completed { NativeReading.message(completed, &event, notesChat: context.notesChat) }
    }
    if event.message != nil, let frame = flow.sent.find(position) {
      event.fragments = flow.fragments(of: frame)
    }
  }

  @inline(__always)
  private mutating func acknowledgement(
    _ event: inout TraceEvent, payload: RawSpan, time: Int64, isNack: Bool,
    _ options: AnalysisOptions
  ) {
    guard let statement = AcknowledgementPayload(decoding: payload) else {
      if event.checksum == .good {
        event.notes.append(Note(.malformed, detail: "its payload is not 4 bytes long"))
      }
      return
    }
    event.nextExpected = statement.nextExpected.rawValue
    event.advertisedWindow = statement.window
    guard event.checksum == .good else { return }
    let context = context(frame: event.frame, time: time, options)
    // Windows describe the direction of the data: the other one.
    if event.direction == .clientToServer {
      serverToClient.acknowledged(
        &event, nextExpected: statement.nextExpected.rawValue, window: statement.window,
        isNack: isNack, context: context)
    } else {
      clientToServer.acknowledged(
        &event, nextExpected: statement.nextExpected.rawValue, window: statement.window,
        isNack: isNack, context: context)
    }
  }

  /// How the session stands when its TCP connection or the capture is over.
  func end(_ closing: ConnectionEnd) -> SessionEnd {
    if errorCode != nil { return state == .opening ? .refused : .error }
    let saidGoodbye = clientToServer.finFrame != 0 && serverToClient.finFrame != 0
    let isConfirmed =
      saidGoodbye && clientToServer.base > clientToServer.finPosition
      && serverToClient.base > serverToClient.finPosition
    switch closing {
    case .closed: return isConfirmed ? .clean : saidGoodbye ? .unconfirmed : .abrupt
    case .reset: return isConfirmed ? .clean : .reset
    case .captureEnds: return isConfirmed ? .clean : .open
    }
  }
}

/// How a TCP connection ended, as far as the capture shows.
enum ConnectionEnd: Sendable {
  case closed
  case reset
  case captureEnds
}

/// What a caller wants of the analysis.
public struct AnalysisOptions: Sendable {
  /// Payloads are joined to messages, and texts read.
  public var assemblesText = true
  /// Notes of severity chat are made.
  public var notesChat = true

  /// Everything is wanted.
  public init() {}
}
