import ChatSimulation
import ChatWire

// Senders that number, pace or repeat wrongly what they send: PROTOCOL.md 4, 4.3 and 4.4.

extension PeerCase {
  static let senders: [PeerCase] = [
    PeerCase(
      "sends more than the window", by: .client, "arq.window_overrun", "4",
      at: .frame(.data, 3, .clientToServer), also: ["arq.window_advertised"]
    ) {
      $0.pretend(.window, 2)
      $0.talk()
    },
    PeerCase(
      "sends although the window is closed", by: .client, "arq.window_closed", "4",
      at: .frame(.data, 2, .clientToServer)
    ) {
      let before = $0.intake
      $0.intake = { frame in
        var frame = before(frame)
        if frame?.type == .ack { frame?.window = 16 }
        return frame
      }
      $0.at(50) { $0.limitWindow(.server, to: 0) }
      $0.at(100) { $0.say(.client, "one") }
      // It acknowledges this, and so has got the ACK before it.
      $0.at(200) { $0.say(.server, "wait a moment") }
      $0.at(300) { $0.say(.client, "two") }
      $0.at(1_000) { $0.limitWindow(.server, to: nil) }
      $0.at(2_000) { $0.finish(.client) }
    },
    PeerCase(
      "repeats a frame without a cause", by: .client, "arq.resent_uncaused", "4.3"
    ) {
      var first = WireFrame(.data)
      $0.replace(.data, nth: 1) { frame in
        first = frame
        first.isRetransmission = true
        return [frame]
      }
      $0.add(after: .data, nth: 3) { _ in first }
      $0.talk()
    },
    PeerCase(
      "repeats a frame that is acknowledged", by: .client, "arq.resent_acknowledged", "4.3"
    ) {
      var second = WireFrame(.data)
      $0.replace(.data, nth: 2) { frame in
        second = frame
        second.isRetransmission = true
        return [frame]
      }
      $0.at(3_000) { $0.blurt(second.wrong) }
      $0.talk()
    },
    PeerCase(
      "does not mark a retransmission", by: .client, "frame.retransmission_unflagged",
      "2 row 2"
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.data, nth: 7) { $0.isRetransmission = false }
      $0.talk()
    },
    PeerCase(
      "marks a first copy as a retransmission", by: .client, "frame.retransmission_flagged",
      "2 row 2"
    ) {
      $0.change(.data, nth: 2) { $0.isRetransmission = true }
      $0.talk()
    },
    PeerCase("repeats other bytes", by: .client, "arq.copy_differs", "4") {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.data, nth: 7) { $0.payload[3] ^= 1 }
      $0.talk()
    },
    PeerCase("repeats fewer bytes", by: .client, "arq.copy_differs", "4") {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.data, nth: 7) { $0.payload.removeLast() }
      $0.talk()
    },
    PeerCase("repeats a frame as another type", by: .client, "arq.copy_differs", "4") {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.data, nth: 7) { $0.type = .nick }
      $0.talk()
    },
    PeerCase("repeats a frame without its LAST", by: .client, "arq.copy_differs", "4") {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.change(.data, nth: 7) { $0.isLast = false }
      $0.talk()
    },
    PeerCase(
      "never sends one of its numbers", by: .client, "arq.sequence_skipped", "4",
      at: .frame(.data, 3, .clientToServer), also: ["arq.nack_ignored"]
    ) {
      $0.omit { $0.type == .data && $0.sequence == 1_003 }
      $0.talk()
    },
    PeerCase(
      "does not begin with its ISN + 1", by: .client, "arq.first_sequence", "3",
      at: .frame(.data, 1, .clientToServer), also: ["arq.nack_ignored"]
    ) {
      $0.omit { $0.type == .data && $0.sequence == 1_001 }
      $0.talk()
    },
    PeerCase(
      "begins somewhere else", by: .client, "arq.first_sequence", "3",
      at: .frame(.data, 1, .clientToServer),
      also: ["arq.sequence_skipped", "arq.nack_ignored"]
    ) {
      $0.change(.syn, nth: 1) { frame in
        frame.sequence = 996
        frame.isWrong = false
      }
      $0.acknowledges(1_000)
      $0.talk()
      $0.limit = .seconds(20)
    },
    PeerCase(
      "repeats another frame than the one asked for", by: .client, "arq.resent_uncaused", "4.3"
    ) {
      // Sooner than any timer.
      $0.latency = BothSides(client: .milliseconds(1), server: .milliseconds(1))
      $0.lose(.data, nth: 2, .clientToServer)
      var third = WireFrame(.data)
      $0.replace(.data, nth: 3) { frame in
        third = frame
        third.isRetransmission = true
        return [frame]
      }
      $0.replace(.data, nth: 7) { _ in [third.wrong] }
      $0.talk()
    },
    PeerCase(
      "ignores a NACK, and its timers", by: .client, "arq.nack_ignored", "4.3",
      at: .frame(.data, 7, .clientToServer)
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.omit { $0.isRetransmission }
      $0.talk()
      for second in 1...4 { $0.at(second * 1_000) { $0.say(.client, "and") } }
      $0.limit = .seconds(10)
    },
    PeerCase(
      "repeats a frame more than 100 times", by: .client, "arq.retries", "4.4",
      at: .frame(.data, 102, .clientToServer)
    ) {
      $0.client.tuning.fixedTimeout = .milliseconds(150)
      $0.client.tuning.timerRetriesMax = .max
      $0.client.tuning.retransmissionsMax = .max
      $0.line = { direction, _, frame in frame.type == .data ? [] : [frame] }
      $0.at(100) { $0.say(.client, "hello?") }
      $0.limit = .seconds(17)
    },
    goBackN(
      "repeats only one frame", by: .client, "arq.go_back_incomplete", "4.3 row 3",
      at: .frame(.data, 8, .clientToServer)
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.omit(.data, 8...11)
      $0.at(125) { $0.say(.client, "something new") }
      $0.talk()
    },
    goBackN(
      "begins a pass in the middle", by: .client, "arq.resent_uncaused", "4.3",
      at: .frame(.data, 7, .clientToServer), also: ["arq.go_back_incomplete"]
    ) {
      $0.lose(.data, nth: 2, .clientToServer)
      $0.omit { $0.isRetransmission && $0.sequence < 1_005 }
      $0.talk()
      $0.limit = .seconds(1)
    },
  ]
}

