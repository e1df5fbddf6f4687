import ChatPosix
import ChatWire
import TestSupport

/// A chat room without notices, which can be made to do one thing wrong.
final class RoomServer {
  /// What it does wrong, always with the second broadcast.
  enum Bug: Sendable {
    case none
    /// It changes the text.
    case changesText
    /// It leaves the broadcast out.
    case leavesOut
    /// It sends the broadcast behind the next one.
    case swaps
    /// It closes all connections instead.
    case closes
    /// It resets all connections instead.
    case resets
    /// It takes and acknowledges everything, and says nothing.
    case saysNothing
    /// It does not even answer.
    case answersNothing
    /// It says something again and again.
    case floods
  }

  /// What has happened so far.
  struct State: Sendable {
    /// `NAME: TEXT`, in the order in which messages were whole here.
    var heard: [String] = []
    var endings: [SessionEnding] = []
    var connectionCount = 0
    fileprivate var isStopping = false
  }

  /// Where it listens.
  let port: UInt16
  private let state: Locked<State>
  private let thread: ChatPosix.Thread

  init(_ bug: Bug = .none) throws {
    let place = try RoomPlace()
    port = place.listener.address().port
    let state = Locked(State())
    self.state = state
    thread = try ChatPosix.Thread.start("room") {
      var loop = RoomLoop(place: place, state: state, bug: bug)
      loop.run()
    }
  }

  deinit {
    state.withLock { $0.isStopping = true }
    thread.join()
  }

  /// Does something while the server is there.
  func whileOpen<Result>(_ body: (UInt16) throws -> Result) rethrows -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(port)
  }

  /// What has happened so far.
  var seen: State { state.withLock { $0 } }
}

/// Where a room listens; a thread cannot be given what cannot be copied.
private final class RoomPlace: Sendable {
  let listener: StreamListener

  init() throws {
    listener = try StreamListener(host: "127.0.0.1", port: 0)
  }
}

private struct RoomLoop: ~Copyable {
  let place: RoomPlace
  let state: Locked<RoomServer.State>
  let bug: RoomServer.Bug
  private let checksum = CRC32()
  private var members: [RoomMember] = []
  private var broadcastCount = 0
  private var late: (member: ObjectIdentifier, text: [UInt8])?
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(place: RoomPlace, state: Locked<RoomServer.State>, bug: RoomServer.Bug) {
    self.place = place
    self.state = state
    self.bug = bug
  }

  mutating func run() {
    while !state.withLock({ $0.isStopping }) {
      var entries = [Poll.Entry(place.listener.pollDescriptor, .readable)]
      for member in members { entries.append(member.entry) }
      let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
      let next = members.map(\.deadline).min() ?? .distantFuture
      Poll.wait(for: &entries, nanoseconds: min(max(0, now.nanoseconds(to: next)), 50_000_000))
      for (member, entry) in zip(members, entries.dropFirst()) where !entry.result.isEmpty {
        member.read(into: &buffer)
      }
      if !entries[0].result.isEmpty { accept() }
      guard bug != .answersNothing else { continue }
      let later = Instant(nanoseconds: Clock.monotonicNanoseconds())
      for member in members { drive(member, at: later) }
      members.removeAll { $0.isOver }
    }
  }

  private mutating func accept() {
    while case .connection(let socket, _) = place.listener.accept() {
      state.withLock { $0.connectionCount += 1 }
      members.append(
        RoomMember(
          socket: socket,
          session: Session(
            server: ServerConfiguration(), checksum: checksum,
            at: Instant(nanoseconds: Clock.monotonicNanoseconds()))))
    }
  }

