// Any file goes the whole way from bytes to a rendered trace without a trap, and the trace adds up.
//
// The last byte of the input chooses how it is rendered (see `Rendering`), what is analysed and
// which stream is tapped; what comes before it is the capture file.

import ChatTrace
import ChatWire

/// Keeps the optimiser from removing the work.
nonisolated(unsafe) public var sink = 0

/// Reads one input as a capture file and renders the trace of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTrace(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  guard size > 0 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: data, count: size))
  let choice = input[size - 1]
  var options = TraceOptions()
  options.assemblesText = choice & 16 == 0
  options.notesChat = choice & 32 == 0
  options.tappedStream = Int(choice >> 6)
  var engine = TraceEngine(options: options)
  var recorder = Recorder(Rendering(choice), tapped: Int(choice >> 6))
  do throws(CaptureFileError) {
    let file = input.dropLast()
    let progress = try engine.read(
      block: file.span.bytes, isLastBlock: true, into: &recorder)
    guard progress.isEnd else { fatalError("the file does not end: \(progress)") }
    engine.finish(into: &recorder)
    guard recorder.isFinished else { fatalError("there is no summary") }
  } catch {
    guard !error.message.isEmpty else { fatalError("an error without words") }
  }
  sink &+= recorder.output.count
  return 0
}
