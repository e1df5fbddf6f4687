import ChatPosix
import ChatWire
import TestSupport

/// A server whose clients hear what they themselves have said, and nobody else: with a real one,
/// the comings and goings of a crowd are told to all of it, which takes much longer than it shows.
final class EchoServer {
  /// Where it listens.
  let port: UInt16
  private let state: Locked<State>
  private let thread: ChatPosix.Thread

  /// What became of the sessions so far.
  struct State {
    var heardCount = 0
    var endings: [SessionEnding] = []
    fileprivate var isStopping = false
  }

  init() throws {
    _ = ProcessLimits.raiseOpenFiles()
    let place = try EchoPlace()
    port = place.listener.address().port
    let state = Locked(State())
    self.state = state
    thread = try ChatPosix.Thread.start("echo") {
      var loop = EchoLoop(place: place, state: state)
      loop.run()
    }
  }

  deinit {
    state.withLock { $0.isStopping = true }
    thread.join()
  }

  /// What became of the sessions so far.
  var sessions: State { state.withLock { $0 } }
}

/// Where an echo server listens; a thread cannot be given what cannot be copied.
private final class EchoPlace: Sendable {
  let listener: StreamListener

  init() throws {
    listener = try StreamListener(host: "127.0.0.1", port: 0)
  }
}

private struct EchoLoop: ~Copyable {
  let place: EchoPlace
  let state: Locked<EchoServer.State>
  private let checksum = CRC32()
  private var members: [EchoMember] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(place: EchoPlace, state: Locked<EchoServer.State>) {
    self.place = place
    self.state = state
  }

  mutating func run() {
    while !state.withLock({ $0.isStopping }) {
      var entries = [Poll.Entry(place.listener.pollDescriptor, .readable)]
      for member in members { entries.append(member.entry) }
      let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
      let next = members.map(\.deadline).min() ?? .distantFuture
      Poll.wait(for: &entries, nanoseconds: min(now.nanoseconds(to: next), 100_000_000))
      for (member, entry) in zip(members, entries.dropFirst()) where !entry.result.isEmpty {
        member.read(into: &buffer)
      }
      if !entries[0].result.isEmpty { accept() }
      let later = Instant(nanoseconds: Clock.monotonicNanoseconds())
      for member in members { member.drive(at: later, state) }
      members.removeAll { $0.isOver }
    }
  }

  private mutating func accept() {
    while case .connection(let socket, _) = place.listener.accept() {
      var configuration = ServerConfiguration()
      configuration.fragmentSizeMax = 1_024
      members.append(
        EchoMember(
          socket: socket,
          session: Session(
            server: configuration, checksum: checksum,
            at: Instant(nanoseconds: Clock.monotonicNanoseconds()))))
    }
  }
}

private final class EchoMember {
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
    case .endOfStream, .failed: session.endOfStream()
    case .wouldBlock, nil: return
    }
    deadline = .zero
  }

  func drive(at now: Instant, _ state: Locked<EchoServer.State>) {
    drain: while !isOver, deadline <= now {
      switch session.nextOutput(at: now, into: &output) {
      case .request:
        session.accept(
          SessionGrant(
            nickname: "guest", sessionID: [1, 2, 3], initialSequence: SequenceNumber(60_000)))
      case .deliver(.data, let text):
        state.withLock { $0.heardCount += 1 }
        var payload: [UInt8] = []
        let answer = Broadcast(
          sentAtMilliseconds: 1, nickname: "echo", text: String(decoding: text, as: UTF8.self))
        if answer.encode(into: &payload) { try? session.send(.data, payload) }
      case .peerFinished: session.finish()
      case .wait(let moment):
        deadline = moment
        break drain
      case .ended(let outcome):
        state.withLock { $0.endings.append(outcome.ending) }
        isOver = true
      case .deliver, .transmit, .established, .oversized: break
      }
    }
    write()
    if isOver { socket = nil }
  }

  private func write() {
    var done = 0
    while done < output.count, case .bytes(let count)? = socket?.write(output, from: done) {
      done += count
    }
    output.removeFirst(done)
  }
}
