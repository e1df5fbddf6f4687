internal import ChatPosix
internal import ChatProgram

/// Where a recording goes, as it was asked for.
struct RecordingTarget: Sendable {
  /// `-` is standard output.
  var path: String
  var ring: RecordingRing?

  /// What to call it in messages.
  var name: String { path == "-" ? "standard output" : path }

  /// The path of a file: with a ring it has its number and the time in its name, as tshark has it.
  func path(ofFile number: Int, at time: LocalTime) -> String {
    guard ring != nil else { return path }
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let fileName = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let ending: Substring =
      if let dot = fileName.lastIndex(of: "."), dot != fileName.startIndex {
        fileName[dot...]
      } else {
        ""
      }
    let stamp =
      digits(time.year, 4) + digits(time.month, 2) + digits(time.day, 2) + digits(time.hour, 2)
      + digits(time.minute, 2) + digits(time.second, 2)
    return "\(path.dropLast(ending.count))_\(digits(number, 5))_\(stamp)\(ending)"
  }

  /// Opens a file for writing.
  func open(file number: Int) throws(SystemError) -> (path: String, descriptor: Int32) {
    if path == "-" { return (path, 1) }
    let time = LocalTime(secondsSince1970: Clock.realNanoseconds() / 1_000_000_000)
    let path = path(ofFile: number, at: time)
    return (path, try FileDescriptor.openForWriting(path).release())
  }
}

/// The files of a recording, for the thread that writes them.
struct RecordingFiles: ~Copyable {
  private let target: RecordingTarget
  private var descriptor: FileDescriptor
  private var number = 1
  /// Those that are there, the oldest first.
  private var paths: [String]
  /// What the file held before anything was written.
  private var firstByte: Int
  /// What was written to it, in whole blocks.
  private var byteCount = 0

  /// - Parameter first: The first file, open already.
  init(_ target: RecordingTarget, first: (path: String, descriptor: Int32)) {
    self.target = target
    paths = [first.path]
    descriptor =
      first.path == "-"
      ? FileDescriptor(borrowing: first.descriptor) : FileDescriptor(owning: first.descriptor)
    firstByte = (try? descriptor.kindAndSize().size) ?? 0
  }

  /// The file that is being written.
  var path: String { paths.last ?? target.path }

  /// Ends the file, begins the next one, and removes the oldest if there are too many.
  mutating func beginNext() throws(SystemError) {
    number += 1
    let next = try target.open(file: number)
    descriptor = FileDescriptor(owning: next.descriptor)
    paths.append(next.path)
    firstByte = 0
    byteCount = 0
    while let countMax = target.ring?.fileCount, paths.count > countMax {
      // Somebody may have taken it away already.
      WholeFile.remove(paths.removeFirst())
    }
  }

  /// Writes whole blocks; if that fails, half a block that has been written is taken back.
  mutating func write(_ bytes: [UInt8], _ range: Range<Int>) throws(SystemError) {
    guard !range.isEmpty else { return }
    do throws(SystemError) {
      try writeAll(bytes.span.bytes.extracting(range), to: descriptor.rawValue)
      byteCount += range.count
    } catch {
      takeBackHalfBlock(bytes, range)
      throw error
    }
  }

  private func takeBackHalfBlock(_ bytes: [UInt8], _ range: Range<Int>) {
    // A pipe takes nothing back.
    guard let (kind, size) = try? descriptor.kindAndSize(), kind == .regularFile else { return }
    let written = size - firstByte - byteCount
    guard written > 0, written < range.count else { return }
    var whole = 0
    while whole + 8 <= written {
      let place = range.lowerBound + whole + 4
      let length = bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length >= 12, whole + length <= written else { break }
      whole += length
    }
    try? descriptor.truncate(to: firstByte + byteCount + whole)
  }
}
