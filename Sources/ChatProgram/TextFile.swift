internal import ChatPosix

/// A file of text that is read as a whole.
public enum TextFile {
  /// The text of a file, or of standard input if the path is `-`.
  public static func read(_ path: String, byteCountMax: Int) throws(Failure) -> String {
    let name = path == "-" ? "standard input" : path
    if path == "-", Terminal.isTerminal(0) {
      throw Failure("standard input is a terminal: name a file, or pipe one in")
    }
    let bytes: [UInt8]
    do {
      bytes = try readBytes(path, byteCountMax: byteCountMax)
    } catch {
      throw Failure("\(name): \(error.message)")
    }
    guard bytes.count <= byteCountMax else {
      throw Failure("\(name) has more than \(byteCountMax) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure("\(name) is not UTF-8 text")
    }
    return text
  }

  /// The bytes of a file, up to a block more than are wanted.
  private static func readBytes(
    _ path: String, byteCountMax: Int
  ) throws(SystemError) -> [UInt8] {
    let descriptor =
      path == "-" ? FileDescriptor.standardInput : try FileDescriptor.openForReading(path)
    if try descriptor.kindAndSize().kind == .directory { throw .isDirectory }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= byteCountMax {
      let count = try descriptor.read(into: &block, from: 0)
      if count == 0 { break }
      bytes += block[..<count]
    }
    return bytes
  }
}
