internal import ChatSimulation
internal import ChatWire

/// How a simulated conversation went, for people.
struct SimulationResult {
  let end: SimulationEnd
  /// How many messages the client was asked to send.
  let messageCount: Int
  let client: SideCounts
  let server: SideCounts

  init(_ pair: SimulatedPair, end: SimulationEnd, messageCount: Int) {
    self.end = end
    self.messageCount = messageCount
    client = pair.connection.counts(.client)
    server = pair.connection.counts(.server)
  }

  /// Messages of the client that have arrived.
  var deliveredCount: Int { server.deliveryTimes.count }

  /// From the end of the handshake until the client knew that everything has arrived; until the
  /// last message arrived, if it never knew.
  var duration: Duration? {
    guard let start = client.establishedTime, deliveredCount > 0 else { return nil }
    let last = server.deliveryTimes.last ?? start
    let known = client.allAcknowledged.map(\.time) ?? last
    return start.duration(to: max(known, last))
  }

  /// Bytes of messages per second.
  var goodput: Double? {
    guard let duration, duration > .zero else { return nil }
    return Double(server.bytesDelivered) / duration.seconds
  }

  /// How the sessions ended, if an ERROR or a close did it.
  var failure: String? {
    for end in [client.end, server.end] {
      guard let end, let code = end.code else { continue }
      return "ERROR \(code.rawValue), \(code.name)"
    }
    return nil
  }

  /// Two sentences about it.
  var summary: String {
    var words = "\(deliveredCount) of \(messageCount) messages arrived"
    if let duration { words += " in \(milliseconds(duration)) ms" }
    words += "; \(client.sequencedFramesSent) frames were sent"
    let causes: [(Transmission.Cause, String)] = [
      (.nack, "after a NACK"), (.fast, "because later ones had arrived"),
      (.timeout, "after a timeout"), (.goBack, "because one before them was"),
    ]
    let again = causes.compactMap { cause, reason -> String? in
      let count = client.copies(cause)
      return count > 0 ? "\(count) \(reason)" : nil
    }
    if client.retransmissions > 0 {
      words += ", \(client.retransmissions) of them again (\(again.joined(separator: ", ")))"
    }
    if let failure { words += "; the session ended with \(failure)" }
    return words + "."
  }
}

/// Milliseconds with one digit behind the point.
func milliseconds(_ duration: Duration) -> String {
  let tenths = (duration.nanoseconds + 50_000) / 100_000
  return "\(tenths / 10).\(tenths % 10)"
}

extension Duration {
  /// The whole of it in seconds.
  var seconds: Double { Double(nanoseconds) / 1e9 }
}
