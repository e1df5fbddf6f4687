/// The server's half of a classic session (PROTOCOL.md 9.2): bytes, commands and the time go in,
/// frames and events come out.
///
/// A driver with one connection does this whenever bytes arrived, a command was given, or the
/// moment of the last `wait` has come:
///
///     session.receive(bytes)                  // or session.endOfStream()
///     drain: while true {
///       switch session.nextOutput(at: now, into: &buffer) {
///       case .transmit: ...                   // write the buffer with one call, empty it
///       case .opening(let parameters): ...    // join the room, session.accept(sessionID: ...)
///       case .established: ...                // tell the room
///       case .text(let bytes): ...            // hand it to the room
///       case .nicknameWanted(let name): ...   // ask the room, session.giveNickname(...)
///       case .namesWanted: ...                // ask the room, session.list(...)
///       case .discarded, .channelConfigured: break
///       case .wait(let moment): ...           // sleep until then
///         break drain
///       case .ended(let end): ...             // close the connection
///         break drain
///       }
///     }
///
/// Input is decoded one frame at a time, and only when the answer to the frame before has been
/// written: what is pending is bounded, and a driver that stops draining, or a client that stops
/// reading, stops it. `opening`, `nicknameWanted` and `namesWanted` are questions, and nothing is
/// decoded until they are answered. Answers are written before broadcasts that wait, because a
/// client gives up 5 s after a fragment; two writes are at least 2 ms apart, because an original
/// client sees only the first frame of what arrives together.
///
/// Total: no input traps. Bounded: `wantsInput` says when to stop reading, `queuedByteCount` how
/// far the client is behind.
public struct ClassicServerSession: Sendable {
  /// How far a session has come.
  public enum State: Sendable, Hashable {
    /// Waiting for SYN.
    case awaitingSYN
    /// Waiting for the application to accept or refuse.
    case opening
    /// Waiting for HANDSHAKE_ACK.
    case awaitingHandshakeAck
    /// In the room.
    case established
    /// Writing what is left to write.
    case closing(ClassicServerEnd)
    /// Over.
    case ended(ClassicServerEnd)
  }

  /// A question to the application that waits for its answer.
  enum Question: Sendable { case nickname, names }

  /// A frame that the channel simulation holds back.
  struct HeldFrame: Sendable {
    var header: FrameHeader
    /// Nil for a damaged one.
    var payload: [UInt8]?
    var due: Instant
  }

  /// How far it has come.
  public internal(set) var state = State.awaitingSYN
  /// What the handshake has settled; nil before SYN.
  public internal(set) var parameters: ClassicParameterSet?
  /// NACKs since the last good DATA.
  public internal(set) var nackCount = 0

  let configuration: ClassicServerConfiguration
  let handshakeDeadline: Instant
  var input: ClassicInput
  var receiver: ClassicReceiver
  var channel: ClassicChannel
  var held: HeldFrame?
  var question: Question?
  /// The answer to the frame that was decoded last: at most one, whole, empty once written.
  var answer: [UInt8] = []
  /// Storage for the payload of an answer.
  var scratch: [UInt8] = []
  /// What to tell the application when the answer has been written.
  var announcements: [ClassicServerOutput] = []
  private var broadcasts = ClassicFrameQueue()
  private var nextWrite = Instant(nanoseconds: .min)

  /// A session on a connection that has just been made; the seed is for the channel simulation.
  public init(
    _ configuration: ClassicServerConfiguration = ClassicServerConfiguration(), seed: UInt64,
    at now: Instant
  ) {
    self.configuration = configuration
    handshakeDeadline = now.advanced(by: configuration.handshakeLimit)
    input = ClassicInput(
      payloadMax: ClassicServerConfiguration.handshakePayloadMax, refusesLongFrames: true)
    receiver = ClassicReceiver(messageByteCountMax: configuration.messageByteCountMax)
    channel = ClassicChannel(seed: seed)
  }

  // MARK: what arrives

  /// Keeps bytes that have arrived.
  public mutating func receive(_ bytes: RawSpan) {
    if isEnding { return }
    input.receive(bytes)
  }

  /// Nothing more will arrive: what is here is dealt with, then the session ends.
  public mutating func endOfStream() {
    input.end()
  }

  /// False while enough is here for the longest frame: reading more would only fill memory.
  public var wantsInput: Bool { !isEnding && input.wantsBytes }

  /// Bytes that wait to be written.
  public var queuedByteCount: Int { answer.count + broadcasts.byteCount }

  // MARK: commands

  /// Answers `opening`: the session is accepted under this name (see `sessionID(peer:host:)`).
  public mutating func accept(sessionID: String) {
    guard state == .opening, let parameters else { return }
    respond(.ack, sequence: 0) {
      ClassicSYNACK.encode(
        mode: parameters.mode, fragmentCharacters: parameters.fragmentCharacters,
        window: parameters.window, sessionID: sessionID, into: &$0)
    }
    state = .awaitingHandshakeAck
  }

