/// What a connection has done, for logs and status.
struct ConnectionCounts: Sendable, Equatable {
  var bytesReceived = 0
  var bytesSent = 0
  /// Whole, valid messages that the client has sent.
  var messagesReceived = 0
  /// Messages given to the client's session.
  var messagesSent = 0
  /// Refused because they came too fast.
  var messagesRefused = 0
  var wasTooSlow = false

  func add(to totals: inout ServerStatus.Totals) {
    totals.bytesReceived += bytesReceived
    totals.bytesSent += bytesSent
    totals.messagesReceived += messagesReceived
    totals.messagesSent += messagesSent
    totals.messagesRefused += messagesRefused
    if wasTooSlow { totals.slowClientsEnded += 1 }
  }
}
