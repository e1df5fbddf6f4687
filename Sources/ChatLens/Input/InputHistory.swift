/// Lines that were entered earlier.
public struct InputHistory: Sendable, Hashable {
  /// The most lines.
  public static let lineCountMax = 1_000
  /// The most bytes of all lines together, as UTF-8.
  public static let byteCountMax = 4 << 20

  /// The lines, the oldest first.
  public private(set) var lines: [String] = []
  private var byteCount = 0

  /// A history of these lines, the oldest first.
  public init(_ lines: [String] = []) {
    for line in lines { append(line) }
  }

  /// Adds a line; not an empty one, one that begins with a space, or the last one again.
  public mutating func append(_ line: String) {
    guard let first = line.utf8.first, first != 0x20, line != lines.last,
      line.utf8.count <= Self.byteCountMax
    else { return }
    lines.append(line)
    byteCount += line.utf8.count
    while lines.count > Self.lineCountMax || byteCount > Self.byteCountMax {
      byteCount -= lines.removeFirst().utf8.count
    }
  }

  /// The latest line before an index that has a text in it, and where in it, in bytes.
  func last(before end: Int, with text: String) -> (index: Int, offset: Int)? {
    let wanted = Array(text.utf8)
    guard let first = wanted.first else { return nil }
    for index in lines.indices.prefix(max(0, min(end, lines.count))).reversed() {
      let line = Array(lines[index].utf8)
      guard line.count >= wanted.count else { continue }
      for offset in 0...(line.count - wanted.count) where line[offset] == first {
        if line[offset..<offset + wanted.count].elementsEqual(wanted) { return (index, offset) }
      }
    }
    return nil
  }
}
