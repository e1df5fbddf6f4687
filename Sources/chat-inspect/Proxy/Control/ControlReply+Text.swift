internal import ChatProgram
internal import ChatWire

extension ControlReply {
  /// The reply for people: tables of at most `width` columns, if that is possible.
  func text(width: Int, asciiOnly: Bool) -> String {
    let text = ControlText(width: width, asciiOnly: asciiOnly)
    let lines =
      switch self {
      case .done: ["done"]
      case .statistics(let report): text.statistics(report)
      case .connections(let reports): text.connections(reports)
      case .rules(let reports): text.rules(reports)
      case .interception(let report): text.interception(report)
      case .failed(let sentence), .missing(let sentence): [text.safe(sentence)]
      }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Makes the lines of replies.
private struct ControlText {
  let width: Int
  let asciiOnly: Bool

  func safe(_ text: String) -> String { TerminalText.safe(text, asciiOnly: asciiOnly) }

  private func cut(_ text: String, _ scalarCountMax: Int) -> String {
    TerminalText.cut(text, scalarCountMax: scalarCountMax, asciiOnly: asciiOnly)
  }

  private func size(_ count: UInt64) -> String { ByteCount.short(Int(clamping: count)) }

  private func elapsed(_ nanoseconds: Int64) -> String {
    ElapsedTime.short(seconds: Double(nanoseconds) / 1e9)
  }

  // MARK: statistics

  func statistics(_ report: ProxyReport) -> [String] {
    var recording = "none"
    if let file = report.recording {
      recording = "\(size(report.recordedBytes)) bytes in \(cut(file, 200))"
    }
    if let failure = report.recordingFailure { recording += "; FAILED: \(cut(failure, 200))" }
    return [
      "proxy at \(cut(report.listen, 60)), to \(cut(report.upstream, 60)), up "
        + "\(elapsed(report.uptimeNanoseconds)), seed \(report.seed)",
      "connections  \(report.open) open; \(report.accepted) accepted, "
        + "\(report.refused) refused by the server",
      "frames       \(report.frames), of which \(report.disturbed) were disturbed; "
        + "\(size(report.bytes)) bytes",
      "trace        "
        + (report.droppedLines == 0
          ? "no line left out" : "\(report.droppedLines) lines left out: their reader is too slow"),
      "recording    \(recording)",
    ]
  }

  // MARK: connections

  func connections(_ reports: [ConnectionReport]) -> [String] {
    guard !reports.isEmpty else { return ["no connections"] }
    let reports = reports.sorted { $0.number < $1.number }
    func column(
      _ title: String, left: Bool = false, dispensability: Int = 0,
      _ cell: (ConnectionReport) -> String
    ) -> TextTable.Column {
      TextTable.Column(
        title, isRightAligned: !left, dispensability: dispensability, cells: reports.map(cell))
    }
    func flow(_ title: String, _ path: KeyPath<ConnectionReport, ConnectionReport.Flow>)
      -> [TextTable.Column]
    {
      [
        column(title) { size($0[keyPath: path].bytesIn) },
        column("frames") { String($0[keyPath: path].frames) },
        column("hit") { String($0[keyPath: path].disturbed) },
        column("waits", dispensability: 1) { ByteCount.short($0[keyPath: path].waitingBytes) },
      ]
    }
    let table = TextTable(
      [
        column("no") { String($0.number) },
        column("client", left: true) { cut($0.client, 53) },
        column("server", left: true, dispensability: 4) { cut($0.server, 53) },
        column("dialect", left: true, dispensability: 2) { cut($0.dialect ?? "?", 10) },
        column("age", dispensability: 3) { elapsed($0.ageNanoseconds) },
      ] + flow("c2s", \.clientToServer) + flow("s2c", \.serverToClient)
        + [
          column("ended", left: true, dispensability: 3) { report in
            switch (report.clientToServer.isEnded, report.serverToClient.isEnded) {
            case (false, false): "-"
            case (true, false): Direction.clientToServer.name
            case (false, true): Direction.serverToClient.name
            case (true, true): "both"
            }
          }
        ], width: width)
    return table.lines + table.omissionLines
  }

  // MARK: rules

  func rules(_ reports: [RuleReport]) -> [String] {
    guard !reports.isEmpty else { return ["no rules: everything passes as it is"] }
    return TextTable(
      [
        TextTable.Column("no", cells: reports.map { String($0.number) }),
        TextTable.Column("acted", cells: reports.map { String($0.actedCount) }),
        // Somebody may want to copy it: it is not cut.
        TextTable.Column("rule", isRightAligned: false, cells: reports.map { safe($0.rule) }),
      ], width: width
    ).lines
  }

  // MARK: held frames

  func interception(_ report: InterceptionReport) -> [String] {
    var lines: [String] = []
    if let filter = report.filter {
      lines.append("frames are held that match: \(safe(filter))")
    } else {
      lines.append("no frames are being held; to hold some: chat-inspect ctl intercept FILTER")
    }
    guard !report.held.isEmpty else {
      return report.filter == nil ? lines : lines + ["none has come yet, or all were let go"]
    }
    func column(
      _ title: String, left: Bool = false, dispensability: Int = 0,
      _ cell: (InterceptionReport.Held) -> String
    ) -> TextTable.Column {
      TextTable.Column(
        title, isRightAligned: !left, dispensability: dispensability,
        cells: report.held.map(cell))
    }
    let table = TextTable(
      [
        column("no") { String($0.number) },
        column("held", dispensability: 1) { elapsed($0.heldNanoseconds) },
        column("connection") { String($0.connection) },
        column("way", left: true) { $0.direction.name },
        column("frame", dispensability: 3) { $0.frame.map(String.init) ?? "-" },
        column("type", left: true) { cut($0.type, 20) },
        column("seq") { String($0.sequence) },
        column("bytes") { String($0.byteCount) },
        column("payload", left: true, dispensability: 2) { held in
          let payload = held.bytes.dropFirst(held.dialect.headerSize).prefix(64)
          return cut(String(decoding: payload, as: UTF8.self), 24)
        },
      ], width: width)
    return lines + [""] + table.lines + table.omissionLines
  }
}
