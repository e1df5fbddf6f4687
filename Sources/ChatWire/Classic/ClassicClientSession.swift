/// The client's half of a classic session (PROTOCOL.md 9.3), fit for the original server: bytes,
/// commands and the time go in, frames and events come out.
///
/// A driver with one connection does this whenever bytes arrived, a command was given, or the
/// moment of the last `wait` has come; the first time, it makes the SYN:
///
///     session.receive(bytes)                  // or session.endOfStream()
///     drain: while true {
///       switch session.nextOutput(at: now, into: &buffer) {
///       case .transmit: ...                   // write the buffer with one call, empty it
///       case .wait(let moment): ...           // sleep until then
///         break drain
///       case .ended(let end): ...             // close the connection
///         break drain
///       case .broadcast(let nickname, let text): ...
///       default: ...                          // whatever else is worth showing
///       }
///     }
///
/// Stop-and-wait: commands are carried out in the order in which they were given, and nothing is
/// sent while a fragment, a nickname, a list or a goodbye waits for its answer. One frame is kept,
/// the one that waits; it is sent again on NACK and never on a guess, because the original server
/// appends a fragment as often as it gets it.
///
/// Total: no input traps. Bounded: `wantsInput` says when to stop reading, `queuedByteCount` how
/// much was given that the server has not acknowledged.
public struct ClassicClientSession: Sendable {
  /// How far a session has come.
  public enum State: Sendable, Hashable {
    /// SYN is not sent yet, or not answered.
    case awaitingAnswer
    /// HANDSHAKE_ACK is sent; waiting for the first list, which shows that the server reads.
    case awaitingNames
    /// In the room.
    case established
    /// DISCONNECT is sent.
    case leaving
    /// Over.
    case ended(ClassicClientEnd)
  }

  /// What was sent last, and waits for its answer.
  enum Exchange: Sendable, Equatable {
    case syn
    /// Waits for time to pass, not for an answer.
    case handshakeAck
    /// A LIST_REQUEST of the handshake.
    case firstNames
    case fragment(UInt16)
    case nickname
    case names
    case disconnect
  }

  /// What the application wants sent.
  enum Order: Sendable {
    case message(UInt64, [UInt8])
    case nickname(String)
    case names
    case channel(ClassicChannelConfig)
    case disconnect
  }

  /// A message of which fragments are left to send.
  struct Message: Sendable {
    var number: UInt64
    var bytes: [UInt8]
    /// Bytes sent.
    var offset = 0
    /// Fragments sent.
    var fragmentCount = 0
  }

  /// How far it has come.
  public internal(set) var state = State.awaitingAnswer
  /// What holds: what was asked for, until the server has answered.
  public internal(set) var parameters: ClassicParameterSet
  /// The name that the server has given the session.
  public internal(set) var sessionID: String?
  /// How often the frame that waits for its answer was sent again.
  public internal(set) var retryCount = 0
  /// Bytes of commands that were not carried out, and of the frame that waits for its answer.
  public internal(set) var queuedByteCount = 0
  /// Messages that were given and neither delivered nor reported as unsendable.
  public internal(set) var undeliveredMessageCount = 0

  let configuration: ClassicClientConfiguration
  var input = ClassicInput(payloadMax: FrameLimits.classicPayloadMax, refusesLongFrames: false)
  var exchange: Exchange? = .syn
  /// The frame that was sent last or is to be sent next.
  var frame: [UInt8] = []
  /// True if `frame` is to be sent.
  var isFrameDue = false
  /// When the exchange has waited long enough.
  var deadline = Instant.distantFuture
  var handshakeDeadline = Instant.distantFuture
  var message: Message?
  var announcements: [ClassicClientOutput] = []
  private var orders: [Order] = []
  private var nextOrder = 0
  private var messageCount: UInt64 = 0
  private var isDisconnecting = false
  private var scratch: [UInt8] = []

  /// A session on a connection that has just been made.
  public init(_ configuration: ClassicClientConfiguration = ClassicClientConfiguration()) {
    self.configuration = configuration
    parameters = configuration.parameters
    let asked = configuration.parameters
    makeFrame(.syn) {
      ClassicSYN.encode(
        mode: asked.mode, fragmentCharacters: asked.fragmentCharacters, window: asked.window,
        into: &$0)
    }
  }

  /// How long an answer is waited for.
  public var silenceLimit: Duration { configuration.silenceLimit }

  // MARK: what arrives

  /// Keeps bytes that have arrived.
  public mutating func receive(_ bytes: RawSpan) {
    if case .ended = state { return }
    input.receive(bytes)
  }

  /// Nothing more will arrive: what is here is dealt with, then the session ends.
  public mutating func endOfStream() {
    input.end()
  }

  /// False while enough is here for the longest frame: reading more would only fill memory.
  public var wantsInput: Bool {
    if case .ended = state { return false }
    return input.wantsBytes
  }

  // MARK: commands

  /// Sends a text; its number, which `delivered` will name, or nil if it cannot be sent: it is
  /// empty, or the session is ending.
  @discardableResult
  public mutating func send(_ text: String) -> UInt64? {
    // "An empty text sends nothing."
    guard isOpen, !text.isEmpty else { return nil }
    messageCount += 1
    undeliveredMessageCount += 1
    queuedByteCount += text.utf8.count
    orders.append(.message(messageCount, [UInt8](text.utf8)))
    return messageCount
  }

