internal import ChatProgram
internal import ChatWire

/// A server's status for people: a few lines about the server, then a row for each client.
///
/// Columns are as wide as what they hold; if all of them do not fit, the least interesting are left
/// out, and a line says which.
struct StatusTable {
  /// The table.
  let text: String

  /// Makes a table of at most `width` columns, if that is possible.
  init(_ status: ServerStatus, width: Int, asciiOnly: Bool) {
    var lines = Self.about(status, asciiOnly: asciiOnly)
    let clients = status.clients.sorted {
      ($0.nickname, $0.address, $0.session) < ($1.nickname, $1.address, $1.session)
    }
    if clients.isEmpty {
      lines.append("no clients")
    } else {
      lines += Self.rows(clients, width: width, asciiOnly: asciiOnly)
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  // MARK: the server

  private static func about(_ status: ServerStatus, asciiOnly: Bool) -> [String] {
    let totals = status.totals
    let log = status.log
    let cut = { (text: String) in TerminalText.cut(text, scalarCountMax: 80, asciiOnly: asciiOnly) }
    let logPlace = log.directory.map(cut) ?? "standard error"
    // On standard error the server may write by itself.
    let noProcess = log.directory == nil ? "" : ", being started again"
    let logProcess = log.processIdentifier.map { ", process \($0)" } ?? noProcess
    return [
      "\(cut(status.name)): chat-server \(cut(status.version)), process "
        + "\(status.processIdentifier), at \(cut(status.address)), up "
        + ElapsedTime.short(seconds: status.uptimeSeconds),
      "clients   \(status.clients.count) here, \(status.halfOpenCount) in their handshake; "
        + "\(totals.connectionsAccepted) accepted, \(totals.connectionsRefused) refused, "
        + "\(totals.slowClientsEnded) too slow",
      "messages  \(totals.messagesReceived) received, \(totals.messagesSent) sent, "
        + "\(totals.messagesRefused) refused; "
        + "\(ByteCount.short(totals.bytesReceived)) bytes in, "
        + "\(ByteCount.short(totals.bytesSent)) out",
      "log       \(logPlace)\(logProcess)",
      "          \(log.acknowledgedCount) records written, \(log.pendingCount) waiting, "
        + "\(log.droppedCount) dropped; \(count(log.restartCount, "restart"))",
      "",
    ]
  }

  // MARK: the clients

  private static func columns(
    _ clients: [ServerStatus.ClientStatus], asciiOnly: Bool
  ) -> [TextTable.Column] {
    func column(
      _ title: String, left: Bool = false, dispensability: Int = 0,
      _ cell: (ServerStatus.ClientStatus) -> String
    ) -> TextTable.Column {
      TextTable.Column(
        title, isRightAligned: !left, dispensability: dispensability, cells: clients.map(cell))
    }
    return [
      column("nickname", left: true) {
        TerminalText.cut($0.nickname, scalarCountMax: 32, asciiOnly: asciiOnly)
      },
      column("address", left: true, dispensability: 2) {
        TerminalText.cut($0.address, scalarCountMax: 53, asciiOnly: asciiOnly)
      },
      column("dialect", left: true, dispensability: 6) { $0.dialect.name },
      column("mode", left: true) { $0.mode.name },
      column("window", dispensability: 4) { String($0.windowSize) },
      column("fragment", dispensability: 7) { String($0.fragmentSizeMax) },
      column("in flight") { String($0.inFlightCount) },
      column("again") { String($0.retransmissionCount) },
      column("queue") { ByteCount.short($0.queuedByteCount) },
      column("received", dispensability: 1) { ByteCount.short($0.bytesReceived) },
      column("msgs", dispensability: 5) { String($0.messagesReceived) },
      column("sent", dispensability: 1) { ByteCount.short($0.bytesSent) },
      column("msgs", dispensability: 5) { String($0.messagesSent) },
      column("rtt") { $0.roundTripMilliseconds.map(roundTrip) ?? "-" },
      column("connected", dispensability: 3) { ElapsedTime.short(seconds: $0.connectedSeconds) },
    ]
  }

  private static func rows(
    _ clients: [ServerStatus.ClientStatus], width: Int, asciiOnly: Bool
  ) -> [String] {
    let table = TextTable(columns(clients, asciiOnly: asciiOnly), width: width)
    return table.lines + table.omissionLines
  }

  // MARK: numbers

  private static func count(_ number: Int, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }

  /// `0.05ms`, `1.2ms`, `150ms`, `2.5s`.
  static func roundTrip(_ milliseconds: Double) -> String {
    if milliseconds < 0.995 { return decimal(milliseconds, digits: 2) + "ms" }
    if milliseconds < 9.95 { return decimal(milliseconds, digits: 1) + "ms" }
    if milliseconds < 999.5 { return decimal(milliseconds, digits: 0) + "ms" }
    return decimal(milliseconds / 1_000, digits: 1) + "s"
  }

  private static func decimal(_ value: Double, digits: Int) -> String {
    let scale = [1, 10, 100][digits]
    // Within bounds: the reader lets nothing above 1e15 through.
    let scaled = Int((min(value, 1e15) * Double(scale)).rounded())
    guard digits > 0 else { return String(scaled) }
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.utf8.count)
      + fraction
  }
}
