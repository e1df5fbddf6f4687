internal import ChatProgram
internal import ChatWire

extension ServerStatus {
  /// Reads what `json` makes.
  init(json: JSONValue) throws(DocumentError) {
    let reader = JSONObjectReader(json)
    let version = try reader.integer("schema_version")
    guard version == Self.schemaVersion else {
      let known = Self.schemaVersion
      throw DocumentError(
        message: "it has version \(version) of the format, and this program knows \(known)")
    }
    let clients = try reader.objects("clients") { client throws(DocumentError) in
      try ClientStatus(client)
    }
    self.init(
      name: try reader.text("name"), version: try reader.text("version"),
      processIdentifier: Int32(clamping: try reader.integer("process_identifier")),
      address: try reader.text("address"), uptimeSeconds: try reader.number("uptime_seconds"),
      clients: clients, halfOpenCount: try reader.integer("half_open_count"),
      totals: try Totals(try reader.object("totals")), log: try LogStatus(try reader.object("log")))
  }
}

extension ServerStatus.Totals {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    connectionsAccepted = try reader.integer("connections_accepted")
    connectionsRefused = try reader.integer("connections_refused")
    messagesReceived = try reader.integer("messages_received")
    messagesSent = try reader.integer("messages_sent")
    bytesReceived = try reader.integer("bytes_received")
    bytesSent = try reader.integer("bytes_sent")
    messagesRefused = try reader.integer("messages_refused")
    slowClientsEnded = try reader.integer("slow_clients_ended")
  }
}

extension ServerStatus.ClientStatus {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    session = try reader.text("session")
    nickname = try reader.text("nickname")
    address = try reader.text("address")
    switch try reader.text("dialect") {
    case Dialect.native.name: dialect = .native
    case Dialect.classic.name: dialect = .classic
    default: throw reader.wrong("dialect")
    }
    switch try reader.text("mode") {
    case ARQMode.goBackN.name: mode = .goBackN
    case ARQMode.selectiveRepeat.name: mode = .selectiveRepeat
    default: throw reader.wrong("mode")
    }
    windowSize = try reader.integer("window_size")
    fragmentSizeMax = try reader.integer("fragment_size_max")
    connectedSeconds = try reader.number("connected_seconds")
    inFlightCount = try reader.integer("in_flight_count")
    retransmissionCount = try reader.integer("retransmission_count")
    corruptCount = try reader.integer("corrupt_count")
    queuedByteCount = try reader.integer("queued_byte_count")
    bytesReceived = try reader.integer("bytes_received")
    bytesSent = try reader.integer("bytes_sent")
    messagesReceived = try reader.integer("messages_received")
    messagesSent = try reader.integer("messages_sent")
    if reader.has("round_trip_milliseconds") {
      roundTripMilliseconds = try reader.number("round_trip_milliseconds")
    }
  }
}

extension ServerStatus.LogStatus {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    if reader.has("directory") { directory = try reader.text("directory") }
    if reader.has("process_identifier") {
      processIdentifier = Int32(clamping: try reader.integer("process_identifier"))
    }
    acknowledgedCount = UInt64(clamping: try reader.integer("acknowledged_count"))
    pendingCount = try reader.integer("pending_count")
    droppedCount = UInt64(clamping: try reader.integer("dropped_count"))
    restartCount = try reader.integer("restart_count")
  }
}
