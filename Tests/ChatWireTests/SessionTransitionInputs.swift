import ChatWire
import Testing

/// The situations and inputs of the table of transitions.
enum SessionTransitions {
  /// A representative of a phase.
  struct Situation {
    let name: String
    let session: DrivenSession
  }

  /// Something that happens to a session.
  struct Input: Sendable {
    let name: String
    let happen: @Sendable (inout DrivenSession) throws -> Void

    init(_ name: String, _ happen: @escaping @Sendable (inout DrivenSession) throws -> Void) {
      self.name = name
      self.happen = happen
    }

    /// Bytes arrive.
    init(_ name: String, bytes: @escaping @Sendable (DrivenSession) -> [UInt8]) {
      self.init(name) { driven in
        let bytes = bytes(driven)
        driven.session.receive(bytes.span.bytes)
      }
    }

    init(_ name: String, _ bytes: [UInt8]) {
      self.init(name, bytes: { _ in bytes })
    }
  }

  // MARK: situations

  static func situations() throws -> [Situation] {
    var situations: [Situation] = []
    func add(
      _ name: String, _ session: DrivenSession,
      _ prepare: (inout DrivenSession) throws -> Void = { _ in }
    ) throws {
      var session = session
      try prepare(&session)
      _ = session.drain()
      situations.append(Situation(name: name, session: session))
    }
    try add("client, SYN sent", .client())
    let client = DrivenSession.establishedClient(roundTrip: .milliseconds(400))
    try addEstablished("client", client, peerFirst: 65_531, ownFirst: 1_001, add)
    try add("client, ended", client) { $0.session.fail(.shuttingDown, "") }

    // Without a grant a request stays without an answer.
    var listening = DrivenSession.server()
    listening.grant = nil
    try add("server, listening", listening)
    try add("server, deciding", listening) { _ = $0.take(syn) }
    try add("server, SYN received", .server()) { _ = $0.take(syn) }
    let server = DrivenSession.establishedServer(roundTrip: .milliseconds(400))
    try addEstablished("server", server, peerFirst: 1_001, ownFirst: 65_531, add)
    try add(
      "server, established, Selective Repeat, a frame kept",
      .establishedServer(mode: .selectiveRepeat, roundTrip: .milliseconds(400))
    ) { _ = $0.take(data(1_003, "kept")) }
    try add("server, lingering", server) {
      _ = $0.take(frame(.fin, 1_001, flags: 1))
      _ = $0.take(ack(65_531, next: 65_532))
    }
    try add("server, ended", server) { $0.session.fail(.shuttingDown, "") }
    return situations
  }

  private static func addEstablished(
    _ role: String, _ driven: DrivenSession, peerFirst: UInt16, ownFirst: UInt16,
    _ add: (String, DrivenSession, (inout DrivenSession) throws -> Void) throws -> Void
  ) throws {
    try add("\(role), established", driven) { _ in }
    try add("\(role), established, a message in flight", driven) {
      try $0.session.send(.data, Array("x".utf8))
    }
    try add("\(role), established, a message waits at a closed window", driven) {
      _ = $0.take(ack(ownFirst &- 1, next: ownFirst, window: 0))
      try $0.session.send(.data, Array("x".utf8))
    }
    try add("\(role), established, half a message received", driven) {
      _ = $0.take(data(peerFirst, "half ", isLast: false))
    }
    try add("\(role), established, FIN sent", driven) { $0.session.finish() }
    try add("\(role), established, FIN sent and acknowledged", driven) {
      $0.session.finish()
      _ = $0.drain()
      _ = $0.take(ack(ownFirst, next: ownFirst &+ 1))
    }
    try add("\(role), established, FIN sent and received", driven) {
      _ = $0.take(frame(.fin, peerFirst, flags: 1))
    }
  }

  private static let syn = frame(.syn, DrivenSession.clientSequence, synOptions())

  // MARK: inputs

  static let inputs: [Input] = handshake + sequenced + control + commands

  private static let handshake: [Input] = [
    Input("SYN", syn),
    Input("SYN, different", frame(.syn, 1_001, synOptions())),
    Input("SYN, version 2", frame(.syn, 1_000, synOptions(version: 2))),
    Input("SYN, malformed", frame(.syn, 1_000, [1])),
    Input("SYN, corrupt", corrupted(syn)),
    Input("SYN_ACK", frame(.synAck, DrivenSession.serverSequence, synAckOptions())),
    Input("SYN_ACK, foreign", frame(.synAck, 7, synAckOptions(acknowledges: 7))),
    Input("SYN_ACK, grants too much", frame(.synAck, 7, synAckOptions(window: 99))),
    Input("SYN_ACK, malformed", frame(.synAck, 7, [1])),
    Input("SYN_ACK, corrupt", corrupted(frame(.synAck, 7, synAckOptions()))),
    Input("HANDSHAKE_ACK", handshakeAck()),
    Input("HANDSHAKE_ACK, foreign", handshakeAck(session: [0, 0, 0, 0, 0, 0, 0, 0])),
    Input("HANDSHAKE_ACK, malformed", frame(.handshakeAck, 0)),
    Input("HANDSHAKE_ACK, corrupt", corrupted(handshakeAck())),
  ]

