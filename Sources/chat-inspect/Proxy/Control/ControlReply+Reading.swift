internal import ChatProgram
internal import ChatWire

extension ControlReply {
  /// Reads what `json` makes.
  init(json: JSONValue) throws(DocumentError) {
    let reader = JSONObjectReader(json)
    if reader.has("error") {
      let sentence = try reader.text("error")
      self = reader.has("missing") ? .missing(sentence) : .failed(sentence)
      return
    }
    let version = try reader.integer("schema_version")
    guard version == Self.schemaVersion else {
      let known = Self.schemaVersion
      throw DocumentError(
        message: "it has version \(version) of the format, and this program knows \(known)")
    }
    if reader.has("statistics") {
      self = .statistics(try ProxyReport(try reader.object("statistics")))
    } else if reader.has("connections") {
      self = .connections(
        try reader.objects("connections") { reader throws(DocumentError) in
          try ConnectionReport(reader)
        })
    } else if reader.has("rules") {
      self = .rules(
        try reader.objects("rules") { reader throws(DocumentError) in try RuleReport(reader) })
    } else if reader.has("interception") {
      self = .interception(try InterceptionReport(try reader.object("interception")))
    } else {
      guard try reader.flag("done") else { throw reader.wrong("done") }
      self = .done
    }
  }
}

extension ProxyReport {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    listen = try reader.text("listen")
    upstream = try reader.text("upstream")
    seed = try reader.exactInteger("seed")
    uptimeNanoseconds = try reader.nanoseconds("uptime_seconds")
    accepted = try reader.integer("accepted")
    open = try reader.integer("open")
    refused = try reader.integer("refused")
    frames = try reader.exactInteger("frames")
    bytes = try reader.exactInteger("bytes")
    disturbed = try reader.exactInteger("disturbed")
    droppedLines = try reader.exactInteger("dropped_lines")
    if reader.has("recording") { recording = try reader.text("recording") }
    recordedBytes = try reader.exactInteger("recorded_bytes")
    if reader.has("recording_failure") {
      recordingFailure = try reader.text("recording_failure")
    }
  }
}

extension ConnectionReport {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    number = try reader.integer("number")
    client = try reader.text("client")
    server = try reader.text("server")
    if reader.has("dialect") { dialect = try reader.text("dialect") }
    ageNanoseconds = try reader.nanoseconds("age_seconds")
    clientToServer = try Flow(try reader.object(Direction.clientToServer.name))
    serverToClient = try Flow(try reader.object(Direction.serverToClient.name))
  }
}

extension ConnectionReport.Flow {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    bytesIn = try reader.exactInteger("bytes_in")
    bytesOut = try reader.exactInteger("bytes_out")
    frames = try reader.exactInteger("frames")
    disturbed = try reader.exactInteger("disturbed")
    waitingBytes = try reader.integer("waiting_bytes")
    isEnded = try reader.flag("ended")
  }
}

extension RuleReport {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    number = try reader.integer("number")
    rule = try reader.text("rule")
    actedCount = try reader.exactInteger("acted_count")
  }
}

extension InterceptionReport {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    if reader.has("filter") { filter = try reader.text("filter") }
    held = try reader.objects("held") { reader throws(DocumentError) in try Held(reader) }
  }
}

extension InterceptionReport.Held {
  fileprivate init(_ reader: JSONObjectReader) throws(DocumentError) {
    number = try reader.integer("number")
    connection = try reader.integer("connection")
    switch try reader.text("direction") {
    case Direction.clientToServer.name: direction = .clientToServer
    case Direction.serverToClient.name: direction = .serverToClient
    default: throw reader.wrong("direction")
    }
    if reader.has("frame") { frame = try reader.exactInteger("frame") }
    switch try reader.text("dialect") {
    case "native": dialect = .native
    case "classic": dialect = .classic
    default: throw reader.wrong("dialect")
    }
    type = try reader.text("type")
    guard let sequence = UInt16(exactly: try reader.integer("sequence")) else {
      throw reader.wrong("sequence")
    }
    self.sequence = sequence
    heldNanoseconds = try reader.nanoseconds("held_seconds")
    guard let bytes = HexText.bytes(try reader.text("bytes")) else { throw reader.wrong("bytes") }
    self.bytes = bytes
    let length = try reader.integer("length")
    guard length >= bytes.count else { throw reader.wrong("length") }
    omittedByteCount = length - bytes.count
  }
}

extension JSONObjectReader {
  /// A time in seconds.
  fileprivate func nanoseconds(_ key: String) throws(DocumentError) -> Int64 {
    // A time beyond 292 years is none.
    Int64((min(try number(key), 9.2e9) * 1e9).rounded())
  }
}
