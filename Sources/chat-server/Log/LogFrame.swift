/// What the server and its logging process tell each other: a length (4 bytes, the most significant
/// first) of what follows, a byte that says what it is, and the rest.
enum LogFrame: Equatable {
  /// To the process: a line, with its end, and its number.
  case record(number: UInt64, line: ArraySlice<UInt8>)
  /// To the server: ready; this is the last record of this run that is in the file, 0 if none is.
  case ready(last: UInt64)
  /// To the server: the records up to this one are in the file.
  case acknowledged(last: UInt64)
  /// To the server: nothing can be written now, for this reason; the process tries again.
  case failing(String)
  /// To the server: writing goes on.
  case recovered
  /// To the server: this cannot work; the process ends.
  case refused(String)

  /// The largest length: a line has at most 16 KiB.
  static let lengthMax = 32 << 10

  private enum Code: UInt8 {
    case record = 1
    case ready, acknowledged, failing, recovered, refused
  }

  /// Appends the frame.
  func encode(into output: inout [UInt8]) {
    let start = output.count
    output += [0, 0, 0, 0]
    switch self {
    case .record(let number, let line):
      output.append(Code.record.rawValue)
      Self.append(number, to: &output)
      output += line
    case .ready(let last):
      output.append(Code.ready.rawValue)
      Self.append(last, to: &output)
    case .acknowledged(let last):
      output.append(Code.acknowledged.rawValue)
      Self.append(last, to: &output)
    case .failing(let reason):
      output.append(Code.failing.rawValue)
      output += reason.utf8.prefix(Self.lengthMax - 1)
    case .recovered:
      output.append(Code.recovered.rawValue)
    case .refused(let reason):
      output.append(Code.refused.rawValue)
      output += reason.utf8.prefix(Self.lengthMax - 1)
    }
    let length = output.count - start - 4
    precondition(length <= Self.lengthMax, "a frame of \(length) bytes is too long")
    for index in 0..<4 {
      output[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index))
    }
  }

  private static func append(_ number: UInt64, to output: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) {
      output.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  /// The frame whose code and rest these bytes are; nil if they are none.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard let code = bytes.first.flatMap(Code.init) else { return nil }
    let rest = bytes.dropFirst()
    switch code {
    case .record:
      guard rest.count > 8 else { return nil }
      self = .record(number: Self.number(rest.prefix(8)), line: rest.dropFirst(8))
    case .ready:
      guard rest.count == 8 else { return nil }
      self = .ready(last: Self.number(rest))
    case .acknowledged:
      guard rest.count == 8 else { return nil }
      self = .acknowledged(last: Self.number(rest))
    case .failing: self = .failing(String(decoding: rest, as: UTF8.self))
    case .recovered:
      guard rest.isEmpty else { return nil }
      self = .recovered
    case .refused: self = .refused(String(decoding: rest, as: UTF8.self))
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// What came over the socket is not what the other side sends.
struct LogFrameError: Error, Equatable {}

/// Finds the frames in a stream of bytes, however it is cut.
struct LogFrameDecoder {
  private var bytes: [UInt8] = []
  private var start = 0

  /// Takes bytes that have come; all frames are to be taken before the next call, so that what
  /// waits is less than a frame.
  mutating func append(_ more: ArraySlice<UInt8>) {
    bytes.removeSubrange(..<start)
    start = 0
    bytes += more
  }

  /// The next whole frame; nil if the rest of it has not come.
  mutating func next() throws(LogFrameError) -> LogFrame? {
    guard bytes.count - start >= 4 else { return nil }
    let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    guard (1...LogFrame.lengthMax).contains(length) else { throw LogFrameError() }
    guard bytes.count - start - 4 >= length else { return nil }
    let end = start + 4 + length
    guard let frame = LogFrame(bytes[start + 4..<end]) else { throw LogFrameError() }
    start = end
    return frame
  }
}
