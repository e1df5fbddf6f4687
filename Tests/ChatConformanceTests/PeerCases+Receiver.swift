import ChatWire

// Receivers that answer wrongly what they get: PROTOCOL.md 4, 4.1 and 4.2.

extension PeerCase {
  static let selectiveRepeatReceivers: [PeerCase] = [
    PeerCase(
      "sends no NACK for a corrupt frame", by: .server, "arq.nack_missing", "4.2 row 5",
      at: .frame(.data, 2, .clientToServer)
    ) {
      $0.damage(.data, nth: 2, .clientToServer)
      $0.omit(.nack, nth: 1)
      $0.talk()
    },
    PeerCase(
      "sends no NACK for a hole", by: .server, "arq.nack_missing", "4.2 row 1",
      at: .frame(.data, 3, .clientToServer)
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.omit(.nack, nth: 1)
      $0.talk()
    },
    PeerCase(
      "sends a NACK only for the first frame of a hole", by: .server, "arq.nack_missing",
      "4.2 row 1", at: .frame(.data, 4, .clientToServer)
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.lose(.data, nth: 3, .clientToServer)
      $0.omit(.nack, nth: 2)
      $0.talk()
    },
    PeerCase(
      "asks for a frame that it says it has", by: .server, "arq.nack_received", "4.1, 4.2"
    ) {
      $0.add(after: .ack, nth: 3) { WireFrame(.nack, 1_002, $0.payload) }
      $0.talk()
    },
    PeerCase(
      "asks for a frame that it has acknowledged", by: .server, "arq.nack_sequence", "4.2 row 1"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.nack, nth: 1) { $0.sequence = 1_003 }
      $0.talk()
    },
    PeerCase(
      "asks for another frame than the missing one", by: .server, "arq.nack_sequence",
      "4.2 row 1"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.nack, nth: 1) { $0.sequence = 1_009 }
      $0.talk()
    },
    PeerCase(
      "states too low a nextExpected in a NACK", by: .server, "arq.nack_next_expected", "4",
      also: ["arq.ack_missing", "arq.nack_missing"]
    ) {
      // Nobody has heard of it that it had more.
      $0.omit(.ack, 1...2)
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.nack, nth: 1) { $0.nextExpected = 1_001 }
      $0.talk()
    },
    PeerCase(
      "repeats a NACK without a reason", by: .server, "arq.nack_unasked", "4.1, 4.2"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.add(after: .ack, nth: 4) { WireFrame(.nack, 1_002, $0.payload) }
      $0.talk()
    },
    PeerCase(
      "leaves an ACK out", by: .server, "arq.ack_missing", "4.2 row 1",
      at: .frame(.data, 2, .clientToServer)
    ) {
      $0.omit(.ack, nth: 2)
      $0.talk()
    },
    PeerCase(
      "acknowledges only every second frame", by: .server, "arq.ack_missing", "4.2 row 1",
      at: .frame(.data, 2, .clientToServer)
    ) {
      // Those behind one that is left out move up.
      for nth in [2, 3, 4] { $0.omit(.ack, nth: nth) }
      $0.talk()
    },
    PeerCase(
      "does not acknowledge a copy of a frame that it has delivered", by: .server,
      "arq.ack_missing", "4.2 row 3", at: .frame(.data, 7, .clientToServer)
    ) {
      $0.lose(.ack, nth: 6, .serverToClient)
      $0.omit(.ack, nth: 7)
      $0.at(220) { $0.say(.client, "and something new") }
      $0.talk()
    },
    PeerCase(
      "states too high a nextExpected in an ACK", by: .server, "arq.ack_next_expected", "4"
    ) {
      $0.change(.ack, nth: 2) { $0.nextExpected += 1 }
      $0.talk()
    },
    PeerCase(
      "states too low a nextExpected in an ACK", by: .server, "arq.ack_next_expected", "4"
    ) {
      $0.change(.ack, nth: 3) { $0.nextExpected -= 1 }
      $0.talk()
    },
    PeerCase(
      "takes back what it has stated", by: .server, "arq.acknowledgement_withdrawn", "4"
    ) {
      $0.add(after: .ack, nth: 4) { ack in
        var ack = ack
        ack.sequence = 1_002
        ack.nextExpected = 1_003
        return ack
      }
      $0.talk()
    },
    PeerCase(
      "acknowledges what was lost", by: .server, "arq.acknowledged_unreceived", "4"
    ) {
      $0.lose(.data, nth: 3, .clientToServer)
      $0.change(.ack, nth: 3) { $0.sequence = 1_003 }
      $0.talk()
    },
    PeerCase(
      "counts what was lost as received", by: .server, "arq.acknowledged_unreceived", "4",
      also: ["arq.ack_missing"]
    ) {
      $0.lose(.data, nth: 3, .clientToServer)
      $0.change(.ack, nth: 3) { $0.nextExpected = 1_004 }
      $0.talk()
    },
    PeerCase(
      "acknowledges what was never sent", by: .server, "arq.acknowledged_unsent", "4"
    ) {
      $0.change(.ack, nth: 6) { $0.nextExpected = 1_020 }
      $0.talk()
    },
    PeerCase(
      "acknowledges another frame than the one that came", by: .server, "arq.ack_sequence",
      "4.2 row 1"
    ) {
      $0.change(.ack, nth: 3) { $0.sequence = 1_001 }
      $0.talk()
    },
    PeerCase(
      "acknowledges although nothing has come", by: .server, "arq.ack_unasked", "4"
    ) {
      $0.talk()
      $0.at(2_000) { pair in
        var ack = WireFrame(.ack, 1_002, [0, 0, 0, 16])
        ack.nextExpected = 1_007
        pair.blurt(ack.wrong)
      }
    },
    PeerCase(
      "advertises more than W", by: .server, "arq.window_advertised", "4"
    ) {
      $0.change(.ack, nth: 2) { $0.window = 17 }
      $0.talk()
    },
    PeerCase(
      "answers nothing, but goes on talking", by: .server, "arq.silent", "4.2",
      at: .frame(.data, 1, .serverToClient)
    ) {
      $0.ignore { $0.type == .data }
      $0.client.tuning.timerRetriesMax = 100
      $0.at(100) { $0.say(.client, "hello?") }
      $0.at(15_000) { $0.say(.server, "nobody has said anything") }
      $0.limit = .seconds(16)
    },
    PeerCase(
      "is a client that leaves an ACK out", by: .client, "arq.ack_missing", "4.2 row 1",
      at: .frame(.data, 2, .serverToClient)
    ) {
      $0.omit(.ack, nth: 2)
      $0.talk(from: .server)
    },
  ]

  static let goBackNReceivers: [PeerCase] = [
    goBackN(
      "sends no NACK for a hole", by: .server, "arq.nack_missing", "4.1 row 3",
      at: .frame(.data, 3, .clientToServer)
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.omit(.nack, nth: 1)
      $0.talk()
    },
    goBackN(
      "sends no NACK for a corrupt frame", by: .server, "arq.nack_missing", "4.1 row 5",
      at: .frame(.data, 6, .clientToServer)
    ) {
      $0.damage(.data, nth: 6, .clientToServer)
      $0.omit(.nack, nth: 1)
      $0.talk()
    },
    goBackN(
      "asks for a frame although nothing is missing", by: .server, "arq.nack_unasked",
      "4.1, 4.2"
    ) {
      $0.talk()
      $0.at(1_000) { pair in
        var nack = WireFrame(.nack, 1_007, [0, 0, 0, 16])
        nack.nextExpected = 1_007
        pair.blurt(nack.wrong)
      }
    },
    goBackN(
      "asks for the frame that came and not for the missing one", by: .server,
      "arq.nack_sequence", "4.1 row 3"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.nack, nth: 1) { $0.sequence = 1_009 }
      $0.talk()
    },
    goBackN(
      "acknowledges a frame out of order", by: .server, "arq.ack_unasked", "4"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.replace(.nack, nth: 1) { [WireFrame(.ack, 1_003, $0.payload).wrong, $0] }
      $0.talk()
    },
    goBackN(
      "delivers a frame out of order", by: .server, "arq.acknowledged_unreceived", "4"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.replace(.nack, nth: 1) { nack in
        var ack = WireFrame(.ack, 1_003, nack.payload)
        ack.nextExpected = 1_004
        return [ack.wrong]
      }
      $0.talk()
    },
    goBackN(
      "leaves an ACK out", by: .server, "arq.ack_missing", "4.1 row 1",
      at: .frame(.data, 3, .clientToServer)
    ) {
      $0.omit(.ack, nth: 3)
      $0.talk()
    },
    goBackN(
      "does not acknowledge an old frame", by: .server, "arq.ack_missing", "4.1 row 2",
      at: .frame(.data, 7, .clientToServer)
    ) {
      $0.lose(.ack, nth: 6, .serverToClient)
      $0.omit(.ack, nth: 7)
      $0.at(220) { $0.say(.client, "and something new") }
      $0.talk()
    },
    goBackN(
      "acknowledges an old frame by its own sequence", by: .server, "arq.ack_sequence",
      "4.1 row 2"
    ) {
      $0.lose(.ack, nth: 5, .serverToClient)
      $0.lose(.ack, nth: 6, .serverToClient)
      $0.change(.ack, nth: 7) { $0.sequence = 1_005 }
      $0.talk()
    },
  ]

  static func goBackN(
    _ name: String, by side: Session.Role, _ rule: String, _ section: String,
    at place: Place = .wrong, also consequences: Set<String> = [],
    _ build: @escaping @Sendable (MisbehavingPair) -> Void
  ) -> PeerCase {
    PeerCase(
      "Go-Back-N: " + name, by: side, rule, section, at: place, also: consequences
    ) {
      $0.client.mode = .goBackN
      build($0)
    }
  }
}
