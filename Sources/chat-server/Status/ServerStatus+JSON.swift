internal import ChatProgram
internal import ChatWire

// Keys are the names of the properties in snake case. What is nil is left out.

extension ServerStatus {
  /// The version of the document: what is added later never changes what is there.
  static let schemaVersion = 1

  /// The status as a JSON object.
  var json: JSONValue {
    .object([
      JSONMember("schema_version", Self.schemaVersion), JSONMember("name", name),
      JSONMember("version", version), JSONMember("process_identifier", Int(processIdentifier)),
      JSONMember("address", address), JSONMember("uptime_seconds", thousandths: uptimeSeconds),
      JSONMember("client_count", clients.count), JSONMember("half_open_count", halfOpenCount),
      JSONMember("totals", totals.json), JSONMember("log", log.json),
      JSONMember("clients", .array(clients.map(\.json))),
    ])
  }
}

extension ServerStatus.Totals {
  var json: JSONValue {
    .object([
      JSONMember("connections_accepted", connectionsAccepted),
      JSONMember("connections_refused", connectionsRefused),
      JSONMember("messages_received", messagesReceived), JSONMember("messages_sent", messagesSent),
      JSONMember("bytes_received", bytesReceived), JSONMember("bytes_sent", bytesSent),
      JSONMember("messages_refused", messagesRefused),
      JSONMember("slow_clients_ended", slowClientsEnded),
    ])
  }
}

extension ServerStatus.ClientStatus {
  var json: JSONValue {
    var members = [
      JSONMember("session", session), JSONMember("nickname", nickname),
      JSONMember("address", address), JSONMember("dialect", dialect.name),
      JSONMember("mode", mode.name), JSONMember("window_size", windowSize),
      JSONMember("fragment_size_max", fragmentSizeMax),
      JSONMember("connected_seconds", thousandths: connectedSeconds),
      JSONMember("in_flight_count", inFlightCount),
      JSONMember("retransmission_count", retransmissionCount),
      JSONMember("corrupt_count", corruptCount), JSONMember("queued_byte_count", queuedByteCount),
      JSONMember("bytes_received", bytesReceived), JSONMember("bytes_sent", bytesSent),
      JSONMember("messages_received", messagesReceived), JSONMember("messages_sent", messagesSent),
    ]
    if let roundTripMilliseconds {
      members.append(JSONMember("round_trip_milliseconds", thousandths: roundTripMilliseconds))
    }
    return .object(members)
  }
}

extension ServerStatus.LogStatus {
  var json: JSONValue {
    var members: [JSONMember] = []
    if let directory { members.append(JSONMember("directory", directory)) }
    if let processIdentifier {
      members.append(JSONMember("process_identifier", Int(processIdentifier)))
    }
    return .object(
      members + [
        JSONMember("acknowledged_count", Int(clamping: acknowledgedCount)),
        JSONMember("pending_count", pendingCount),
        JSONMember("dropped_count", Int(clamping: droppedCount)),
        JSONMember("restart_count", restartCount),
      ])
  }
}

extension Dialect {
  /// `native` or `classic`.
  var name: String {
    switch self {
    case .native: "native"
    case .classic: "classic"
    }
  }
}