  /// Asks for a nickname; the answer is `nickname`.
  public mutating func setNickname(_ nickname: String) {
    guard isOpen else { return }
    queuedByteCount += nickname.utf8.count
    orders.append(.nickname(nickname))
  }

  /// Asks who is here; the answer is `names`.
  public mutating func requestNames() {
    guard isOpen else { return }
    orders.append(.names)
  }

  /// Tells the server how to mistreat what it gets; it never answers.
  public mutating func configureChannel(_ config: ClassicChannelConfig) {
    guard isOpen else { return }
    orders.append(.channel(config))
  }

  /// Says goodbye when all commands before have been carried out.
  public mutating func disconnect() {
    guard isOpen else { return }
    isDisconnecting = true
    orders.append(.disconnect)
  }

  private var isOpen: Bool {
    if case .ended = state { return false }
    return !isDisconnecting
  }

  // MARK: outputs

  /// What is to be done next; call it until it says `wait` or `ended`.
  public mutating func nextOutput(
    at now: Instant, into buffer: inout [UInt8]
  ) -> ClassicClientOutput {
    while true {
      if case .ended(let end) = state { return .ended(end) }
      if !announcements.isEmpty { return announcements.removeFirst() }
      if isFrameDue {
        buffer.append(contentsOf: frame)
        frameSent(at: now)
        return .transmit
      }
      if state == .established, exchange == nil, startNext() { continue }
      if advance() { continue }
      if timePassed(now) { continue }
      return .wait(until: min(deadline, isHandshaking ? handshakeDeadline : .distantFuture))
    }
  }

  // MARK: sending

  /// Makes the frame that is to be sent next.
  mutating func makeFrame(
    _ type: ClassicType, sequence: UInt16 = 0, isLast: Bool = false,
    _ encodePayload: (inout [UInt8]) -> Void
  ) {
    scratch.removeAll(keepingCapacity: true)
    encodePayload(&scratch)
    frame.removeAll(keepingCapacity: true)
    encodeClassicFrame(type, sequence: sequence, payload: scratch, isLast: isLast, into: &frame)
    isFrameDue = true
    retryCount = 0
  }

  /// The frame is written: its time runs from now.
  private mutating func frameSent(at now: Instant) {
    isFrameDue = false
    switch exchange {
    case .syn:
      if handshakeDeadline == .distantFuture {
        handshakeDeadline = now.advanced(by: configuration.handshakeLimit)
      }
      deadline = .distantFuture
    case .handshakeAck: deadline = now.advanced(by: configuration.listDelay)
    case .firstNames: deadline = now.advanced(by: configuration.listInterval)
    case .fragment, .nickname, .names, .disconnect:
      deadline = now.advanced(by: configuration.silenceLimit)
    case nil: deadline = .distantFuture
    }
  }

  /// Begins with what is to be sent next; false if there is nothing.
  private mutating func startNext() -> Bool {
    if message != nil {
      sendFragment()
      return true
    }
    guard nextOrder < orders.count else { return false }
    let order = orders[nextOrder]
    nextOrder += 1
    if nextOrder == orders.count {
      orders.removeAll(keepingCapacity: nextOrder <= 64)
      nextOrder = 0
    }
    carryOut(order)
    return true
  }

  private mutating func carryOut(_ order: Order) {
    switch order {
    case .message(let number, let bytes):
      let count = ClassicCut.pieceCount(
        of: bytes, characterCountMax: parameters.fragmentCharacters,
        byteCountMax: configuration.fragmentByteCountMax)
      guard count <= Int(UInt16.max) + 1 else {
        queuedByteCount -= bytes.count
        undeliveredMessageCount -= 1
        announcements.append(.unsendable(message: number))
        return
      }
      message = Message(number: number, bytes: bytes)
    case .nickname(let nickname):
      queuedByteCount -= nickname.utf8.count
      makeFrame(.setNick) { $0 += nickname.utf8 }
      exchange = .nickname
    case .names:
      makeFrame(.listRequest) { $0 += "{}".utf8 }
      exchange = .names
    case .channel(let config): makeFrame(.channelConfig) { config.encode(into: &$0) }
    case .disconnect:
      makeFrame(.disconnect) { $0 += "Disconnect".utf8 }
      exchange = .disconnect
      state = .leaving
    }
  }

  /// Sends the next fragment of the message; "every fragment is valid UTF-8 by itself".
  private mutating func sendFragment() {
    guard var message = message.take() else { return }
    let start = message.offset
    let end = ClassicCut.end(
      of: message.bytes, from: start, characterCountMax: parameters.fragmentCharacters,
      byteCountMax: configuration.fragmentByteCountMax)
    let sequence = UInt16(truncatingIfNeeded: message.fragmentCount)
    makeFrame(.data, sequence: sequence, isLast: end == message.bytes.count) {
      $0 += message.bytes[start..<end]
    }
    message.offset = end
    message.fragmentCount += 1
    self.message = message
    exchange = .fragment(sequence)
  }
}
