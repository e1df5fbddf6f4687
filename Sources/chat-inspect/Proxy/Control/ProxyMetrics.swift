internal import ChatProgram

/// The statistics of a proxy in Prometheus' text format.
enum ProxyMetrics {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static func text(_ report: ProxyReport) -> String {
    var text = ""
    func add(_ name: String, _ kind: String, _ help: String, _ value: String, labels: String = "") {
      text += """
        # HELP chat_proxy_\(name) \(help)
        # TYPE chat_proxy_\(name) \(kind)
        chat_proxy_\(name)\(labels) \(value)

        """
    }
    add(
      "info", "gauge", "Where the proxy listens, where it connects to, and its seed.", "1",
      labels: "{listen=\"\(label(report.listen))\",upstream=\"\(label(report.upstream))\","
        + "seed=\"\(report.seed)\"}")
    add("uptime_seconds", "gauge", "Time since the start.", seconds(report.uptimeNanoseconds))
    add(
      "connections_accepted_total", "counter", "Connections that clients have made.",
      String(report.accepted))
    add("connections_open", "gauge", "Connections that are open.", String(report.open))
    add(
      "connections_refused_total", "counter", "Connections that the server has refused.",
      String(report.refused))
    add("frames_total", "counter", "Whole frames that have arrived.", String(report.frames))
    add("bytes_total", "counter", "Bytes that have arrived.", String(report.bytes))
    add(
      "frames_disturbed_total", "counter", "Frames to which something was done.",
      String(report.disturbed))
    add(
      "trace_lines_dropped_total", "counter", "Lines of the trace that had no reader.",
      String(report.droppedLines))
    add(
      "recorded_bytes_total", "counter", "Bytes of the recording.", String(report.recordedBytes))
    add(
      "recording_failed", "gauge", "1 if the recording has failed.",
      report.recordingFailure == nil ? "0" : "1")
    return text
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    let thousandths = max(0, nanoseconds) / 1_000_000
    let fraction = String(thousandths % 1_000)
    return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.utf8.count)
      + fraction
  }

  /// The value of a label: backslashes, quotes and line ends have to be escaped.
  private static func label(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return TerminalText.safe(escaped)
  }
}
