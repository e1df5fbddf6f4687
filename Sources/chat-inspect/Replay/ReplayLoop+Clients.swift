internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// Live clients of a server that is played: which recorded one each of them plays, and what they get
// that ask for more than was recorded.

/// Where live clients connect to.
///
/// A class, because several replays use it, one after the other.
final class ReplayListener {
  private let listener: StreamListener
  var pollDescriptor: Int32 { listener.pollDescriptor }
  let address: SocketAddress

  init(_ place: ListenAddress) throws(Failure) {
    do throws(SocketError) {
      listener = try StreamListener(host: place.host, port: place.port)
    } catch {
      let address = SocketAddress(host: place.host, port: place.port)
      throw Failure("--serve \(address): \(error.message)")
    }
    address = listener.address()
  }

  func accept() -> StreamListener.Accepted { listener.accept() }
}

extension ReplayLoop {
  /// How long a client may take to say what it wants (PROTOCOL.md 3).
  private static let recognitionMax = Duration.seconds(10)
  /// Clients that are let in at a time.
  private static let unknownMax = 1_024

  /// Lets in who has come.
  func letIn() {
    guard let listener else { return }
    for _ in 0..<64 where connections.count < plan.connections.count + Self.unknownMax {
      guard case .connection(let socket, _) = listener.accept() else { return }
      let connection = ReplayConnection(
        role: .server, socket: socket, phase: .unknown, wire: wire, place: nil)
      connection.recogniser = DialectRecogniser(checksum: .forProgram)
      connection.patienceEnd = wire.clock.now.advanced(by: Self.recognitionMax)
      connections.append(connection)
      heardAt = wire.clock.now
    }
  }

  /// Finds the recorded connection for a client, once it has said who it is.
  func recognise(_ connection: ReplayConnection) {
    guard let recogniser = connection.recogniser else { return }
    guard case .found(let dialect, let offset) = recogniser.recognition else {
      if recogniser.recognition == .nothing || connection.isInputEnded
        || wire.clock.now >= connection.patienceEnd
      {
        connection.abandon()
      }
      return
    }
    let bytes = Array(recogniser.sessionBytes)
    let nickname =
      dialect == .native ? Self.nicknameWanted(recogniser.bytes, at: offset) : nil
    connection.recogniser = nil
    let peer = connection.socket.peerAddress()
    let now = wire.clock.now
    if let place = place(for: dialect, nickname) {
      let session = plan.connections[place].session
      let party: any ReplayParty =
        dialect == .native
        ? NativeReplayParty(server: session, at: now)
        : ClassicReplayServer(session, peer: peer, at: now)
      begin(connection, place, party)
    } else {
      let sentence = "Every connection of the recording is being played, or was."
      let party: any ReplayParty =
        dialect == .native
        ? NativeReplayParty(refusing: sentence, at: now)
        : ClassicReplayServer(nil, peer: peer, at: now)
      connection.begin(party, dialect, stream: 0, faults: nil)
    }
    connection.take(bytes.span.bytes)
  }

  /// The nickname in the SYN that begins at a place; nil if there is none.
  private static func nicknameWanted(_ bytes: [UInt8], at offset: Int) -> String? {
    let span = bytes.span.bytes
    guard let header = FrameHeader(.native, in: span, at: offset),
      header.typeCode == FrameType.syn.rawValue
    else { return nil }
    let start = offset + Dialect.native.headerSize
    let end = start + Int(header.length)
    guard end <= bytes.count else { return nil }
    return HandshakeOptions.scan(span.extracting(start..<end), for: .syn).options.nicknameText
  }

  /// The first recorded connection that nobody plays, with that nickname if there is one.
  private func place(for dialect: Dialect, _ nickname: String?) -> Int? {
    let free = plan.connections.indices.filter { place in
      byPlace[place] == nil && plan.connections[place].session.dialect == dialect
    }
    let same = free.first { plan.connections[$0].session.asked.nickname == nickname }
    return nickname == nil ? free.first : same ?? free.first
  }

  // MARK: more than was recorded

  /// A native client asks for something once more than was recorded: it gets the last answer again.
  func answerAgain(
    _ typeCode: UInt8, _ bytes: [UInt8], _ connection: ReplayConnection, _ place: Int
  ) {
    let session = plan.connections[place].session
    guard plan.role == .server, session.dialect == .native else { return }
    let answer: StoryMessage?
    switch FrameType(rawValue: typeCode) {
    case .who: answer = session.fromServer.last { $0.typeCode == FrameType.roster.rawValue }
    case .nick:
      answer = session.fromServer.last { message in
        guard message.typeCode == FrameType.notice.rawValue, let code = message.bytes?.first else {
          return false
        }
        return code == NoticeCode.nicknameAccepted.rawValue || code == NoticeCode.refused.rawValue
      }
    default: return
    }
    var reply = answer ?? StoryMessage()
    if answer?.bytes == nil {
      var payload: [UInt8] = []
      Notice.refused("This server plays a recording, in which nobody asks for that.").payload
        .encode(into: &payload)
      reply.typeCode = FrameType.notice.rawValue
      reply.bytes = payload
    }
    _ = connection.party?.send(reply, index: -1)
    connection.deadline = .zero
  }
}
