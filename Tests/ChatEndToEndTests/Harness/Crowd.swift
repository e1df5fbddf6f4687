import ChatPosix
import ChatWire
import TestSupport

/// Many native clients without processes of their own: their sessions are driven by the thread of
/// the test.
final class Crowd {
  private let port: UInt16
  private let checksum = CRC32()
  private var members: [Member] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var generator = SeededGenerator(seed: 4)

  init(port: UInt16) {
    self.port = port
    _ = ProcessLimits.raiseOpenFiles()
  }

  /// One client.
  final class Member {
    fileprivate var socket: StreamSocket?
    fileprivate var session: Session
    fileprivate var output: [UInt8] = []
    fileprivate var deadline = Instant.zero
    private(set) var parameters: SessionParameters?
    /// What others have said.
    private(set) var messages: [Broadcast] = []
    /// What the server has told, but for comings and goings.
    private(set) var notices: [Notice] = []
    private(set) var joinedCount = 0
    private(set) var leftCount = 0
    private(set) var roster: Roster?
    private(set) var outcome: SessionOutcome?

    fileprivate init(socket: consuming StreamSocket, session: Session) {
      self.socket = consume socket
      self.session = session
    }

    /// Says something.
    func say(_ text: String) throws { try session.send(.data, Array(text.utf8)) }

    /// Sends what every server acknowledges and discards.
    ///
    /// Once it is acknowledged, the server knows that this client is here, and only then it hears
    /// the others: a client's handshake is complete a little before the server's.
    func announce() throws { try session.send(FrameType(rawValue: 0x40), []) }

    /// Asks who is here.
    func who() throws { try session.send(.who, []) }

    /// Says goodbye.
    func leave() { session.finish() }

    var isAllAcknowledged: Bool { session.isAllAcknowledged }

    fileprivate func take(_ output: SessionOutput) throws {
      switch output {
      case .established(let parameters): self.parameters = parameters
      case .deliver(.data, let bytes):
        messages.append(try Broadcast(decoding: bytes.span.bytes))
      case .deliver(.roster, let bytes): roster = try Roster(decoding: bytes.span.bytes)
      case .deliver(.notice, let bytes):
        switch Notice(try CodedText(decoding: bytes.span.bytes)) {
        case .joined: joinedCount += 1
        case .left: leftCount += 1
        case let other: notices.append(other)
        }
      case .ended(let outcome): self.outcome = outcome
      case .deliver, .transmit, .request, .oversized, .peerFinished, .wait: break
      }
    }
  }

  /// Connects one more, whose handshake `run` completes.
  func join(
    nickname: String? = nil, mode: ARQMode = .goBackN, window: Int = 16, fragment: Int = 1_024
  ) throws -> Member {
    let socket = try StreamSocket.connect(
      host: "127.0.0.1", port: port, timeoutNanoseconds: Int64(patience * 1e9))
    var configuration = ClientConfiguration()
    configuration.mode = mode
    configuration.windowSize = window
    configuration.fragmentSizeMax = fragment
    configuration.nickname = nickname
    let isn = SequenceNumber(UInt16(truncatingIfNeeded: generator.next()))
    let member = Member(
      socket: socket,
      session: Session(
        client: configuration, initialSequence: isn, checksum: checksum, at: Self.now()))
    members.append(member)
    return member
  }

  /// Connects one more, and goes on when the server knows that it is here.
  ///
  /// Only then it hears the others: a client's handshake is complete a little before the server's.
  func enter(
    nickname: String? = nil, mode: ARQMode = .goBackN, window: Int = 16, fragment: Int = 1_024
  ) throws -> Member {
    let member = try join(nickname: nickname, mode: mode, window: window, fragment: fragment)
    try member.announce()
    try run(until: "\(nickname ?? "a guest") is here") {
      member.parameters != nil && member.isAllAcknowledged
    }
    return member
  }

  /// Drives all of them until something is so.
  func run(until what: String, seconds: Double = patience, _ isSo: () -> Bool) throws {
    let end = Self.now().advanced(byNanoseconds: Int64(seconds * 1e9))
    while true {
      let now = Self.now()
      for member in members { try drive(member, at: now) }
      if isSo() { return }
      members.removeAll { $0.outcome != nil }
      var entries = members.map { member in
        Poll.Entry(
          member.socket?.rawValue ?? -1,
          member.output.isEmpty ? .readable : [.readable, .writable])
      }
      let next = members.map(\.deadline).min() ?? now
      Poll.wait(for: &entries, nanoseconds: min(now.nanoseconds(to: next), 100_000_000))
      for (member, entry) in zip(members, entries) where !entry.result.isEmpty {
        read(member)
      }
      guard now < end else { throw TestFailure("\(what): not within \(Int(seconds)) s") }
    }
  }

  private static func now() -> Instant { Instant(nanoseconds: Clock.monotonicNanoseconds()) }

  private func read(_ member: Member) {
    switch member.socket?.read(into: &buffer) {
    case .bytes(let count):
      let bytes = Array(buffer[..<count])
      member.session.receive(bytes.span.bytes)
    case .endOfStream, .failed: member.session.endOfStream()
    case .wouldBlock, nil: return
    }
    member.deadline = .zero
  }

  private func drive(_ member: Member, at now: Instant) throws {
    guard member.outcome == nil else { return }
    while true {
      let output = member.session.nextOutput(at: now, into: &member.output)
      try member.take(output)
      if case .wait(let moment) = output { member.deadline = moment }
      switch output {
      case .wait, .ended: break
      default: continue
      }
      break
    }
    write(member)
    if member.outcome != nil { member.socket = nil }
  }

  private func write(_ member: Member) {
    var done = 0
    while done < member.output.count,
      case .bytes(let count)? = member.socket?.write(member.output, from: done)
    {
      done += count
    }
    member.output.removeFirst(done)
  }
}
