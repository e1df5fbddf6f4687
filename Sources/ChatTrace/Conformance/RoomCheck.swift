import ChatWire

// What the connections of one server have to do with each other (PROTOCOL.md 6.1): a message is
// broadcast to everybody but its sender, unchanged, once, and each sender's in one order. Messages
// are known by their sender's nickname, so only nicknames count that one connection has had.

/// What was said on one connection, for the comparison with others.
struct RoomRecord: Sendable {
  /// A message of the client, or a broadcast to it.
  struct Message: Sendable {
    /// Of a broadcast, whose it is, as `Nickname.key`.
    var nickname = ""
    /// Of the text.
    var hash: UInt64
    var frame: FrameReference
  }

  /// All nicknames that it has had, as `Nickname.key`.
  var nicknames: [String] = []
  var said: [Message] = []
  var heard: [Message] = []
  /// The server has refused something that was said.
  var isRefused = false
  /// There is more than is kept, or something is missing.
  var isPartial = false

  static let messageCountMax = 1 << 20

  mutating func name(_ nickname: String) {
    let key = Nickname.key(nickname)
    if !nicknames.contains(key), nicknames.count < 1_000 { nicknames.append(key) }
  }

  mutating func add(said bytes: RawSpan, _ frame: FrameReference) {
    guard said.count < Self.messageCountMax else {
      isPartial = true
      return
    }
    said.append(Message(hash: bytes.hash64, frame: frame))
  }

  mutating func add(heard broadcast: Broadcast, _ frame: FrameReference) {
    guard heard.count < Self.messageCountMax else {
      isPartial = true
      return
    }
    let text = Array(broadcast.text.utf8)
    heard.append(
      Message(
        nickname: Nickname.key(broadcast.nickname), hash: unsafe text.span.bytes.hash64,
        frame: frame))
  }
}

/// A connection of the room, once it is over.
struct RoomConnection: Sendable {
  var stream: Int
  var server: String?
  var nicknames: [String]
  var said: [(hash: UInt64, frame: UInt64)]
  var heard: [(nickname: String, hash: UInt64, frame: UInt64)]
  var isRefused: Bool
  var isPartial: Bool
}

/// Compares what was said with what was broadcast.
enum RoomCheck {
  /// What each server did wrong, by the stream of whoever heard it.
  static func findings(_ connections: [RoomConnection]) -> [Finding] {
    var findings: [Finding] = []
    // Whose a nickname is; nil once it was another's too.
    var owners: [String: Int?] = [:]
    for (index, connection) in connections.enumerated() {
      for nickname in connection.nicknames {
        let name = (connection.server ?? "") + "\n" + nickname
        owners[name] = owners.keys.contains(name) ? Int?.none : index
      }
    }
    // Of somebody who has shared a nickname not every message can be told.
    let shared = Set(
      connections.indices.filter { index in
        connections[index].nicknames.contains {
          (owners[(connections[index].server ?? "") + "\n" + $0] ?? nil) == nil
        }
      })
    for recipient in connections where !recipient.isPartial {
      var progress: [Int: Progress] = [:]
      for broadcast in recipient.heard {
        let name = (recipient.server ?? "") + "\n" + broadcast.nickname
        guard let owner = owners[name] ?? nil, findings.count < 1_000 else { continue }
        let sender = connections[owner]
        if sender.stream == recipient.stream {
          findings.append(
            Finding(
              .broadcastToSender, .peer, stream: recipient.stream, side: .server,
              frame: broadcast.frame,
              because: sender.said.filter { $0.hash == broadcast.hash }.prefix(1).map(\.frame),
              expected: "nothing of what this client has said itself",
              found: "its own message"))
        } else if !sender.isPartial, !shared.contains(owner) {
          var state = progress[owner] ?? Progress(sender)
          if let finding = state.take(broadcast, sender, recipient) { findings.append(finding) }
          progress[owner] = state
        }
      }
    }
    return findings
  }

  /// How far a recipient has heard a sender.
  private struct Progress {
    /// The places of equal texts among what was said, ascending.
    private let places: [UInt64: [Int]]
    private var isHeard: [Bool]
    private var next = 0
    private var isFirst = true

    init(_ sender: RoomConnection) {
      var places: [UInt64: [Int]] = [:]
      for (place, message) in sender.said.enumerated() {
        places[message.hash, default: []].append(place)
      }
      self.places = places
      isHeard = Array(repeating: false, count: sender.said.count)
    }

    mutating func take(
      _ broadcast: (nickname: String, hash: UInt64, frame: UInt64), _ sender: RoomConnection,
      _ recipient: RoomConnection
    ) -> Finding? {
      guard let known = places[broadcast.hash] else {
        return finding(
          .broadcastUnsent, broadcast.frame, recipient, because: [],
          expected: "a message of the client of stream \(sender.stream)",
          found: "a text that it has not said")
      }
      if let place = known.first(where: { $0 >= next }) {
        defer {
          isHeard[place] = true
          next = place + 1
          isFirst = false
        }
        guard !isFirst, place > next, !sender.isRefused else { return nil }
        return finding(
          .broadcastMissing, broadcast.frame, recipient, because: [sender.said[next].frame],
          expected: "the message that ended with frame \(sender.said[next].frame) first",
          found: "the one after it")
      }
      if let place = known.first(where: { !isHeard[$0] }) {
        isHeard[place] = true
        return finding(
          .broadcastOrder, broadcast.frame, recipient, because: [sender.said[place].frame],
          expected: "the messages of the client of stream \(sender.stream) in their order",
          found: "one that it said earlier than what was broadcast before")
      }
      return finding(
        .broadcastTwice, broadcast.frame, recipient,
        because: [sender.said[known[known.count - 1]].frame],
        expected: "each message once", found: "a message again")
    }

    private func finding(
      _ rule: ConformanceRule, _ frame: UInt64, _ recipient: RoomConnection, because: [UInt64],
      expected: String, found: String
    ) -> Finding {
      Finding(
        rule, .peer, stream: recipient.stream, side: .server, frame: frame, because: because,
        expected: expected, found: found)
    }
  }
}

extension RawSpan {
  /// FNV-1a of 64 bits, enough to tell texts apart that nobody has chosen to be confused.
  fileprivate var hash64: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<byteCount {
      hash = (hash ^ UInt64(uint8(at: index))) &* 0x100_0000_01B3
    }
    return hash
  }
}
