import ChatTrace
import ChatWire
import Testing

// From what was seen to verdicts, by the way that the program takes.

/// Examines a file.
func examine(
  file: [UInt8], options: ConformanceOptions = ConformanceOptions()
) throws -> ConformanceCheck {
  var check = ConformanceCheck(options: options)
  var engine = TraceEngine()
  var start = 0
  while true {
    let progress = try engine.read(
      block: file.span.bytes.extracting(start..<file.count), isLastBlock: true, into: &check)
    start += progress.consumed
    if progress.isEnd || progress.consumed == 0 { break }
  }
  engine.finish(into: &check)
  return check
}

/// Examines packets.
func examine(
  _ capture: PlainCapture, options: ConformanceOptions = ConformanceOptions()
) -> ConformanceCheck {
  var check = ConformanceCheck(options: options)
  var engine = TraceEngine()
  for packet in capture.packets {
    let record = CaptureRecord(
      time: TraceTime(nanoseconds: packet.time), linkType: .rawIP, offset: 0,
      capturedLength: packet.bytes.count, originalLength: packet.bytes.count)
    engine.packet(packet.bytes.span.bytes, record: record, into: &check)
  }
  engine.finish(into: &check)
  return check
}

extension ConformanceCheck {
  /// What was found, of all connections.
  var findings: [Finding] { streams.flatMap(\.findings) }

  /// What peers have done wrong.
  var breaches: [Finding] { findings.filter { $0.blame == .peer } }
}

extension Finding {
  /// A line for whoever reads a failed test.
  var line: String {
    "frame \(frame) stream \(stream) \(side) \(place) \(rule.name) (\(blame.name)): "
      + "expected \(expected); found \(found); because \(because)"
  }
}

extension [Finding] {
  /// The first of them, a line each.
  var lines: String { prefix(5).map(\.line).joined(separator: "\n") }
}
