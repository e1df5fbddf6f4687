import ChatWire

// What a peer does wrong and what could as well have happened to its frames behind the capture, by
// the peer's own fault injector for example: nobody can be blamed for it who is not known to have
// none (docs/VERIFY.md).

extension PeerCase {
  static let indistinguishable: [PeerCase] = [
    PeerCase("sends an ACK twice", by: .server, "arq.ack_doubled", "4.1, 4.2") {
      // Of the last frame in order it would look like a window that opens.
      $0.lose(.data, nth: 2, .clientToServer)
      $0.add(after: .ack, nth: 2) { $0 }
      $0.talk()
    },
    goBackN(
      "sends a NACK for every frame behind a hole", by: .server, "arq.ack_doubled", "4.1, 4.2"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.add(after: .nack, nth: 1) { $0 }
      $0.talk()
    },
    PeerCase(
      "asks for a corrupt frame only when later ones come", by: .server, "arq.nack_missing",
      "4.2 row 5", at: .frame(.data, 2, .clientToServer)
    ) {
      $0.damage(.data, nth: 2, .clientToServer)
      $0.ignore { $0.isDamaged }
      $0.talk()
    },
    PeerCase(
      "acknowledges only the second of two copies", by: .server, "arq.ack_missing", "4.2 row 3",
      at: .frame(.data, 8, .clientToServer)
    ) {
      $0.lose(.ack, nth: 6, .serverToClient)
      $0.omit(.ack, nth: 7)
      $0.talk()
    },
    PeerCase("sends wrong checksums", by: .client, "frame.checksum", "2.1") {
      $0.change(.data, nth: 2) { $0.isDamaged = true }
      $0.talk()
    },
    PeerCase(
      "doubles its frames", by: .client, "frame.retransmission_unflagged", "2 row 2"
    ) {
      $0.add(after: .data, nth: 2) { $0 }
      $0.talk()
    },
  ]
}