extension MisbehavingPair {
  /// An option of 16 bits that the handshake settles.
  enum Option: UInt8 {
    case window = 3
    case fragment = 4
    case acknowledges = 6
  }

  /// The client asks for one value of an option, and goes on as if it had been given its own.
  func pretend(_ option: Option, _ value: UInt16) {
    let own = UInt16(option == .window ? client.windowSize : client.fragmentSizeMax)
    change(.syn, nth: 1) { frame in
      frame.setOption(option.rawValue, to: value)
      frame.isWrong = false
    }
    substitute(option, own)
  }

  /// The client takes the SYN_ACK for the answer to another ISN.
  func acknowledges(_ value: UInt16) {
    substitute(.acknowledges, value)
  }

  private func substitute(_ option: Option, _ value: UInt16) {
    let before = intake
    intake = { frame in
      var frame = before(frame)
      if frame?.type == .synAck { frame?.setOption(option.rawValue, to: value) }
      return frame
    }
  }
}

extension WireFrame {
  /// Where the value of an option of a handshake frame is.
  func option(_ kind: UInt8) -> Range<Int>? {
    var offset = 0
    while offset + 2 <= payload.count {
      let end = offset + 2 + Int(payload[offset + 1])
      if payload[offset] == kind { return offset + 2..<end }
      offset = end
    }
    return nil
  }

  mutating func setOption(_ kind: UInt8, to value: UInt16) {
    guard let range = option(kind) else { return }
    payload.replaceSubrange(range, with: [UInt8(value >> 8), UInt8(value & 255)])
  }

  mutating func removeOption(_ kind: UInt8) {
    guard let range = option(kind) else { return }
    payload.removeSubrange(range.lowerBound - 2..<range.upperBound)
  }
}
