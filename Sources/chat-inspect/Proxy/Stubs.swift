internal import ChatTrace
internal import ChatWire
struct FrameFilter: Sendable {
  let text: String
  func matches(
    _ frame: RawSpan, header: FrameHeader, dialect: Dialect, direction: Direction,
    connection: Int, identified: IdentifiedFrame, isGood: Bool
  ) -> Bool { false }
}
struct Recorder {
  var writer: RecordingWriter
  var report: RecordingReport { RecordingReport() }
  func flush() {}
  func finish(at time: TraceTime) {}
}
struct RecordingReport: Sendable {
  var path = ""
  var byteCount: UInt64 = 0
  var failure: String?
}
extension TraceEngine {
  mutating func fault(
    _ act: TappedAct, frame: UInt64?, stream: Int, direction: Direction, at time: TraceTime,
    into sink: inout some TraceSink
  ) {}
}
extension TappedAct {
  init(_ act: FaultAct) { self.init(rule: act.rule, action: "") }
}
extension FrameFilter {
  init(_ text: String, matcher: Any) throws(FilterError) { self.text = text }
}
extension FrameAlteration {
  func applied(to frame: [UInt8], _ dialect: Dialect) -> [UInt8] { frame }
}
