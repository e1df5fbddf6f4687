/// What has to be remembered of all connections, because a server passes on from one to the others.
///
/// That is matched by nickname and text, in order: a trace does not show it otherwise.
struct RoomCauses {
  /// A message of one client.
  struct Said {
    var hash: UInt64
    var frame: UInt32
    var sequence: UInt16
  }

  /// One client.
  struct Member {
    var stream: Int
    var nickname: String?
    var said: [Said] = []
    /// The frame with which the handshake was complete.
    var established: UInt32 = 0
    /// The frame that ended the session: a goodbye or an ERROR.
    var departure: UInt32 = 0
    /// The last frame from the client.
    var frame: UInt32 = 0
    /// Names the client asked for, and in which frame.
    var wanted: (nickname: String, frame: UInt32)?
  }

  private var members: [Int: Member] = [:]
  /// Who had a nickname, the latest last.
  private var owners: [String: [Int]] = [:]
  /// What of somebody's messages was passed on to somebody: by the receiver, then by the speaker.
  private var progress: [Int: [Int: Progress]] = [:]

  /// A trace may show messages in another order than they are passed on in, behind a loss.
  private struct Progress {
    /// All messages before this one were passed on.
    var count = 0
    /// And these as well.
    var others: Set<Int> = []
  }

  /// How many owners of a nickname are remembered.
  private static let ownerCountMax = 8
  /// How far ahead a message is looked for.
  private static let searchMax = 4_096

  subscript(stream: Int) -> Member {
    get { members[stream] ?? Member(stream: stream) }
    _modify { yield &members[stream, default: Member(stream: stream)] }
  }

  /// Somebody has a nickname, or wants it.
  mutating func name(_ stream: Int, _ nickname: String) {
    self[stream].nickname = nickname
    guard owners[nickname]?.last != stream else { return }
    owners[nickname, default: []].append(stream)
    if owners[nickname]?.count ?? 0 > Self.ownerCountMax { owners[nickname]?.removeFirst() }
  }

  /// Somebody asks for a nickname.
  mutating func want(_ stream: Int, _ nickname: String, _ frame: UInt32) {
    self[stream].wanted = (nickname, frame)
    if owners[nickname]?.last != stream { owners[nickname, default: []].append(stream) }
    if owners[nickname]?.count ?? 0 > Self.ownerCountMax { owners[nickname]?.removeFirst() }
  }

  /// Somebody has said something; one frame may complete several messages, a line each.
  mutating func say(_ stream: Int, _ text: String, _ frame: UInt32, _ sequence: UInt16) {
    self[stream].said.append(Said(hash: Self.hash(text), frame: frame, sequence: sequence))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard lines.count > 1, lines.count <= 64 else { return }
    for line in lines {
      self[stream].said.append(
        Said(hash: Self.hash(String(line)), frame: frame, sequence: sequence))
    }
  }

  /// Who said what a client is told: the speaker and the message.
  mutating func speaker(
    of text: String, _ nickname: String, toldTo receiver: Int
  ) -> (stream: Int, said: Said)? {
    let hash = Self.hash(text)
    for stream in (owners[nickname] ?? []).reversed() where stream != receiver {
      var state = progress[receiver]?[stream] ?? Progress()
      guard let said = members[stream]?.said, state.count < said.count else { continue }
      let end = min(said.count, state.count + Self.searchMax)
      guard
        let index = (state.count..<end).first(where: {
          said[$0].hash == hash && !state.others.contains($0)
        })
      else { continue }
      state.others.insert(index)
      // What is never passed on, such as what the server refuses, does not keep the rest waiting.
      if state.others.count > Self.searchMax / 2 { state.count = index }
      while state.others.remove(state.count) != nil { state.count += 1 }
      progress[receiver, default: [:]][stream] = state
      return (stream, said[index])
    }
    return nil
  }

  /// The latest client with a nickname, other than one.
  func owner(of nickname: String, otherThan stream: Int) -> Member? {
    (owners[nickname] ?? []).last { $0 != stream }.flatMap { members[$0] }
  }

  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