  /// A sequenced frame so far from what is expected next.
  private static func expected(
    _ name: String, _ type: FrameType, offset: UInt16 = 0, flags: UInt8 = 1,
    isCorrupt: Bool = false
  ) -> Input {
    Input(name) { driven in
      let next =
        driven.session.isEstablished
        ? driven.session.status.nextExpected.rawValue
        : driven.session.role == .client ? DrivenSession.serverSequence &+ 1 : 1_001
      let frame = frame(
        type, next &+ offset, type == .fin ? [] : Array("a".utf8), flags: flags)
      return isCorrupt ? corrupted(frame) : frame
    }
  }

  private static let sequenced: [Input] = [
    expected("DATA", .data),
    expected("DATA, not the last", .data, flags: 0),
    expected("DATA, duplicate", .data, offset: 65_535),
    expected("DATA, ahead", .data, offset: 2),
    expected("DATA, too far ahead", .data, offset: 1_000),
    expected("DATA, corrupt", .data, isCorrupt: true),
    expected("FIN", .fin),
    expected("FIN, corrupt", .fin, isCorrupt: true),
    expected("NICK", .nick), expected("WHO", .who),
    expected("ROSTER", .roster), expected("NOTICE", .notice),
    expected("extension", FrameType(rawValue: 0x40)),
  ]

  /// An acknowledgement so far from what is to be sent next.
  private static func answer(
    _ name: String, _ type: FrameType, offset: Int, window: UInt16 = 16, isCorrupt: Bool = false
  ) -> Input {
    Input(name) { driven in
      let next = driven.session.status.next.advanced(by: offset).rawValue
      let sequence = type == .ack ? next &- 1 : next
      let frame = frame(type, sequence, big(next) + big(window))
      return isCorrupt ? corrupted(frame) : frame
    }
  }

  private static let control: [Input] = [
    answer("ACK of everything", .ack, offset: 0),
    answer("ACK of everything, window 0", .ack, offset: 0, window: 0),
    answer("ACK, stale", .ack, offset: -9),
    answer("ACK, beyond", .ack, offset: 1),
    answer("ACK, corrupt", .ack, offset: 0, isCorrupt: true),
    Input("ACK, malformed", frame(.ack, 0, [1])),
    answer("NACK of the last frame", .nack, offset: -1),
    answer("NACK, stale", .nack, offset: -9),
    answer("NACK, beyond", .nack, offset: 1),
    Input("PING", frame(.ping, 0, [0, 0, 0, 0, 0, 0, 0, 42])),
    Input("PING, malformed", frame(.ping, 0, [1])),
    Input("PONG", frame(.pong, 0, [0, 0, 0, 0, 0, 0, 0, 42])),
    Input("ERROR", frame(.error, 0, [9])),
    Input("ERROR, corrupt", corrupted(frame(.error, 0, [9]))),
    Input("unknown type", frame(FrameType(rawValue: 0x99), 0, [1])),
    Input("part of a frame", [0, 0, 5]),
    Input("junk", [UInt8](repeating: 0xFF, count: 100)),
    Input("more than 1 MiB of junk", [UInt8](repeating: 0xFF, count: 1 << 20 + 100)),
    Input("end of file") { $0.session.endOfStream() },
  ]

  private static let commands: [Input] = [
    Input("send") { try $0.session.send(.data, Array("m".utf8)) },
    Input("send, wrong type") { try $0.session.send(.ack, []) },
    Input("finish") { $0.session.finish(reason: "bye") },
    Input("fail") { $0.session.fail(.internalError, "") },
    Input("accept") { $0.session.accept(SessionLoop.grant) },
    Input("refuse") { $0.session.refuse(.serverFull, "") },
    Input("close the window") { $0.session.limitReceiveWindow(to: 0) },
    Input("close and open the window") {
      $0.session.limitReceiveWindow(to: 0)
      $0.session.limitReceiveWindow(to: nil)
    },
    Input("nothing") { _ in },
    Input("the next deadline") { $0.now = max($0.now, min($0.deadline, latest)) },
    Input("a thousand seconds") { $0.now = latest },
  ]

  private static let latest = Instant.zero.advanced(by: .seconds(1_000))
}
