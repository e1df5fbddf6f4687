internal import ChatTrace
internal import ChatWire
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
extension FrameAlteration {
  func applied(to frame: [UInt8], _ dialect: Dialect) -> [UInt8] { frame }
}
