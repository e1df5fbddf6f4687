import ChatWire

// Messages that are cut, or made, as they may not be: PROTOCOL.md 5, 6 and 7.

extension PeerCase {
  static let messages: [PeerCase] = [
    PeerCase("leaves LAST out", by: .client, "message.fragment", "5") {
      $0.change(.data, nth: 2) { $0.isLast = false }
      $0.talk()
    },
    PeerCase(
      "leaves LAST out of WHO", by: .client, "message.fragment", "5", also: ["message.type"]
    ) {
      $0.change(.who, nth: 1) { $0.isLast = false }
      $0.at(50) { $0.send(.client, .who, []) }
      $0.talk()
    },
    PeerCase("leaves LAST out of FIN", by: .client, "message.fragment", "5") {
      $0.changeAll(.fin) { $0.isLast = false }
      $0.talk()
      $0.limit = .seconds(20)
    },
    PeerCase("changes the type within a message", by: .client, "message.type", "5") {
      $0.client.fragmentSizeMax = 20
      $0.change(.data, nth: 2) { $0.type = .nick }
      $0.talk(byteCount: 60)
    },
    PeerCase(
      "sends fragments larger than agreed", by: .client, "message.fragment_size", "5",
      at: .frame(.data, 1, .clientToServer)
    ) {
      $0.pretend(.fragment, 20)
      $0.talk()
    },
    PeerCase(
      "sends fragments smaller than agreed", by: .client, "message.fragment", "5",
      at: .frame(.data, 1, .clientToServer)
    ) {
      $0.client.fragmentSizeMax = 20
      $0.pretend(.fragment, 40)
      $0.talk(byteCount: 60)
    },
    PeerCase("goes on after FIN", by: .client, "message.after_fin", "7 row 1") {
      $0.add(after: .fin, nth: 1) {
        WireFrame(.data, $0.sequence + 1, Array("one more thing".utf8), isLast: true)
      }
      $0.talk()
    },
    PeerCase("sends an empty text", by: .client, "chat.text", "6.1") {
      $0.change(.data, nth: 2) { $0.payload = [] }
      $0.talk()
    },
    PeerCase("sends control characters", by: .client, "chat.text", "6.1") {
      $0.change(.data, nth: 2) { $0.payload = Array("\u{1B}[2J".utf8) }
      $0.talk()
    },
    PeerCase("sends what is not UTF-8", by: .client, "chat.text", "6.1") {
      $0.change(.data, nth: 2) { $0.payload = [0xFF, 0xFE] }
      $0.talk()
    },
    PeerCase("sends WHO with a payload", by: .client, "chat.who", "2.2") {
      $0.change(.who, nth: 1) { $0.payload = [1] }
      $0.at(50) { $0.send(.client, .who, []) }
      $0.talk()
    },
    PeerCase("gives a reason with control characters", by: .client, "session.fin_reason", "7") {
      $0.change(.fin, nth: 1) { $0.payload = [7] }
      $0.talk()
    },
    PeerCase("gives too long a reason", by: .client, "session.fin_reason", "7") {
      $0.change(.fin, nth: 1) { $0.payload = Array(String(repeating: "x", count: 201).utf8) }
      $0.talk()
    },
    PeerCase("broadcasts too little", by: .server, "chat.broadcast", "6.1") {
      $0.change(.data, nth: 2) { $0.payload = [0, 0, 0, 0, 0, 0, 0, 1] }
      $0.talk(from: .server)
    },
    PeerCase("broadcasts an empty text", by: .server, "chat.broadcast", "6.1") {
      $0.change(.data, nth: 2) { $0.payload = Array($0.payload.prefix(12)) }
      $0.talk(from: .server)
    },
    PeerCase("broadcasts control characters", by: .server, "chat.broadcast", "6.1") {
      $0.change(.data, nth: 2) { $0.payload[14] = 0x1B }
      $0.talk(from: .server)
    },
    PeerCase("broadcasts what is not UTF-8", by: .server, "chat.broadcast", "6.1") {
      $0.change(.data, nth: 2) { $0.payload[14] = 0xFF }
      $0.talk(from: .server)
    },
    PeerCase("broadcasts a nickname that is none", by: .server, "chat.broadcast", "6.1") {
      $0.change(.data, nth: 2) { $0.payload[9] = 0x20 }
      $0.talk(from: .server)
    },
    PeerCase("gives a notice that there is not", by: .server, "chat.notice", "6.4") {
      $0.change(.notice, nth: 1) { $0.payload[0] = 99 }
      $0.at(50) { $0.send(.server, .notice, [7] + Array("welcome".utf8)) }
      $0.talk()
    },
    PeerCase("gives an empty notice", by: .server, "chat.notice", "6.4") {
      $0.change(.notice, nth: 1) { $0.payload = [] }
      $0.at(50) { $0.send(.server, .notice, [7] + Array("welcome".utf8)) }
      $0.talk()
    },
    PeerCase("lists people in no order", by: .server, "chat.roster", "6.3") {
      $0.change(.roster, nth: 1) { $0.payload = roster(["eve", "ana", "bob"], you: "ana") }
      $0.at(50) { $0.send(.server, .roster, roster(["ana", "bob", "eve"], you: "ana")) }
      $0.talk()
    },
    PeerCase("lists two who are you", by: .server, "chat.roster", "6.3") {
      $0.change(.roster, nth: 1) { $0.payload = roster(["ana", "ana"], you: "ana") }
      $0.at(50) { $0.send(.server, .roster, roster(["ana", "bob", "eve"], you: "ana")) }
      $0.talk()
    },
    PeerCase("lists fewer than it counts", by: .server, "chat.roster", "6.3") {
      $0.change(.roster, nth: 1) { $0.payload.removeLast(5) }
      $0.at(50) { $0.send(.server, .roster, roster(["ana", "bob", "eve"], you: "ana")) }
      $0.talk()
    },
  ]

  /// The payload of a ROSTER.
  static func roster(_ names: [String], you: String) -> [UInt8] {
    var payload: [UInt8] = [0, UInt8(names.count)]
    for name in names {
      payload += [UInt8(name.utf8.count)] + Array(name.utf8)
      payload += [2, 0, 16, 4, 0, 0, 0, 0, 5, name == you ? 1 : 0]
    }
    return payload
  }
}
