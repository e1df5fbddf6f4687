internal import ChatPosix

/// Standard input, line by line.
struct LineInput {
  enum Line: Equatable {
    case text(String)
    /// It cannot be read, for this reason.
    case unreadable(number: Int, String)
  }

  /// The longest line: as much as a server takes of a message unless configured otherwise.
  static let byteCountMax = 1 << 20

  private(set) var isAtEnd = false
  private var bytes: [UInt8] = []
  private var lines: [Line] = []
  private var lineCount = 0
  /// The line that is coming is too long.
  private var isSkipping = false
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// Reads what is there; to be called when `poll` says that something is.
  mutating func read() {
    let count: Int
    do throws(SystemError) {
      count = try FileDescriptor.standardInput.read(into: &buffer, from: 0)
    } catch {
      // Somebody else has made it non-blocking, and nothing is there after all.
      if error.isWouldBlock { return }
      count = 0
    }
    take(buffer[..<count])
  }

  /// Takes bytes; none are the end.
  mutating func take(_ chunk: ArraySlice<UInt8>) {
    if chunk.isEmpty {
      isAtEnd = true
      if !bytes.isEmpty || isSkipping { endLine() }
    }
    var rest = chunk
    while let newline = rest.firstIndex(of: 0x0A) {
      append(rest[..<newline])
      endLine()
      rest = rest[(newline + 1)...]
    }
    append(rest)
  }

  /// The lines since the last call.
  mutating func takeLines() -> [Line] {
    defer { lines = [] }
    return lines
  }

  private mutating func append(_ part: ArraySlice<UInt8>) {
    if isSkipping { return }
    bytes += part
    if bytes.count > Self.byteCountMax {
      isSkipping = true
      bytes = []
    }
  }

  private mutating func endLine() {
    lineCount += 1
    defer {
      bytes.removeAll(keepingCapacity: true)
      isSkipping = false
    }
    if isSkipping {
      lines.append(
        .unreadable(number: lineCount, "has more than \(Self.byteCountMax) bytes"))
      return
    }
    if bytes.last == 0x0D { bytes.removeLast() }
    if let text = String(validating: bytes, as: UTF8.self) {
      lines.append(.text(text))
    } else {
      lines.append(.unreadable(number: lineCount, "is not UTF-8"))
    }
  }
}
