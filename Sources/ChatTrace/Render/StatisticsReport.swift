import ChatWire

// What `chat-inspect stats` prints. Text from the wire does not occur in it.

extension TraceStatistics {
  /// Streams that are shown one by one; the rest is in the sums.
  static let shownStreamsMax = 50

  /// The chat streams, in order.
  public var streamNumbers: [Int] { streams.map(\.number) }

  /// Keeps these streams only, and says which of them are none.
  ///
  /// To be called after the end; sums are then of these streams.
  public mutating func keep(only numbers: [Int]) -> [Int] {
    streams.removeAll { !numbers.contains($0.number) }
    return numbers.filter { number in !streams.contains { $0.number == number } }
  }

  /// The report as text of at most `width` columns, 80 at least.
  public func text(width: Int) -> String {
    var lines: [String] = []
    for stream in streams.prefix(Self.shownStreamsMax) { describe(stream, &lines) }
    if streams.count > Self.shownStreamsMax {
      lines.append("... and \(streams.count - Self.shownStreamsMax) more chat streams (--json)")
      lines.append("")
    }
    if streams.count != 1 { overall(&lines) }
    lines.append(
      "\(Self.number(summary.packets)) packets, \(Self.number(UInt64(streams.count))) chat "
        + "stream\(streams.count == 1 ? "" : "s"), "
        + "\(Self.number(summary.otherStreams)) other TCP "
        + "connection\(summary.otherStreams == 1 ? "" : "s")")
    return lines.joined(separator: "\n") + "\n"
  }

  private func describe(_ stream: Stream, _ lines: inout [String]) {
    let ends = "\(stream.client ?? "?") > \(stream.server ?? "?")"
    lines.append("stream \(stream.number)  \(ends)")
    var parts = [stream.dialect == .native ? "native" : "classic"]
    switch (stream.dialect, stream.mode) {
    // Whatever is agreed, the original programs send one fragment at a time (PROTOCOL.md 9.8).
    case (.classic, _): parts.append("stop-and-wait")
    case (.native, .goBackN): parts.append("Go-Back-N")
    case (.native, .selectiveRepeat): parts.append("Selective Repeat")
    case (.native, nil): break
    }
    if let window = stream.window, stream.dialect == .native { parts.append("window \(window)") }
    if let size = stream.fragmentSize {
      parts.append("fragments of \(size) \(stream.dialect == .native ? "bytes" : "characters")")
    }
    if let end = stream.end { parts.append("end: \(end.name)") }
    if let verdict = stream.ledger?.verdict { parts.append("verdict: \(verdict.name)") }
    lines.append("  " + parts.joined(separator: ", "))
    table(
      stream.clientToServer, stream.serverToClient, dialect: stream.dialect,
      nanoseconds: TraceTime.elapsed(from: stream.firstTime, to: stream.lastTime),
      &lines)
    causes(Self.array(stream.causes), &lines)
    roundTrips(stream.roundTrips, &lines)
    window(stream.clientToServer, "c2s", &lines)
    window(stream.serverToClient, "s2c", &lines)
    if let ledger = stream.ledger {
      bytes(ledger.clientToServer, "c2s", &lines)
      bytes(ledger.serverToClient, "s2c", &lines)
    }
    lines.append("")
  }

  private func overall(_ lines: inout [String]) {
    guard !streams.isEmpty else { return }
    let total = total()
    lines.append("all chat streams")
    table(
      total.clientToServer, total.serverToClient, dialect: total.dialect,
      nanoseconds: TraceTime.elapsed(from: total.firstTime, to: total.lastTime), &lines)
    causes(Self.array(total.causes), &lines)
    roundTrips(total.roundTrips, &lines)
    if let ledger = total.ledger {
      bytes(ledger.clientToServer, "c2s", &lines)
      bytes(ledger.serverToClient, "s2c", &lines)
    }
    lines.append("")
  }

  private func table(
    _ up: Flow, _ down: Flow, dialect: Dialect, nanoseconds: Int64, _ lines: inout [String]
  ) {
    lines.append("  " + Self.row("", "c2s", "s2c"))
    lines.append("  " + Self.row("frames", Self.number(up.frames), Self.number(down.frames)))
    // What has no name of its own comes last.
    for slot in Array(1..<16) + [0] where up.types[slot] != 0 || down.types[slot] != 0 {
      lines.append(
        "  "
          + Self.row(
            "  \(Self.typeName(slot, dialect))", Self.number(UInt64(up.types[slot])),
            Self.number(UInt64(down.types[slot]))))
    }
    for (name, values) in [
      ("bad checksums", (up.badChecksums, down.badChecksums)),
      ("unverified", (up.unverified, down.unverified)),
      ("dropped here", Self.faults(.dropped, up, down)),
      ("corrupted here", Self.faults(.corrupted, up, down)),
      ("delayed here", Self.faults(.delayed, up, down)),
      ("duplicated here", Self.faults(.duplicated, up, down)),
      ("reordered here", Self.faults(.reordered, up, down)),
      ("messages", (up.messages, down.messages)),
      ("message bytes", (up.messageBytes, down.messageBytes)),
    ] where values.0 != 0 || values.1 != 0 {
      lines.append("  " + Self.row(name, Self.number(values.0), Self.number(values.1)))
    }
    guard nanoseconds > 0, up.messageBytes > 0 || down.messageBytes > 0 else { return }
    lines.append(
      "  "
        + Self.row(
          "goodput, bytes/s", Self.number(Self.rate(up.messageBytes, nanoseconds)),
          Self.number(Self.rate(down.messageBytes, nanoseconds))))
  }

