import ChatWire

extension TraceStatistics {
  /// The report for machines: one object a line, a line for each stream and one for all of them.
  public func ndjson() -> String {
    var output = ""
    for stream in streams { write(stream, scope: "stream", to: &output) }
    var total = total()
    total.number = -1
    write(total, scope: "total", to: &output)
    return output
  }

  private func write(_ stream: Stream, scope: String, to output: inout String) {
    var object = ["\"schema_version\":1", "\"kind\":\"statistics\"", "\"scope\":\"\(scope)\""]
    if stream.number >= 0 {
      object.append("\"stream\":\(stream.number)")
      object.append("\"dialect\":\"\(stream.dialect == .native ? "native" : "classic")\"")
      if let client = stream.client { object.append("\"client\":" + Self.quoted(client)) }
      if let server = stream.server { object.append("\"server\":" + Self.quoted(server)) }
      if let mode = stream.mode { object.append("\"mode\":\"\(mode.name)\"") }
      if let window = stream.window { object.append("\"window\":\(window)") }
      if let size = stream.fragmentSize { object.append("\"fragment\":\(size)") }
      if let end = stream.end { object.append("\"end\":\"\(end.name)\"") }
      if let verdict = stream.ledger?.verdict { object.append("\"verdict\":\"\(verdict.name)\"") }
    } else {
      object.append("\"packets\":\(summary.packets)")
      object.append("\"streams\":\(streams.count)")
      object.append("\"other_streams\":\(summary.otherStreams)")
    }
    let duration = TraceTime.elapsed(from: stream.firstTime, to: stream.lastTime)
    object.append("\"duration_ns\":\(duration)")
    object.append(
      "\"c2s\":"
        + flow(stream.clientToServer, stream.dialect, stream.ledger?.clientToServer, duration))
    object.append(
      "\"s2c\":"
        + flow(stream.serverToClient, stream.dialect, stream.ledger?.serverToClient, duration))
    let counts = Self.array(stream.causes)
    let causes = Cause.allCases.filter { counts[$0.rawValue] > 0 }
      .map { "\"\($0.key)\":\(counts[$0.rawValue])" }
    object.append("\"retransmissions\":{\(causes.joined(separator: ","))}")
    if let median = stream.roundTrips.quantile(thousandths: 500),
      let high = stream.roundTrips.quantile(thousandths: 990)
    {
      object.append(
        "\"round_trip_ns\":{\"count\":\(stream.roundTrips.count),"
          + "\"min\":\(stream.roundTrips.minimum),\"median\":\(median),\"p99\":\(high)}")
    }
    output += "{" + object.joined(separator: ",") + "}\n"
  }

  /// A source may call the ends of its connections anything.
  private static func quoted(_ text: String) -> String {
    var json: [UInt8] = []
    json.append(json: text)
    return String(decoding: json, as: UTF8.self)
  }

  private func flow(
    _ flow: Flow, _ dialect: Dialect, _ ledger: TraceSummary.Ledger?, _ nanoseconds: Int64
  ) -> String {
    var object = ["\"frames\":\(flow.frames)"]
    let types = (0..<16).filter { flow.types[$0] > 0 }
      .map { "\"\(Self.typeName($0, dialect))\":\(flow.types[$0])" }
    object.append("\"types\":{\(types.joined(separator: ","))}")
    object.append("\"bad_checksums\":\(flow.badChecksums)")
    object.append("\"unverified\":\(flow.unverified)")
    let faults = flow.faults.indices.filter { flow.faults[$0] > 0 }.map { index in
      let name = Enumeration.disposition.names[index + Int(TraceEvent.Disposition.dropped.rawValue)]
      return "\"\(name)\":\(flow.faults[index])"
    }
    if !faults.isEmpty { object.append("\"faults\":{\(faults.joined(separator: ","))}") }
    object.append("\"messages\":\(flow.messages)")
    object.append("\"message_bytes\":\(flow.messageBytes)")
    if nanoseconds > 0 {
      object.append("\"goodput_bytes_per_s\":\(Self.rate(flow.messageBytes, nanoseconds))")
    }
    if flow.inFlightCount > 0 {
      object.append("\"in_flight_max\":\(flow.inFlightMax)")
      let tenths = flow.inFlightSum &* 10 / flow.inFlightCount
      object.append("\"in_flight_mean\":\(tenths / 10).\(tenths % 10)")
    }
    if let ledger {
      object.append("\"bytes\":\(ledger.bytes)")
      object.append("\"frame_bytes\":\(ledger.frameBytes)")
      object.append("\"gap_bytes\":\(ledger.gapBytes)")
      object.append("\"junk_bytes\":\(ledger.junkBytes)")
      object.append("\"undecided_bytes\":\(ledger.undecidedBytes)")
    }
    return "{" + object.joined(separator: ",") + "}"
  }
}
