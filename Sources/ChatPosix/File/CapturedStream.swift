internal import CSys

/// A stream of the C library that keeps in memory what is written to it.
public final class CapturedStream {
  /// The `FILE *`, for a C function.
  public private(set) var file: UnsafeMutableRawPointer?
  private var bytes: [UInt8] = []

  /// Opens one; without memory, its file is nil.
  public init() {
    file = csys_open_stream(appendToStream, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    // What is still buffered is written into `bytes` and forgotten.
    if let file { csys_close_stream(file) }
  }

  /// What was written since the last call.
  public func take() -> [UInt8] {
    if let file { csys_flush_stream(file) }
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  fileprivate func append(_ new: UnsafeRawBufferPointer) {
    bytes += new
  }
}

private func appendToStream(
  _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int
) {
  guard let context, let bytes else { return }
  Unmanaged<CapturedStream>.fromOpaque(context).takeUnretainedValue()
    .append(UnsafeRawBufferPointer(start: bytes, count: count))
}
