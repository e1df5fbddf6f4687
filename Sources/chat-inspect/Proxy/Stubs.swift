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