  /// Answers `opening`: the session is refused, with a sentence that original clients print.
  public mutating func refuse(_ sentence: String) {
    guard state == .opening else { return }
    respond(.ack, sequence: 0) {
      JSONValue.object([
        JSONMember("status", .string("error")), JSONMember("message", .string(sentence)),
      ]).encode(into: &$0)
    }
    state = .closing(.refused)
  }

  /// Answers `nicknameWanted`: this is the nickname that the client has now.
  public mutating func giveNickname(_ nickname: String) {
    guard case .nickname? = question else { return }
    question = nil
    respond(.ack, sequence: 0) { ClassicAcknowledgement.encodeNickname(nickname, into: &$0) }
  }

  /// Answers `namesWanted`: these are here, in order of connecting.
  public mutating func list(_ names: [String]) {
    guard case .names? = question else { return }
    question = nil
    respond(.listResponse, sequence: 0) { ClassicRoster.encode(bounded: names, into: &$0) }
  }

  /// Tells the client what somebody else has said; nothing before the handshake is complete.
  public mutating func broadcast(name: String, text: String) {
    broadcast(ClassicBroadcastFrames(name: name, text: text))
  }

  /// Tells the client what somebody else has said, in frames that other recipients share.
  public mutating func broadcast(_ frames: ClassicBroadcastFrames) {
    guard state == .established else { return }
    broadcasts.append(frames)
  }

  /// Ends the session when what is queued has been written.
  public mutating func close() {
    if isEnding { return }
    question = nil
    held = nil
    state = .closing(.closed)
  }

  /// The name of a session as the original server makes it: `peer` is `address:port`, `host` the
  /// server's name.
  public static func sessionID(peer: String, host: String) -> String {
    let text = [UInt8]((peer + host).utf8)
    let digits = unsafe String(MD5.digest(of: text.span.bytes).prefix, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
  }

  // MARK: outputs

  /// What is to be done next; call it until it says `wait` or `ended`.
  public mutating func nextOutput(
    at now: Instant, into buffer: inout [UInt8]
  ) -> ClassicServerOutput {
    while true {
      if case .ended(let end) = state { return .ended(end) }
      if transmit(at: now, into: &buffer) { return .transmit }
      if answer.isEmpty {
        if !announcements.isEmpty { return announcements.removeFirst() }
        if case .closing(let end) = state, broadcasts.isEmpty {
          finish(end)
          continue
        }
        if advance(at: now) { continue }
      }
      guard isHandshaking, now >= handshakeDeadline else { return .wait(until: deadline) }
      finish(.handshakeTimeout)
    }
  }

  /// Writes a frame, the answer first, if there is one and the client has had time for the last.
  private mutating func transmit(at now: Instant, into buffer: inout [UInt8]) -> Bool {
    guard now >= nextWrite, queuedByteCount > 0 else { return false }
    if answer.isEmpty {
      guard broadcasts.takeFirst(into: &buffer) else { return false }
    } else {
      buffer.append(contentsOf: answer)
      answer.removeAll(keepingCapacity: answer.capacity <= 1_024)
    }
    nextWrite = now.advanced(by: configuration.writeGap)
    return true
  }

  private var deadline: Instant {
    var deadline = queuedByteCount > 0 ? nextWrite : Instant.distantFuture
    if isHandshaking { deadline = min(deadline, handshakeDeadline) }
    if let held { deadline = min(deadline, held.due) }
    return deadline
  }

  // MARK: for all parts of the session

  var isHandshaking: Bool {
    switch state {
    case .awaitingSYN, .opening, .awaitingHandshakeAck: true
    case .established, .closing, .ended: false
    }
  }

  private var isEnding: Bool {
    switch state {
    case .closing, .ended: true
    case .awaitingSYN, .opening, .awaitingHandshakeAck, .established: false
    }
  }

  /// Makes the answer to the frame that was decoded last.
  mutating func respond(
    _ type: ClassicType, sequence: UInt16, _ encodePayload: (inout [UInt8]) -> Void
  ) {
    scratch.removeAll(keepingCapacity: true)
    encodePayload(&scratch)
    encodeClassicFrame(type, sequence: sequence, payload: scratch, isLast: false, into: &answer)
  }

  /// Ends the session when the answer has been written; what others have said is not waited for.
  mutating func close(_ end: ClassicServerEnd) {
    broadcasts.removeAll()
    state = .closing(end)
  }

  /// Ends the session at once.
  private mutating func finish(_ end: ClassicServerEnd) {
    state = .ended(end)
    broadcasts.removeAll()
    answer = []
    announcements = []
    held = nil
    question = nil
    input = ClassicInput(payloadMax: 0, refusesLongFrames: true)
  }
}
