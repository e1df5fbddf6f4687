import ChatSimulation
import ChatWire

// Handshakes, control frames and ends that are not as PROTOCOL.md 2, 3 and 7 have them.

extension PeerCase {
  static let handshakes: [PeerCase] = [
    PeerCase("speaks before SYN", by: .client, "session.first", "3") {
      $0.replace(.syn, nth: 1) { [text(1_001).wrong, $0] }
      $0.talk()
    },
    PeerCase("speaks before it is answered", by: .client, "session.early", "3") {
      $0.add(after: .syn, nth: 1) { _ in text(1_001) }
      $0.talk()
    },
    PeerCase("confirms before it is answered", by: .client, "session.handshake_ack_early", "3") {
      $0.add(after: .syn, nth: 1) { _ in WireFrame(.handshakeAck, 5_000, [7, 8] + id) }
      $0.talk()
    },
    PeerCase("repeats another SYN", by: .client, "session.syn_changed", "3") {
      $0.lose(.syn, nth: 1, .clientToServer)
      $0.change(.syn, nth: 2) { $0.setOption(3, to: 12) }
      $0.talk()
    },
    PeerCase("asks for a window of 0", by: .client, "session.options", "3.1") {
      $0.change(.syn, nth: 1) { $0.setOption(3, to: 0) }
      $0.talk()
    },
    PeerCase("does not say which mode it wants", by: .client, "session.options", "3.1") {
      $0.change(.syn, nth: 1) { $0.removeOption(2) }
      $0.talk()
    },
    PeerCase(
      "confirms another session", by: .client, "session.handshake_ack_session", "3.1"
    ) {
      $0.change(.handshakeAck, nth: 1) { $0.payload[5] ^= 1 }
      $0.talk()
    },
    PeerCase(
      "confirms another ISN", by: .client, "session.handshake_ack_sequence", "2.2"
    ) {
      $0.change(.handshakeAck, nth: 1) { $0.sequence += 1 }
      $0.talk()
    },
    PeerCase("answers before it is asked", by: .server, "session.syn_ack_unasked", "3") {
      let terms: [UInt8] = [1, 1, 1, 2, 1, 2, 3, 2, 0, 16, 4, 2, 4, 0, 5, 4, 0, 16, 0, 0]
      let rest: [UInt8] = [6, 2, 3, 232, 7, 8] + id + [8, 3] + Array("ana".utf8)
      $0.latency.server = .milliseconds(1)
      $0.at(0) { $0.blurt(WireFrame(.synAck, 5_000, terms + rest).wrong) }
      $0.talk()
    },
    PeerCase("grants a larger window", by: .server, "session.grant", "3.1") {
      $0.change(.synAck, nth: 1) { $0.setOption(3, to: 32) }
      $0.talk()
    },
    PeerCase("grants larger fragments", by: .server, "session.grant", "3.1") {
      $0.change(.synAck, nth: 1) { $0.setOption(4, to: 2_048) }
      $0.talk()
    },
    PeerCase("answers another ISN", by: .server, "session.syn_ack_foreign", "3") {
      $0.changeAll(.synAck) { $0.setOption(6, to: 999) }
      $0.talk()
      $0.limit = .seconds(5)
    },
    PeerCase("opens a session without a name", by: .server, "session.options", "3.1") {
      $0.change(.synAck, nth: 1) { $0.removeOption(7) }
      $0.talk()
    },
    PeerCase("gives an option twice", by: .server, "session.options", "3.1") {
      $0.change(.synAck, nth: 1) { $0.payload += [3, 2, 0, 16] }
      $0.talk()
    },
    PeerCase("repeats another SYN_ACK", by: .server, "session.syn_ack_changed", "3") {
      $0.lose(.synAck, nth: 1, .serverToClient)
      $0.change(.synAck, nth: 2) { $0.payload[$0.option(7)?.lowerBound ?? 0] ^= 1 }
      $0.talk()
      $0.limit = .seconds(5)
    },
    PeerCase("speaks before it is confirmed", by: .server, "session.early", "3") {
      $0.add(after: .synAck, nth: 1) { _ in
        WireFrame(.notice, 5_001, [7] + Array("hello".utf8), isLast: true)
      }
      $0.talk()
      // Its session would use the number again.
      $0.limit = .seconds(4)
    },
  ]

