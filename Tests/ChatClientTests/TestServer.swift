import ChatPosix
import ChatWire

/// A small chat server in a thread, good enough to talk to, and easy to make fail.
///
/// One loop around `poll` over all its connections, in both dialects.
final class TestServer: Sendable {
  /// What a test can change while it runs.
  struct Behaviour: Sendable {
    var configuration = ServerConfiguration()
    /// Every session is refused with this.
    var refusal: (code: ErrorCode, text: String)?
    var isClosing = false
    /// All connections are closed without a word.
    var dropsConnections = false
    /// All sessions are told goodbye.
    var saysGoodbye = false
    /// Nothing is read or written.
    var isFrozen = false
  }

  let port: UInt16
  let behaviour: Locked<Behaviour>
  /// What was said, in order: by whom, and what.
  let heard = Locked<[(nickname: String, text: String)]>([])
  /// What is still to be said to everybody, by a member that nobody sees.
  private let announcements = Locked<[String]>([])
  private let wakeUp: WakeUp
  private let thread = Locked<ChatPosix.Thread?>(nil)

  init(port: UInt16 = 0, _ behaviour: Behaviour = Behaviour()) throws {
    let listener = try StreamListener(host: "127.0.0.1", port: port)
    self.port = listener.address().port
    self.behaviour = Locked(behaviour)
    wakeUp = try WakeUp()
    let loop = ServerLoop(self.behaviour, heard, announcements, wakeUp)
    let box = ListenerBox(listener)
    let started = try ChatPosix.Thread.start("test server") { loop.run(box) }
    thread.withLock { $0 = started }
  }

  deinit { stop() }

  func change(_ body: (inout Behaviour) -> Void) {
    behaviour.withLock { body(&$0) }
    wakeUp.signal()
  }

  /// Says something to everybody.
  func say(_ text: String) {
    announcements.withLock { $0.append(text) }
    wakeUp.signal()
  }

  /// Closes all connections and stops listening.
  func stop() {
    change { $0.isClosing = true }
    thread.withLock { thread in
      defer { thread = nil }
      return thread
    }?.join()
  }

  /// Waits until so many messages were heard, and returns them.
  func waitForMessages(_ count: Int) -> [String] {
    _ = heard.wait(untilNanoseconds: Clock.monotonicNanoseconds() + 30_000_000_000) {
      $0.count >= count ? true : nil
    }
    return heard.withLock { $0.map(\.text) }
  }
}

/// Carries a listener into a thread.
private final class ListenerBox: Sendable {
  let listener: StreamListener

  init(_ listener: consuming StreamListener) {
    self.listener = listener
  }
}

/// One connection of the server.
private final class Peer {
  let socket: StreamSocket
  let id: RoomMemberID
  var recogniser = DialectRecogniser(checksum: CRC32())
  var native: Session?
  var classic: ClassicServerSession?
  var output: [UInt8] = []
  var isOver = false

  init(_ socket: consuming StreamSocket, id: RoomMemberID) {
    self.socket = socket
    self.id = id
  }
}

/// The thread's own state: nobody else reaches it.
private final class ServerLoop: @unchecked Sendable {
  // Unchecked: made by one thread, used by the one that it starts.
  private let behaviour: Locked<TestServer.Behaviour>
  private let heard: Locked<[(nickname: String, text: String)]>
  private let announcements: Locked<[String]>
  private let wakeUp: WakeUp
  private var room = Room(welcome: nil)
  private var peers: [Peer] = []
  private var peerCount: UInt64 = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(
    _ behaviour: Locked<TestServer.Behaviour>,
    _ heard: Locked<[(nickname: String, text: String)]>, _ announcements: Locked<[String]>,
    _ wakeUp: WakeUp
  ) {
    (self.behaviour, self.heard) = (behaviour, heard)
    (self.announcements, self.wakeUp) = (announcements, wakeUp)
  }

  private var now: Instant { Instant(nanoseconds: Clock.monotonicNanoseconds()) }

  func run(_ box: ListenerBox) {
    while true {
      let wanted = behaviour.withLock { $0 }
      if wanted.isClosing { return peers.forEach { $0.socket.shutDown() } }
      if wanted.dropsConnections {
        for peer in peers { end(peer) }
        behaviour.withLock { $0.dropsConnections = false }
      }
      if wanted.saysGoodbye {
        for peer in peers { peer.native?.finish(reason: "going home") }
        behaviour.withLock { $0.saysGoodbye = false }
      }
      announce()
      var deadline = now.advanced(by: .seconds(1))
      if !wanted.isFrozen {
        for peer in peers { deadline = min(deadline, drive(peer)) }
        // What one has said is for the others.
        for peer in peers { deadline = min(deadline, drive(peer)) }
      }
      peers.removeAll { $0.isOver }
      wait(box, until: deadline, isFrozen: wanted.isFrozen)
    }
  }

  private func announce() {
    let texts = announcements.withLock { texts in
      defer { texts = [] }
      return texts
    }
    for text in texts {
      let broadcast = Broadcast(sentAtMilliseconds: 1_000, nickname: "server", text: text)
      hand([RoomDelivery(to: .all, .broadcast(broadcast))])
    }
  }

  private func wait(_ box: ListenerBox, until deadline: Instant, isFrozen: Bool) {
    var entries = [
      Poll.Entry(box.listener.pollDescriptor, .readable),
      Poll.Entry(wakeUp.pollDescriptor, .readable),
    ]
    for peer in peers {
      entries.append(
        Poll.Entry(
          isFrozen ? -1 : peer.socket.rawValue,
          peer.output.isEmpty ? .readable : [.readable, .writable]))
    }
    Poll.wait(for: &entries, nanoseconds: max(0, now.nanoseconds(to: deadline)))
    wakeUp.clear()
    for (peer, entry) in zip(peers, entries.dropFirst(2)) where !entry.result.isEmpty {
      read(peer)
    }
    if case .connection(let socket, _) = box.listener.accept() {
      peerCount += 1
      peers.append(Peer(socket, id: RoomMemberID(rawValue: peerCount)))
    }
  }

