import ChatWire

// The report for programs: an object a line. First each connection, its findings and then its
// verdict; at the end the summary.

extension ConformanceReport {
  /// Appends the report for programs.
  public func ndjson() -> [UInt8] {
    var output: [UInt8] = []
    for stream in streams {
      for finding in stream.findings { Self.append(finding, to: &output) }
      Self.append(stream, to: &output)
    }
    output.append("{\"schema_version\":1,\"kind\":\"summary\",\"verdict\":", json: verdict.name)
    output.append(",\"streams\":")
    output.append(decimal: UInt64(streams.count))
    for verdict in ConformanceVerdict.allCases {
      output.append(",")
      output.append(json: verdict.name)
      output.append(":")
      output.append(decimal: UInt64(streams.count { $0.verdict == verdict }))
    }
    output.append("}\n")
    return output
  }

  private static func append(_ finding: Finding, to output: inout [UInt8]) {
    output.append("{\"schema_version\":1,\"kind\":\"finding\",\"stream\":")
    output.append(decimal: UInt64(clamping: finding.stream))
    output.append(",\"side\":", json: finding.side.conformanceName)
    if finding.frame > 0 {
      output.append(",\"frame\":")
      output.append(decimal: finding.frame)
    }
    output.append(",\"rule\":", json: finding.rule.name)
    output.append(",\"section\":", json: finding.section)
    if let row = finding.row {
      output.append(",\"row\":")
      output.append(decimal: UInt64(clamping: row))
    }
    output.append(",\"blame\":", json: finding.blame.name)
    output.append(",\"expected\":", json: finding.expected)
    output.append(",\"found\":", json: finding.found)
    output.append(",\"because\":[")
    for (index, frame) in finding.because.enumerated() {
      if index > 0 { output.append(",") }
      output.append(decimal: frame)
    }
    output.append("]}\n")
  }

  private static func append(_ stream: ConformanceStream, to output: inout [UInt8]) {
    output.append("{\"schema_version\":1,\"kind\":\"verdict\",\"stream\":")
    output.append(decimal: UInt64(clamping: stream.stream))
    output.append(",\"dialect\":", json: stream.dialect == .native ? "native" : "classic")
    if let client = stream.client { output.append(",\"client\":", json: client) }
    if let server = stream.server { output.append(",\"server\":", json: server) }
    output.append(",\"verdict\":", json: stream.verdict.name)
    output.append(",\"client_verdict\":", json: stream.clientVerdict.name)
    output.append(",\"server_verdict\":", json: stream.serverVerdict.name)
    output.append(",\"frames\":")
    output.append(decimal: stream.frames)
    output.append(",\"findings\":{")
    for (index, blame) in Blame.allCases.enumerated() {
      if index > 0 { output.append(",") }
      output.append(json: blame.name)
      output.append(":")
      output.append(decimal: UInt64(stream.findings.count { $0.blame == blame }))
    }
    output.append("},\"findings_left_out\":")
    output.append(decimal: stream.findingsLeftOut)
    output.append(",\"findings_excused\":")
    output.append(decimal: stream.excusedCount)
    output.append(",\"disturbed_at_client\":")
    output.append(stream.isDisturbedAtClient ? "true" : "false")
    output.append(",\"disturbed_at_server\":")
    output.append(stream.isDisturbedAtServer ? "true" : "false")
    output.append(",\"doubts\":[")
    for (index, doubt) in stream.doubts.enumerated() {
      if index > 0 { output.append(",") }
      output.append(json: doubt)
    }
    output.append("]}\n")
  }
}
