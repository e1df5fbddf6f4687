internal import ChatLens
internal import ChatPosix
internal import ChatWire

/// What `/status` prints.
enum StatusTable {
  /// Everything that was negotiated and measured.
  static func lines(
    _ status: ClientStatus, wishes: ClientWishes, nickname: String?
  ) -> [String] {
    var rows: [[String]] = []
    let server = "\(EscapedText.line(status.host)):\(status.port)"
    if let session = status.session {
      let name = session.serverName.isEmpty ? "" : " (\(EscapedText.line(session.serverName)))"
      rows.append(["server", server + name])
      rows.append(["nickname", nickname.map(EscapedText.line) ?? "none"])
      rows += negotiated(session, wishes)
    } else {
      rows.append(["server", server + ", not connected"])
      rows.append(["nickname", nickname.map(EscapedText.line) ?? "none"])
      rows.append(["asks for", asked(wishes)])
    }
    if let native = status.native { rows += measured(native, wishes) }
    let waiting = status.unacknowledgedCount
    rows.append([
      "waiting", waiting == 0 ? "nothing" : "\(counted(waiting, "message")) not acknowledged",
    ])
    rows.append([
      "faults",
      status.faults.isEmpty
        ? "none"
        : "\(ChatModel.onOneLine(status.faults)); \(counted(status.faultCount, "frame")) so far",
    ])
    return AlignedTable.lines(rows)
  }

  private static func negotiated(
    _ session: ClientSessionInfo, _ wishes: ClientWishes
  ) -> [[String]] {
    let isClassic = session.dialect == .classic
    let otherwise =
      session.mode == session.requestedMode ? "" : " (asked for \(session.requestedMode.title))"
    return [
      ["session", session.sessionID.isEmpty ? "without a name" : session.sessionID],
      ["dialect", isClassic ? "classic" : "native"],
      ["repair", session.mode.title + otherwise],
      ["window", counted(session.windowSize, "frame")],
      [
        "fragments", "up to \(counted(session.fragmentSizeMax, isClassic ? "character" : "byte"))",
      ],
    ]
  }

  private static func asked(_ wishes: ClientWishes) -> String {
    if wishes.isClassic {
      return "classic dialect, window \(wishes.windowSize ?? 4), fragments of "
        + counted(wishes.fragmentSizeMax ?? 3, "character")
    }
    return "\(wishes.mode.title), window \(wishes.windowSize ?? 16), fragments of "
      + counted(wishes.fragmentSizeMax ?? 1_024, "byte")
  }

  private static func measured(_ native: SessionStatus, _ wishes: ClientWishes) -> [[String]] {
    let roundTrip = native.smoothedRoundTrip?.textForPeople ?? "not measured yet"
    let timeout = (wishes.timeout ?? native.retransmissionTimeout).textForPeople
    return [
      [
        "in flight",
        "\(native.inFlightCount) of \(native.sendWindow); the next frame is "
          + "\(native.next.rawValue)",
      ],
      [
        "round trip",
        "\(roundTrip); retransmission timeout \(timeout)\(wishes.timeout == nil ? "" : ", fixed")",
      ],
      [
        "sent",
        "\(counted(native.framesSent, "frame")), \(native.framesRetransmitted) again; "
          + "\(counted(native.acknowledgedMessageCount, "message")) acknowledged",
      ],
      [
        "received",
        "\(counted(native.framesReceived, "frame")), \(native.corruptFramesReceived) damaged; "
          + counted(native.messagesDelivered, "message"),
      ],
    ]
  }
}

/// What `/who` prints.
enum RosterTable {
  /// One line for each who is here, aligned.
  static func lines(_ roster: [RosterLine]) -> [String] {
    let header = ["nickname", "mode", "window", "fragment", "connected"]
    let knowsMore = roster.contains { $0.mode != nil || $0.connectedSeconds != nil }
    let rows = roster.map { line -> [String] in
      let name = EscapedText.line(line.nickname) + (line.isSelf ? " (you)" : "")
      guard knowsMore else { return [name] }
      let mode = line.isClassic ? "classic" : line.mode.map(\.name) ?? "-"
      return [
        name, mode, line.windowSize.map(String.init) ?? "-",
        line.fragmentSizeMax.map(String.init) ?? "-",
        line.connectedSeconds.map(Self.text(seconds:)) ?? "-",
      ]
    }
    let title = roster.count == 1 ? "* 1 is here" : "* \(roster.count) are here"
    return [title] + AlignedTable.lines((knowsMore ? [header] : []) + rows)
  }

  private static func text(seconds: Int) -> String {
    let minutes = seconds / 60
    if minutes == 0 { return "\(seconds) s" }
    if minutes < 60 { return "\(minutes) min" }
    if minutes < 48 * 60 { return "\(minutes / 60) h \(minutes % 60) min" }
    return "\(minutes / 60 / 24) days"
  }
}

extension Duration {
  /// As in `2 s`, `1.5 s`, `200 ms`, `0.8 ms`: three digits or so.
  var textForPeople: String {
    let nanoseconds = max(0, nanoseconds)
    if nanoseconds >= 1_000_000_000 {
      return Self.decimal(nanoseconds, unit: 1_000_000_000) + " s"
    }
    if nanoseconds >= 100_000 { return Self.decimal(nanoseconds, unit: 1_000_000) + " ms" }
    return Self.decimal(nanoseconds, unit: 1_000) + " us"
  }

  /// With one decimal, unless that is 0 or there are three digits already.
  private static func decimal(_ value: Int64, unit: Int64) -> String {
    if value >= 100 * unit { return "\(value / unit)" }
    let tenths = value / (unit / 10)
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
