import ChatWire

/// What has to be remembered of one connection to find what its frames follow from.
struct StreamCauses {
  /// A sequenced frame of one direction, by its sequence number.
  struct Copy {
    /// Its first and its latest copy.
    var first: UInt32
    var last: UInt32
    /// The first and the latest copy that came here undamaged and were passed on; 0 if none was.
    var firstThrough: UInt32 = 0
    var lastThrough: UInt32 = 0
    var attempts: UInt16 = 1
    /// An ACK has named the latest copy.
    var isAnswered = false
  }

  /// One direction.
  struct Side {
    var copies: [UInt16: Copy] = [:]
    /// The sequence number behind the latest frame.
    var next: UInt16?
    /// What the other side has said that it expects.
    var expected: UInt16?
    // The latest frames of their kinds that were passed on; 0 where there is none.
    var frame: UInt32 = 0
    var sequenced: UInt32 = 0
    var answer: UInt32 = 0
    var ping: UInt32 = 0
    var goodbye: UInt32 = 0
    var handshake: UInt32 = 0
    var violation: UInt32 = 0
    /// The acknowledgement that closed a window which is still closed.
    var closedWindow: UInt32 = 0
    /// The notice that the server goes away.
    var announcement: UInt32 = 0
    var error: UInt32 = 0
  }

  /// Something from the client that the server answers with a message.
  struct Request {
    enum Kind { case roster, nickname, refusal }
    var kind: Kind
    var frame: UInt32
    var sequence: UInt16
  }

  /// Its number.
  var stream = 0
  /// `address:port` of the server.
  var server = ""
  var clientToServer = Side()
  var serverToClient = Side()
  /// Latest copies of the handshake frames that were passed on.
  var syn: UInt32 = 0
  var synAck: UInt32 = 0
  var handshakeAck: UInt32 = 0
  /// Requests that wait for their answers.
  var requests: [Request] = []
  /// The frame with which a rule reset the connection.
  var reset: UInt32 = 0
  /// The last of the refusals after which a classic server gives up.
  var givenUp: UInt32 = 0
  /// The acknowledgement of a classic goodbye.
  var goodbyeAnswer: UInt32 = 0

  /// How many requests are remembered.
  static let requestCountMax = 1_024

  subscript(direction: Direction) -> Side {
    get { direction == .clientToServer ? clientToServer : serverToClient }
    _modify {
      switch direction {
      case .clientToServer: yield &clientToServer
      case .serverToClient: yield &serverToClient
      }
    }
  }

  /// The copy of a client's frame that the server took.
  func taken(_ frame: UInt32, _ sequence: UInt16) -> UInt32 {
    guard let copy = clientToServer.copies[sequence], copy.first <= frame, copy.last >= frame
    else { return frame }
    return max(frame, copy.firstThrough)
  }

  mutating func ask(_ kind: Request.Kind, _ frame: UInt32, _ sequence: UInt16) {
    guard requests.count < Self.requestCountMax else { return }
    requests.append(Request(kind: kind, frame: frame, sequence: sequence))
  }

  /// Takes the first request of some kinds.
  mutating func takeRequest(_ kinds: Request.Kind...) -> Request? {
    guard let index = requests.firstIndex(where: { kinds.contains($0.kind) }) else { return nil }
    return requests.remove(at: index)
  }
}

extension TraceEvent {
  /// The other side gets the frame, undamaged and some time.
  var isPassedOn: Bool {
    checksum != .bad && disposition != .dropped && disposition != .corrupted
  }

  /// Has a note of this kind.
  func has(_ id: NoteID) -> Bool { notes.contains { $0.id == id } }
}
