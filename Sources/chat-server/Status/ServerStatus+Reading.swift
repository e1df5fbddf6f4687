internal import ChatWire

/// Why JSON is no status of a server.
struct StatusError: Error, Equatable {
  /// What is wrong, in lower case and without a stop.
  let message: String
}

extension ServerStatus {
  /// Reads what `json` makes.
  init(json: JSONValue) throws(StatusError) {
    let reader = StatusReader(json, "")
    let version = try reader.integer("schema_version")
    guard version == Self.schemaVersion else {
      let known = Self.schemaVersion
      throw StatusError(
        message: "it has version \(version) of the format, and this program knows \(known)")
    }
    var clients: [ClientStatus] = []
    for (index, client) in try reader.array("clients").enumerated() {
      clients.append(try ClientStatus(StatusReader(client, "clients[\(index)].")))
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
  fileprivate init(_ reader: StatusReader) throws(StatusError) {
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
  fileprivate init(_ reader: StatusReader) throws(StatusError) {
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
  fileprivate init(_ reader: StatusReader) throws(StatusError) {
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

/// The members of an object, by key; what is missing or of another kind is an error.
private struct StatusReader {
  private let json: JSONValue
  /// Where the object is in the document.
  private let path: String

  init(_ json: JSONValue, _ path: String) {
    self.json = json
    self.path = path
  }

  func has(_ key: String) -> Bool { json[key] != nil }

  func text(_ key: String) throws(StatusError) -> String {
    guard let text = json[key]?.stringValue else { throw wrong(key) }
    return text
  }

  func integer(_ key: String) throws(StatusError) -> Int {
    guard case .number(let number)? = json[key], let integer = number.integer, integer >= 0
    else { throw wrong(key) }
    return integer
  }

  func number(_ key: String) throws(StatusError) -> Double {
    guard case .number(let number)? = json[key], (0...1e15).contains(number.value) else {
      throw wrong(key)
    }
    return number.value
  }

  func array(_ key: String) throws(StatusError) -> [JSONValue] {
    guard case .array(let elements)? = json[key] else { throw wrong(key) }
    return elements
  }

  func object(_ key: String) throws(StatusError) -> StatusReader {
    guard let json = json[key], json.isObject else { throw wrong(key) }
    return StatusReader(json, "\(path)\(key).")
  }

  func wrong(_ key: String) -> StatusError {
    StatusError(message: "\(path)\(key) is missing or wrong")
  }
}
