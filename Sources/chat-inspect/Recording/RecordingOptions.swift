internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// Where a proxy records what it sees, with tshark's letters.
struct RecordingOptions: ParsableArguments {
  @Option(
    name: .customShort("w", allowingJoined: true),
    help: ArgumentHelp(
      "Record both sides as pcapng; - is standard output, and then nothing is printed.",
      valueName: "file"), completion: .file())
  var writeFile: String?

  @Option(
    name: .customShort("b", allowingJoined: true),
    help: ArgumentHelp(
      """
      Begin another file after filesize:KIB or duration:SECONDS, and keep the last files:NUMBER; \
      may be repeated.
      """, valueName: "condition"),
    transform: RotationCondition.init(parsing:))
  var rotation: [RotationCondition] = []

  /// The recording goes to standard output.
  var isToStandardOutput: Bool { writeFile == "-" }

  /// Opens what was asked for; nil if nothing was.
  ///
  /// - Parameter comment: Said of the whole file: seed and rules.
  func makeRecorder(program: String, comment: String) throws(Failure) -> Recorder? {
    let ring = try checkedRing()
    guard let writeFile else { return nil }
    if isToStandardOutput, Terminal.isTerminal(1) {
      throw Failure("-w - would write packets to your terminal: redirect the output")
    }
    return Recorder(
      file: try RecordingFile(RecordingTarget(path: writeFile, ring: ring)),
      writer: RecordingWriter(program: program, comment: comment))
  }

  /// The conditions together; nil if there are none.
  func checkedRing() throws(Failure) -> RecordingRing? {
    guard let first = rotation.first else { return nil }
    guard let writeFile else { throw Failure("-b \(first): name the files as well, with -w FILE") }
    guard writeFile != "-" else {
      throw Failure("-b \(first): standard output is one file; name one with -w FILE")
    }
    var ring = RecordingRing()
    for condition in rotation {
      switch condition {
      case .byteCount(let count): ring.byteCount = count
      case .nanoseconds(let duration): ring.nanoseconds = duration
      case .files(let count): ring.fileCount = count
      }
    }
    guard ring.byteCount != nil || ring.nanoseconds != nil else {
      throw Failure(
        "-b \(first): say as well when another file begins, with -b filesize:KIB or "
          + "-b duration:SECONDS")
    }
    return ring
  }
}

/// One condition of `-b`.
enum RotationCondition: CustomStringConvertible {
  case byteCount(Int)
  case nanoseconds(Int64)
  case files(Int)

  private static let help =
    "expected filesize:KIB, duration:SECONDS or files:NUMBER, such as filesize:10240"

  init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw ValidationError(Self.help) }
    switch parts[0] {
    case "filesize":
      guard let count = Int(parts[1]), (1...1 << 31).contains(count) else {
        throw ValidationError("expected a size in KiB, 1 or more, such as filesize:10240")
      }
      self = .byteCount(count << 10)
    case "duration":
      guard let seconds = Double(parts[1]), seconds >= 0.001, seconds < 1e9 else {
        throw ValidationError("expected seconds, more than 0, such as duration:3600")
      }
      self = .nanoseconds(Int64(seconds * 1e9))
    case "files":
      guard let count = Int(parts[1]), (1...100_000).contains(count) else {
        throw ValidationError("expected how many files to keep, from 1 to 100000, such as files:10")
      }
      self = .files(count)
    default: throw ValidationError(Self.help)
    }
  }

  var description: String {
    switch self {
    case .byteCount(let count): "filesize:\(count >> 10)"
    case .nanoseconds(let duration): "duration:\(Double(duration) / 1e9)"
    case .files(let count): "files:\(count)"
    }
  }
}

/// When another file begins, and how many are kept.
struct RecordingRing: Sendable, Hashable {
  var byteCount: Int?
  var nanoseconds: Int64?
  /// Nil keeps all.
  var fileCount: Int?
}
