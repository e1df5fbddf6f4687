internal import ChatPosix
internal import ChatProgram

/// An opened capture file, or standard input.
struct CaptureSource: ~Copyable {
  /// What to call it in messages.
  let name: String
  let descriptor: FileDescriptor
  /// How many bytes there are, if it is a regular file.
  let size: Int?

  /// Opens a file; `-` is standard input.
  static func open(_ path: String) throws(Failure) -> CaptureSource {
    guard path != "-" else { return try openStandardInput() }
    do {
      return try CaptureSource(name: path, descriptor: .openForReading(path))
    } catch {
      throw Failure("\(path): \(error.message)")
    }
  }

  private static func openStandardInput() throws(Failure) -> CaptureSource {
    if Terminal.isTerminal(0) {
      throw Failure("standard input is a terminal: name a capture file, or pipe one in")
    }
    do {
      return try CaptureSource(name: "standard input", descriptor: .standardInput)
    } catch {
      throw Failure("standard input: \(error.message)")
    }
  }

  private init(name: String, descriptor: consuming FileDescriptor) throws(SystemError) {
    let (kind, size) = try descriptor.kindAndSize()
    if kind == .directory { throw .isDirectory }
    self.name = name
    self.size = kind == .regularFile ? size : nil
    self.descriptor = descriptor
  }

  private init(name: String, size: Int?, descriptor: consuming FileDescriptor) {
    self.name = name
    self.size = size
    self.descriptor = descriptor
  }

  /// The same capture, to be read while this one stays its owner.
  borrowing func alias() -> CaptureSource {
    CaptureSource(
      name: name, size: size, descriptor: FileDescriptor(borrowing: descriptor.rawValue))
  }

  /// The same capture as a regular file: what comes through a pipe goes to a temporary file first.
  consuming func rewindable() throws(Failure) -> CaptureSource {
    guard size == nil else { return self }
    let name = self.name
    do {
      let copy = try FileDescriptor.temporaryFile()
      try descriptor.copyAll(to: copy)
      try copy.rewind()
      return try CaptureSource(name: name, descriptor: copy)
    } catch {
      throw Failure("\(name): \(error.message)")
    }
  }

  /// Goes back to the beginning.
  borrowing func rewind() throws(Failure) {
    do {
      try descriptor.rewind()
    } catch {
      throw Failure("\(name): \(error.message)")
    }
  }
}

extension FileDescriptor {
  fileprivate borrowing func copyAll(to target: borrowing FileDescriptor) throws(SystemError) {
    var block = [UInt8](repeating: 0, count: CaptureReader.blockSize)
    while true {
      let count = try read(into: &block, from: 0)
      if count == 0 { return }
      try writeAll(block.span.bytes.extracting(0..<count), to: target.rawValue)
    }
  }
}
