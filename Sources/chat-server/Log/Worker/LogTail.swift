internal import ChatPosix
internal import ChatWire

/// What the end of a log file tells, after whatever has happened to the process that wrote it.
enum LogTail {
  /// The record that a line tells of, if it is one.
  struct Record: Equatable {
    var run: String
    var number: UInt64
  }

  /// How much of the end is looked at: many times the longest line.
  private static let byteCountMax = 256 << 10

  /// Cuts off a last line that has no end; returns the size that remains.
  static func cutTornLine(_ file: borrowing FileDescriptor) throws(SystemError) -> Int {
    let size = try file.kindAndSize().size
    var end = size
    while end > 0 {
      let start = max(0, end - byteCountMax)
      let bytes = try file.read(from: start, byteCount: end - start)
      if let index = bytes.lastIndex(of: UInt8(ascii: "\n")) {
        end = start + index + 1
        break
      }
      end = start
    }
    if end < size { try file.truncate(to: end) }
    return end
  }

  /// The last line of a file that is a record; nil if there is none.
  static func lastRecord(_ file: borrowing FileDescriptor) throws(SystemError) -> Record? {
    let size = try file.kindAndSize().size
    let start = max(0, size - byteCountMax)
    let bytes = try file.read(from: start, byteCount: size - start)
    // Behind the last line end is a torn line, or nothing.
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for line in lines.dropLast().reversed() {
      if let record = record(Array(line)) { return record }
    }
    return nil
  }

  /// The record that a line is; nil if it is none, such as one that a person has put in.
  static func record(_ line: [UInt8]) -> Record? {
    guard let value = try? JSONValue(decoding: line.span.bytes),
      let run = value["run"]?.stringValue,
      case .number(let number)? = value["record"], let number = UInt64(number.text)
    else { return nil }
    return Record(run: run, number: number)
  }
}