  private mutating func drive(_ member: RoomMember, at now: Instant) {
    for output in member.drive(at: now) {
      switch output {
      case .deliver(.data, let text):
        state.withLock {
          $0.heard.append("\(member.nickname): \(String(decoding: text, as: UTF8.self))")
        }
        broadcast(text, from: member)
      case .deliver(.who, _) where bug != .saysNothing: member.sayWhoIsHere()
      case .established where bug == .floods: member.isFlooding = true
      case .ended(let outcome): state.withLock { $0.endings.append(outcome.ending) }
      default: break
      }
    }
    if member.isFlooding { member.say(Array("flood".utf8), from: "x") }
    member.write()
  }

  private mutating func broadcast(_ text: [UInt8], from sender: RoomMember) {
    if bug == .saysNothing { return }
    broadcastCount += 1
    if broadcastCount == 2 {
      switch bug {
      case .changesText:
        send(Array("something else".utf8), from: sender)
        return
      case .leavesOut: return
      case .swaps:
        late = (ObjectIdentifier(sender), text)
        return
      case .closes, .resets:
        for member in members { member.close(isReset: bug == .resets) }
        return
      case .none, .saysNothing, .answersNothing, .floods: break
      }
    }
    send(text, from: sender)
    if let late, let author = members.first(where: { ObjectIdentifier($0) == late.member }) {
      self.late = nil
      send(late.text, from: author)
    }
  }

  private func send(_ text: [UInt8], from sender: RoomMember) {
    for member in members where member !== sender { member.say(text, from: sender.nickname) }
  }
}

private final class RoomMember {
  private(set) var nickname = "guest"
  var isFlooding = false
  private var socket: StreamSocket?
  private var session: Session
  private var output: [UInt8] = []
  private(set) var deadline = Instant.zero
  private(set) var isOver = false

  init(socket: consuming StreamSocket, session: Session) {
    self.socket = consume socket
    self.session = session
  }

  var entry: Poll.Entry {
    Poll.Entry(socket?.rawValue ?? -1, output.isEmpty ? .readable : [.readable, .writable])
  }

  func read(into buffer: inout [UInt8]) {
    switch socket?.read(into: &buffer) {
    case .bytes(let count):
      let bytes = Array(buffer[..<count])
      session.receive(bytes.span.bytes)
    case .endOfStream, .failed:
      session.endOfStream()
    case .wouldBlock, nil: return
    }
    deadline = .zero
  }

  /// What the session wants others to know.
  func drive(at now: Instant) -> [SessionOutput] {
    var outputs: [SessionOutput] = []
    while !isOver {
      let step = session.nextOutput(at: now, into: &output)
      switch step {
      case .request(let options):
        nickname = options.nicknameText ?? "guest"
        session.accept(
          SessionGrant(
            nickname: nickname, sessionID: [1, 2, 3], initialSequence: SequenceNumber(60_000)))
      case .wait(let moment):
        deadline = moment
        return outputs
      case .ended:
        outputs.append(step)
        write()
        isOver = true
        socket = nil
      case .deliver, .established: outputs.append(step)
      case .transmit, .oversized, .peerFinished: break
      }
    }
    return outputs
  }

  func say(_ text: [UInt8], from nickname: String) {
    guard session.isEstablished, session.queuedByteCount < 1 << 20 else { return }
    var payload: [UInt8] = []
    let milliseconds = UInt64(Clock.realNanoseconds() / 1_000_000)
    let broadcast = Broadcast(
      sentAtMilliseconds: milliseconds, nickname: nickname,
      text: String(decoding: text, as: UTF8.self))
    if broadcast.encode(into: &payload) { try? session.send(.data, payload) }
    deadline = .zero
  }

  /// Nobody, as far as this room knows.
  func sayWhoIsHere() {
    try? session.send(.roster, [0, 0])
    deadline = .zero
  }

  func close(isReset: Bool) {
    if isReset { socket?.resetOnClose() }
    socket = nil
    isOver = true
  }

  func write() {
    var done = 0
    while done < output.count, case .bytes(let count)? = socket?.write(output, from: done) {
      done += count
    }
    output.removeFirst(done)
  }
}
