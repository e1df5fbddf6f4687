internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// The file of `--trace`: NDJSON, or the table of `chat-inspect read` if its name ends in `.txt`.
///
/// A file that cannot be written any more is given up: the chat goes on. A class, for it owns the
/// file.
final class TraceFile {
  private static let capacity = 64 << 10

  private enum Renderer {
    case ndjson(NDJSONRenderer)
    case text(TextRenderer)
  }

  private let descriptor: FileDescriptor
  private let path: String
  private var renderer: Renderer
  private var bytes: [UInt8] = []
  private var isOpen = true
  /// Why it was given up, until somebody has said so.
  private var complaint: String?

  /// Opens the file for a connection to write it.
  static func open(_ path: String) throws(Failure) -> Int32 {
    do {
      return try FileDescriptor.openForWriting(path).release()
    } catch {
      throw Failure("--trace \(path): \(error.message)")
    }
  }

  /// Writes to an open file, which is closed at the end.
  init(owning descriptor: Int32, path: String) {
    self.descriptor = FileDescriptor(owning: descriptor)
    self.path = path
    if path.hasSuffix(".txt") {
      var options = TextRenderer.Options()
      options.width = 120
      options.unicode = OutputStyle.usesUnicode(environment: environmentVariable)
      renderer = .text(TextRenderer(options))
    } else {
      renderer = .ndjson(NDJSONRenderer(includesPayload: false))
    }
  }

  func begin(at time: TraceTime?) {
    guard case .text(var text) = renderer else { return }
    text.origin = time
    renderer = .text(text)
  }

  func record(_ event: TraceEvent, payload: RawSpan) {
    guard isOpen else { return }
    switch renderer {
    case .ndjson(var ndjson):
      ndjson.render(event, payload: payload, into: &bytes)
      renderer = .ndjson(ndjson)
    case .text(var text):
      text.render(event, payload: payload, into: &bytes)
      renderer = .text(text)
    }
    if bytes.count >= Self.capacity { flush() }
  }

  func finish(_ summary: TraceSummary) {
    guard isOpen else { return }
    switch renderer {
    case .ndjson(var ndjson): ndjson.render(summary, at: nil, into: &bytes)
    case .text(var text): text.render(summary, into: &bytes)
    }
    flush()
  }

  /// Writes what was recorded.
  func flush() {
    guard isOpen, !bytes.isEmpty else { return }
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor.rawValue)
    } catch {
      isOpen = false
      complaint = "the trace ends here: \(path): \(error.message)"
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// Why it was given up, once.
  func takeComplaint() -> String? {
    defer { complaint = nil }
    return complaint
  }
}
