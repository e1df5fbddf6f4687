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
        + elapsed(status.uptimeSeconds),
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

  private struct Column {
    let title: String
    let isRightAligned: Bool
    /// What is left out first has the highest number; 0 stays.
    let dispensability: Int
    let cell: (ServerStatus.ClientStatus) -> String

    init(
      _ title: String, left: Bool = false, dispensability: Int = 0,
      _ cell: @escaping (ServerStatus.ClientStatus) -> String
    ) {
      self.title = title
      isRightAligned = !left
      self.dispensability = dispensability
      self.cell = cell
    }
  }

  private static func columns(asciiOnly: Bool) -> [Column] {
    [
      Column("nickname", left: true) {
        TerminalText.cut($0.nickname, scalarCountMax: 32, asciiOnly: asciiOnly)
      },
      Column("address", left: true, dispensability: 2) {
        TerminalText.cut($0.address, scalarCountMax: 53, asciiOnly: asciiOnly)
      },
      Column("dialect", left: true, dispensability: 6) { $0.dialect.name },
      Column("mode", left: true) { $0.mode.name },
      Column("window", dispensability: 4) { String($0.windowSize) },
      Column("fragment", dispensability: 7) { String($0.fragmentSizeMax) },
      Column("in flight") { String($0.inFlightCount) },
      Column("again") { String($0.retransmissionCount) },
      Column("queue") { ByteCount.short($0.queuedByteCount) },
      Column("received", dispensability: 1) { ByteCount.short($0.bytesReceived) },
      Column("msgs", dispensability: 5) { String($0.messagesReceived) },
      Column("sent", dispensability: 1) { ByteCount.short($0.bytesSent) },
      Column("msgs", dispensability: 5) { String($0.messagesSent) },
      Column("rtt") { $0.roundTripMilliseconds.map(roundTrip) ?? "-" },
      Column("connected", dispensability: 3) { elapsed($0.connectedSeconds) },
    ]
  }

  private static func rows(
    _ clients: [ServerStatus.ClientStatus], width: Int, asciiOnly: Bool
  ) -> [String] {
    var columns = columns(asciiOnly: asciiOnly)
    var cells = columns.map { column in [column.title] + clients.map(column.cell) }
    var widths = cells.map { $0.reduce(0) { max($0, TerminalText.columns($1)) } }
    var omitted: [String] = []
    while widths.reduce(0, +) + widths.count - 1 > width,
      let last = columns.map(\.dispensability).max(), last > 0
    {
      for index in columns.indices.reversed() where columns[index].dispensability == last {
        if !omitted.contains(columns[index].title) { omitted.append(columns[index].title) }
        columns.remove(at: index)
        cells.remove(at: index)
        widths.remove(at: index)
      }
    }
    // Two spaces between columns if there is room for them.
    let isRoomy = widths.reduce(0, +) + 2 * (widths.count - 1) <= width
    var lines = (0...clients.count).map { row in
      let fields = columns.indices.map { index in
        padded(cells[index][row], to: widths[index], right: columns[index].isRightAligned)
      }
      return trimmed(fields.joined(separator: isRoomy ? "  " : " "))
    }
    if !omitted.isEmpty {
      lines += ["", "no room for: \(omitted.joined(separator: ", ")) (--json has everything)"]
    }
    return lines
  }

  private static func padded(_ text: String, to width: Int, right: Bool) -> String {
    let padding = String(repeating: " ", count: max(0, width - TerminalText.columns(text)))
    return right ? padding + text : text + padding
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
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

  /// `42s`, `5m07s`, `3h20m`, `12d04h`.
  static func elapsed(_ time: Double) -> String {
    let seconds = Int(min(max(0, time), 1e15))
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400)
    let twoDigits = { (number: Int) in number < 10 ? "0\(number)" : String(number) }
    if minutes == 0 { return "\(seconds)s" }
    if hours == 0 { return "\(minutes)m\(twoDigits(seconds % 60))s" }
    if days == 0 { return "\(hours)h\(twoDigits(minutes % 60))m" }
    return "\(days)d\(twoDigits(hours % 24))h"
  }
}
