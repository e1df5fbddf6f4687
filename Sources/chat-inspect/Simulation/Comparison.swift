internal import ChatProgram
internal import ChatSimulation
internal import ChatTrace
internal import ChatWire

/// What `--compare` names: a protocol, a window, or both.
struct Variant {
  var name: String
  var mode: ARQMode?
  var windowSize: Int?

  /// Reads `gbn,sr`, `1,4,16` or `gbn:4,sr:4`.
  static func list(_ text: String) throws(Failure) -> [Variant] {
    var variants: [Variant] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      var variant = Variant(name: String(word))
      for part in word.split(separator: ":", omittingEmptySubsequences: false) {
        if let mode = ProtocolChoice(rawValue: String(part)), variant.mode == nil {
          variant.mode = mode.mode
        } else if let window = Int(part), (1...16_384).contains(window), variant.windowSize == nil {
          variant.windowSize = window
        } else {
          throw Failure(
            """
            --compare \(text): '\(part)' is neither gbn nor sr nor a window of 1 to 16384 frames; \
            expected a list such as gbn,sr or 1,4,16 or gbn:4,sr:4
            """)
        }
      }
      variants.append(variant)
    }
    guard variants.count <= 8 else { throw Failure("--compare: at most 8 can stand side by side") }
    return variants
  }
}

/// The same conversation under several protocols or windows, side by side.
struct Comparison {
  private(set) var columns: [(variant: Variant, plan: SimulationPlan, result: SimulationResult)] =
    []

  /// Adds a column.
  mutating func append(_ variant: Variant, _ plan: SimulationPlan, _ result: SimulationResult) {
    columns.append((variant, plan, result))
  }

  /// The table for people.
  func table() -> String {
    var rows: [(label: String, cells: [String])] = []
    func row(_ label: String, _ cell: (SimulationPlan, SimulationResult) -> String) {
      rows.append((label, columns.map { cell($0.plan, $0.result) }))
    }
    row("protocol") { plan, _ in plan.mode.name }
    row("window, frames") { plan, _ in "\(plan.windowSize)" }
    row("messages arrived") { _, result in "\(result.deliveredCount) of \(result.messageCount)" }
    row("frames sent") { _, result in "\(result.client.sequencedFramesSent)" }
    row("  for the first time") { _, result in "\(result.client.firstTransmissions)" }
    row("  again") { _, result in "\(result.client.retransmissions)" }
    row("    after a NACK") { _, result in "\(result.client.copies(.nack))" }
    row("    later ones arrived") { _, result in "\(result.client.copies(.fast))" }
    row("    after a timeout") { _, result in "\(result.client.copies(.timeout))" }
    row("    one before them was") { _, result in "\(result.client.copies(.goBack))" }
    row("frames per useful frame") { _, result in
      result.framesPerUsefulFrame.map { decimal($0, digits: 2) } ?? "-"
    }
    row("ACK, NACK and the like") { _, result in "\(result.server.controlFramesSent)" }
    row("most frames buffered") { _, result in "\(result.server.bufferedFrameMax)" }
    row("time, ms") { _, result in result.duration.map { milliseconds($0) } ?? "-" }
    row("goodput, kB/s") { _, result in
      result.goodput.map { decimal($0 / 1_000, digits: 1) } ?? "-"
    }
    if columns.contains(where: { $0.result.failure != nil }) {
      row("ended with") { _, result in result.failure ?? "-" }
    }
    let widths = columns.indices.map { column in
      rows.reduce(0) { max($0, $1.cells[column].count) }
    }
    return rows.map { row in
      var line = row.label.padded(to: 25)
      for (column, cell) in row.cells.enumerated() {
        line += String(repeating: " ", count: 3 + widths[column] - cell.count) + cell
      }
      return line + "\n"
    }.joined()
  }

  /// One object a line for programs.
  func ndjson() -> String {
    columns.map { column in
      let result = column.result
      var line = #"{"schema_version":1,"kind":"comparison","protocol":"\#(column.plan.mode.name)""#
      func put(_ key: String, _ value: String?) {
        if let value { line += ",\"\(key)\":\(value)" }
      }
      put("window_size", "\(column.plan.windowSize)")
      put("max_fragment_size", "\(column.plan.fragmentSizeMax)")
      put("seed", "\(column.plan.seed)")
      put("messages", "\(result.messageCount)")
      put("messages_delivered", "\(result.deliveredCount)")
      put("frames_sent", "\(result.client.sequencedFramesSent)")
      put("retransmissions", "\(result.client.retransmissions)")
      put("retransmissions_nack", "\(result.client.copies(.nack))")
      put("retransmissions_fast", "\(result.client.copies(.fast))")
      put("retransmissions_timeout", "\(result.client.copies(.timeout))")
      put("retransmissions_go_back", "\(result.client.copies(.goBack))")
      put("control_frames_received", "\(result.server.controlFramesSent)")
      put("buffered_max", "\(result.server.bufferedFrameMax)")
      put("time_seconds", result.duration.map { decimal($0.seconds, digits: 9) })
      put("goodput_bytes_per_second", result.goodput.map { decimal($0, digits: 0) })
      put("error_code", result.errorCode.map { "\($0)" })
      return line + "}\n"
    }.joined()
  }
}

extension SimulationResult {
  /// Frames sent for each that had to be.
  var framesPerUsefulFrame: Double? {
    client.firstTransmissions > 0
      ? Double(client.sequencedFramesSent) / Double(client.firstTransmissions) : nil
  }

  /// The code of the ERROR that ended it.
  var errorCode: UInt8? { (client.end?.code ?? server.end?.code)?.rawValue }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// A number that is not negative, with so many digits behind the point.
private func decimal(_ value: Double, digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  guard value.isFinite, value * scale < 9e17 else { return "-" }
  let scaled = Int((value * scale).rounded())
  guard digits > 0 else { return "\(scaled)" }
  let fraction = "\(scaled % Int(scale))"
  return "\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count)
    + fraction
}
