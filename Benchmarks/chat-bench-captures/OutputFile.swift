import Glibc

/// A file that appears under its name only when it is complete, so that an interrupted run leaves
/// nothing that looks like a capture.
struct OutputFile {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let descriptor: Int32

  init(path: String) throws {
    self.path = path
    descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { throw failure() }
  }

  func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { throw failure() }
        rest = rest.dropFirst(written)
      }
    }
  }

  func commit() throws {
    guard close(descriptor) == 0, rename(path + ".part", path) == 0 else { throw failure() }
  }

  private func failure() -> Failure {
    Failure(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