  private func read(_ peer: Peer) {
    switch peer.socket.read(into: &buffer) {
    case .bytes(let count): receive(peer, Array(buffer[..<count]))
    case .wouldBlock: break
    case .endOfStream, .failed:
      if peer.native == nil, peer.classic == nil { end(peer) }
      peer.native?.endOfStream()
      peer.classic?.endOfStream()
    }
  }

  private func receive(_ peer: Peer, _ bytes: [UInt8]) {
    if peer.native != nil || peer.classic != nil {
      peer.native?.receive(bytes.span.bytes)
      peer.classic?.receive(bytes.span.bytes)
      return
    }
    guard case .found(let dialect, _) = peer.recogniser.receive(bytes.span.bytes) else { return }
    let first = Array(peer.recogniser.sessionBytes)
    switch dialect {
    case .native:
      let configuration = behaviour.withLock { $0.configuration }
      peer.native = Session(server: configuration, checksum: CRC32(), at: now)
      peer.native?.receive(first.span.bytes)
    case .classic:
      peer.classic = ClassicServerSession(seed: 1, at: now)
      peer.classic?.receive(first.span.bytes)
    }
  }

  // MARK: sessions

  /// Does what a session wants until it waits, and returns until when.
  private func drive(_ peer: Peer) -> Instant {
    var deadline = Instant.distantFuture
    while !peer.isOver, flush(peer) {
      let moment = peer.native != nil ? stepNative(peer) : stepClassic(peer)
      guard let moment else { continue }
      deadline = moment
      break
    }
    _ = flush(peer)
    return deadline
  }

  /// Writes what waits; false if something is left.
  private func flush(_ peer: Peer) -> Bool {
    while !peer.output.isEmpty {
      guard case .bytes(let count) = peer.socket.write(peer.output) else { return false }
      peer.output.removeFirst(count)
    }
    return true
  }

  private func stepNative(_ peer: Peer) -> Instant? {
    guard let output = peer.native?.nextOutput(at: now, into: &peer.output) else {
      return .distantFuture
    }
    switch output {
    case .transmit, .oversized: break
    case .request(let options): answer(peer, options)
    case .established: hand(room.established(peer.id))
    case .deliver(.data, let bytes): say(peer, bytes)
    case .deliver(.nick, let bytes): hand(room.nickname(from: peer.id, bytes))
    case .deliver(.who, _): hand(room.roster(for: peer.id, at: now))
    case .deliver: break
    case .peerFinished(let reason): hand(room.leave(peer.id, reason: reason))
    case .wait(let moment): return moment
    case .ended:
      _ = flush(peer)
      end(peer)
    }
    return nil
  }

  private func answer(_ peer: Peer, _ options: HandshakeOptions) {
    if let refusal = behaviour.withLock({ $0.refusal }) {
      peer.native?.refuse(refusal.code, refusal.text)
      return
    }
    let profile = RoomProfile(
      dialect: .native, mode: options.arqMode ?? .goBackN, window: options.window ?? 1,
      fragment: options.fragment ?? 1)
    let joined = room.join(peer.id, profile, wanted: options.nickname, at: now)
    peer.native?.accept(
      SessionGrant(
        nickname: joined.nickname.value, sessionID: Array(repeating: 7, count: 8),
        initialSequence: SequenceNumber(500)))
  }

  private func stepClassic(_ peer: Peer) -> Instant? {
    guard let output = peer.classic?.nextOutput(at: now, into: &peer.output) else {
      return .distantFuture
    }
    switch output {
    case .transmit, .discarded, .channelConfigured: break
    case .opening(let parameters):
      _ = room.join(peer.id, RoomProfile(parameters), at: now)
      peer.classic?.accept(sessionID: "deadbeef")
    case .established: hand(room.established(peer.id))
    case .text(let bytes): say(peer, bytes)
    case .nicknameWanted(let name): hand(room.nickname(from: peer.id, Array(name.utf8)))
    case .namesWanted: hand(room.roster(for: peer.id, at: now))
    case .wait(let moment): return moment
    case .ended:
      _ = flush(peer)
      end(peer)
    }
    return nil
  }

  private func say(_ peer: Peer, _ bytes: [UInt8]) {
    let nickname = room.member(peer.id)?.nickname.value ?? "?"
    heard.change { $0.append((nickname, String(decoding: bytes, as: UTF8.self))) }
    hand(room.text(from: peer.id, bytes, sentAtMilliseconds: 1_000))
  }

  private func hand(_ deliveries: [RoomDelivery]) {
    for delivery in deliveries {
      let (type, payload) = delivery.message.encoded()
      let classic = delivery.message.classicForm()
      var recipients: [UInt64] = []
      room.forEachRecipient(of: delivery) { recipients.append($0.id.rawValue) }
      for peer in peers where recipients.contains(peer.id.rawValue) {
        try? peer.native?.send(type, payload)
        switch classic {
        case .broadcast(let frames): peer.classic?.broadcast(frames)
        case .nickname(let name): peer.classic?.giveNickname(name)
        case .names(let names): peer.classic?.list(names)
        case .nothing: break
        }
      }
    }
  }

  private func end(_ peer: Peer) {
    guard !peer.isOver else { return }
    peer.isOver = true
    hand(room.leave(peer.id))
    peer.socket.shutDown()
  }
}
