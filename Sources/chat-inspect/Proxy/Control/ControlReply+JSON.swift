internal import ChatProgram
internal import ChatWire

// Keys are the names of the properties in snake case, times are seconds, bytes hexadecimal digits.
// What is nil is left out; whole numbers that could be too large for a reader are text.

extension ControlReply {
  /// The version of the documents: what is added later never changes what is there.
  static let schemaVersion = 1

  /// The reply as a JSON object.
  var json: JSONValue {
    switch self {
    case .done: Self.document(JSONMember("done", true))
    case .statistics(let report): Self.document(JSONMember("statistics", report.json))
    case .connections(let reports):
      Self.document(JSONMember("connections", .array(reports.map(\.json))))
    case .rules(let reports): Self.document(JSONMember("rules", .array(reports.map(\.json))))
    case .interception(let report): Self.document(JSONMember("interception", report.json))
    case .failed(let sentence): .object([JSONMember("error", sentence)])
    case .missing(let sentence):
      .object([JSONMember("error", sentence), JSONMember("missing", true)])
    }
  }

  private static func document(_ member: JSONMember) -> JSONValue {
    .object([JSONMember("schema_version", schemaVersion), member])
  }
}

extension ProxyReport {
  var json: JSONValue {
    var members = [
      JSONMember("listen", listen), JSONMember("upstream", upstream),
      JSONMember("seed", exactly: seed),
      JSONMember("uptime_seconds", thousandths: Double(uptimeNanoseconds) / 1e9),
      JSONMember("accepted", accepted), JSONMember("open", open), JSONMember("refused", refused),
      JSONMember("frames", exactly: frames), JSONMember("bytes", exactly: bytes),
      JSONMember("disturbed", exactly: disturbed),
      JSONMember("dropped_lines", exactly: droppedLines),
    ]
    if let recording { members.append(JSONMember("recording", recording)) }
    members.append(JSONMember("recorded_bytes", exactly: recordedBytes))
    if let recordingFailure { members.append(JSONMember("recording_failure", recordingFailure)) }
    return .object(members)
  }
}

extension ConnectionReport {
  var json: JSONValue {
    var members = [
      JSONMember("number", number), JSONMember("client", client), JSONMember("server", server),
    ]
    if let dialect { members.append(JSONMember("dialect", dialect)) }
    return .object(
      members + [
        JSONMember("age_seconds", thousandths: Double(ageNanoseconds) / 1e9),
        JSONMember(Direction.clientToServer.name, clientToServer.json),
        JSONMember(Direction.serverToClient.name, serverToClient.json),
      ])
  }
}

extension ConnectionReport.Flow {
  var json: JSONValue {
    .object([
      JSONMember("bytes_in", exactly: bytesIn), JSONMember("bytes_out", exactly: bytesOut),
      JSONMember("frames", exactly: frames), JSONMember("disturbed", exactly: disturbed),
      JSONMember("waiting_bytes", waitingBytes), JSONMember("ended", isEnded),
    ])
  }
}

extension RuleReport {
  var json: JSONValue {
    .object([
      JSONMember("number", number), JSONMember("rule", rule),
      JSONMember("acted_count", exactly: actedCount),
    ])
  }
}

extension InterceptionReport {
  var json: JSONValue {
    var members: [JSONMember] = []
    if let filter { members.append(JSONMember("filter", filter)) }
    var room = Self.shownByteCountMax
    let frames = held.map { held in
      let shown = held.bytes.prefix(room)
      room -= shown.count
      return held.json(showing: Array(shown))
    }
    return .object(members + [JSONMember("held", .array(frames))])
  }
}

extension InterceptionReport.Held {
  fileprivate func json(showing shown: [UInt8]) -> JSONValue {
    var members = [
      JSONMember("number", number), JSONMember("connection", connection),
      JSONMember("direction", direction.name),
    ]
    if let frame { members.append(JSONMember("frame", exactly: frame)) }
    return .object(
      members + [
        JSONMember("dialect", dialect == .native ? "native" : "classic"),
        JSONMember("type", type), JSONMember("sequence", Int(sequence)),
        JSONMember("held_seconds", thousandths: Double(heldNanoseconds) / 1e9),
        JSONMember("length", byteCount), JSONMember("bytes", HexText.string(shown)),
      ])
  }
}