  private func causes(_ counts: [UInt32], _ lines: inout [String]) {
    let total = counts.reduce(UInt64(0)) { $0 + UInt64($1) }
    guard total > 0 else { return }
    let parts = Cause.allCases.filter { counts[$0.rawValue] > 0 }
      .map { "\($0.name) \(counts[$0.rawValue])" }
    lines.append("  retransmissions    \(Self.number(total)): " + parts.joined(separator: ", "))
  }

  private func roundTrips(_ histogram: RoundTripHistogram, _ lines: inout [String]) {
    guard let median = histogram.quantile(thousandths: 500),
      let high = histogram.quantile(thousandths: 990)
    else { return }
    lines.append(
      "  round trip         min \(Self.duration(histogram.minimum)), median "
        + "\(Self.duration(median)), p99 \(Self.duration(high)) "
        + "(\(Self.number(histogram.count)) measured)")
  }

  private func window(_ flow: Flow, _ name: String, _ lines: inout [String]) {
    guard flow.inFlightCount > 0, flow.windowMax > 0 else { return }
    let tenths = flow.inFlightSum &* 10 / flow.inFlightCount
    lines.append(
      "  window use \(name)     mean \(tenths / 10).\(tenths % 10), most \(flow.inFlightMax) of "
        + "\(flow.windowMax) frames in flight")
  }

  private func bytes(_ ledger: TraceSummary.Ledger, _ name: String, _ lines: inout [String]) {
    var parts = ["frames \(Self.number(ledger.frameBytes))"]
    if ledger.gapBytes > 0 { parts.append("gaps \(Self.number(ledger.gapBytes))") }
    if ledger.junkBytes > 0 { parts.append("junk \(Self.number(ledger.junkBytes))") }
    if ledger.undecidedBytes > 0 {
      parts.append("undecided \(Self.number(ledger.undecidedBytes))")
    }
    lines.append(
      "  bytes \(name)          \(Self.number(ledger.bytes)): " + parts.joined(separator: ", "))
  }

  /// The sums over all streams.
  func total() -> Stream {
    var total = Stream()
    var ledger = TraceSummary.Stream()
    total.dialect = streams.first?.dialect ?? .native
    for stream in streams {
      total.firstTime = min(total.firstTime, stream.firstTime)
      total.lastTime = max(total.lastTime, stream.lastTime)
      Self.add(stream.clientToServer, to: &total.clientToServer)
      Self.add(stream.serverToClient, to: &total.serverToClient)
      for index in 0..<Cause.allCases.count { total.causes[index] &+= stream.causes[index] }
      total.roundTrips.add(stream.roundTrips)
      if let line = stream.ledger {
        ledger.clientToServer.add(line.clientToServer)
        ledger.serverToClient.add(line.serverToClient)
      }
    }
    total.ledger = ledger
    return total
  }

  private static func add(_ flow: Flow, to total: inout Flow) {
    for slot in 0..<16 { total.types[slot] &+= flow.types[slot] }
    for index in flow.faults.indices { total.faults[index] &+= flow.faults[index] }
    total.frames += flow.frames
    total.badChecksums += flow.badChecksums
    total.unverified += flow.unverified
    total.messages += flow.messages
    total.messageBytes += flow.messageBytes
    total.inFlightSum += flow.inFlightSum
    total.inFlightCount += flow.inFlightCount
    total.inFlightMax = max(total.inFlightMax, flow.inFlightMax)
    total.windowMax = max(total.windowMax, flow.windowMax)
  }

  /// How many frames of both directions a fault acted on.
  private static func faults(
    _ kind: TraceEvent.Disposition, _ up: Flow, _ down: Flow
  ) -> (UInt64, UInt64) {
    let index = Int(kind.rawValue &- TraceEvent.Disposition.dropped.rawValue)
    return (UInt64(up.faults[index]), UInt64(down.faults[index]))
  }

  static func typeName(_ slot: Int, _ dialect: Dialect) -> String {
    switch (slot, dialect) {
    case (0, _): "other"
    case (15, _): ClassicType.channelConfig.name
    case (let code, .native): FrameType(rawValue: UInt8(code)).name
    case (let code, .classic): ClassicType(rawValue: UInt8(code)).name
    }
  }

  static func array(_ counts: InlineArray<7, UInt32>) -> [UInt32] {
    counts.indices.map { counts[$0] }
  }

  static func rate(_ bytes: UInt64, _ nanoseconds: Int64) -> UInt64 {
    UInt64(clamping: Int64(Double(bytes) * 1e9 / Double(nanoseconds)))
  }

  private static func row(_ name: String, _ up: String, _ down: String) -> String {
    pad(name, to: 17, right: false) + pad(up, to: 14) + pad(down, to: 14)
  }

  private static func pad(_ text: String, to width: Int, right: Bool = true) -> String {
    let padding = String(repeating: " ", count: max(0, width - text.count))
    return right ? padding + text : text + padding
  }

  /// A number with its thousands apart.
  static func number(_ value: UInt64) -> String {
    var digits = Array(String(value))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  /// A duration in a unit that suits it.
  static func duration(_ nanoseconds: Int64) -> String {
    let value = max(0, nanoseconds)
    if value < 10_000_000 { return "\(value / 1_000) us" }
    if value < 10_000_000_000 { return "\(value / 1_000_000) ms" }
    return "\(value / 1_000_000_000) s"
  }
}