  static let controls: [PeerCase] = [
    PeerCase("sets LAST on an ACK", by: .server, "frame.last_on_control", "2 row 1") {
      $0.change(.ack, nth: 2) { $0.isLast = true }
      $0.talk()
    },
    PeerCase("sets flags that are reserved", by: .client, "frame.flags", "2") {
      $0.change(.data, nth: 2) { $0.flags |= 0x40 }
      $0.talk()
    },
    PeerCase("sends what only servers send", by: .client, "frame.role", "2.2") {
      $0.change(.data, nth: 2) { frame in
        frame.type = .notice
        frame.payload[0] = 7
      }
      $0.talk()
    },
    PeerCase("sends what only clients send", by: .server, "frame.role", "2.2") {
      $0.change(.data, nth: 2) { frame in
        frame.type = .nick
        frame.payload = Array("ana".utf8)
      }
      $0.talk(from: .server)
    },
    PeerCase(
      "states less than an ACK has to", by: .server, "frame.answer_length", "2.2",
      also: ["arq.ack_missing"]
    ) {
      $0.change(.ack, nth: 2) { $0.payload.removeLast() }
      $0.talk()
    },
    PeerCase("sends a short PING", by: .client, "frame.ping_length", "2.2") {
      $0.at(1_000) { $0.blurt(WireFrame(.ping, 0, [1, 2, 3]).wrong) }
      $0.talk()
    },
    PeerCase("numbers a PING", by: .client, "frame.sequence", "2.2") {
      $0.at(1_000) { $0.blurt(WireFrame(.ping, 5, [1, 2, 3, 4, 5, 6, 7, 8]).wrong) }
      $0.talk()
    },
    PeerCase(
      "sends a PONG with other bytes", by: .server, "session.pong_unasked", "2.2",
      also: ["session.pong_missing"]
    ) {
      $0.change(.pong, nth: 1) { $0.payload[7] ^= 1 }
      $0.talkAfterSilence()
    },
    PeerCase("sends a PONG without a PING", by: .server, "session.pong_unasked", "2.2") {
      $0.at(1_000) { $0.blurt(WireFrame(.pong, 0, [1, 2, 3, 4, 5, 6, 7, 8]).wrong) }
      $0.talk()
    },
    PeerCase(
      "sends no PONG", by: .server, "session.pong_missing", "4",
      at: .frame(.ping, 1, .clientToServer)
    ) {
      $0.omit(.pong, nth: 1)
      $0.talkAfterSilence()
    },
    PeerCase("says too much in an ERROR", by: .server, "frame.control_length", "2.2") {
      // Above this nothing is read at all.
      $0.client.fragmentSizeMax = 2_048
      $0.at(1_000) {
        $0.blurt(WireFrame(.error, 0, [10] + [UInt8](repeating: 0x78, count: 1_100)).wrong)
      }
      $0.at(1_000) { $0.hangUp(.server) }
      $0.talk()
    },
    PeerCase("ends with an ERROR that there is not", by: .server, "session.error_code", "7") {
      $0.at(1_000) { $0.blurt(WireFrame(.error, 0, [77, 0x78]).wrong) }
      $0.at(1_000) { $0.hangUp(.server) }
      $0.talk()
    },
    PeerCase("goes on after its ERROR", by: .server, "session.after_error", "7") {
      $0.at(1_000) { pair in
        pair.blurt(WireFrame(.error, 0, [10, 0x78]))
        pair.blurt(WireFrame(.notice, 5_001, [7, 0x78], isLast: true).wrong)
        pair.hangUp(.server)
      }
      $0.talk()
    },
  ]

  static let id: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  static func text(_ sequence: UInt16) -> WireFrame {
    WireFrame(.data, sequence, Array("hello".utf8), isLast: true)
  }
}

extension MisbehavingPair {
  /// Nobody says anything until both ask whether the other is still there.
  func talkAfterSilence() {
    at(50_000) { $0.say(.client, "hello again") }
    at(51_000) { $0.say(.client, "and again") }
    at(52_000) { $0.finish(.client) }
  }
}
