internal import ChatPosix
internal import ChatTrace

/// The trace of the session so far, kept in a file without a name, so that it can be saved at any
/// time.
///
/// A class, for it owns the file.
final class TraceSpool {
  /// The trace is not kept beyond so many bytes.
  static let byteCountMax = 256 << 20
  private static let capacity = 64 << 10

  private let descriptor: FileDescriptor
  private var renderer = NDJSONRenderer(includesPayload: false)
  private var bytes: [UInt8] = []
  private var byteCount = 0
  private var recordCount = 0
  /// Something could not be kept.
  private var isCut = false

  init() throws(SystemError) {
    descriptor = try FileDescriptor.temporaryFile()
  }

  func record(_ event: TraceEvent, payload: RawSpan) {
    guard !isCut else { return }
    renderer.render(event, payload: payload, into: &bytes)
    recordCount += 1
    if bytes.count >= Self.capacity { flush() }
  }

  private func flush() {
    guard byteCount + bytes.count <= Self.byteCountMax else {
      isCut = true
      return
    }
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor.rawValue)
      byteCount += bytes.count
      bytes.removeAll(keepingCapacity: true)
    } catch {
      isCut = true
    }
  }

  /// Writes everything so far to a file; returns what to say about it.
  func save(to path: String, replacing: Bool) throws(SystemError) -> String {
    flush()
    let target = try FileDescriptor.openNew(path, replacing: replacing)
    var offset = 0
    while offset < byteCount {
      let piece = try descriptor.read(
        from: offset, byteCount: min(Self.capacity, byteCount - offset))
      guard !piece.isEmpty else { break }
      try writeAll(piece, to: target.rawValue)
      offset += piece.count
    }
    let records = recordCount == 1 ? "1 record" : "\(recordCount) records"
    return (isCut ? "the beginning of the trace" : "the trace, \(records),")
      + " written to \(path); chat-inspect read -r shows it"
  }
}
