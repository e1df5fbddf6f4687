internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Hands what a recording writer makes to the file, and begins another one when it is time.
struct Recorder {
  var writer: RecordingWriter
  private let file: RecordingFile
  private let ring: RecordingRing?
  /// Bytes of this file, and when it was begun.
  private var fileByteCount = 0
  private var fileStart: Int64
  /// Packets that are in this file, or were lost.
  private var filePacketCount: UInt64 = 0
  private var seenPacketCount: UInt64 = 0
  private var fileDroppedCount: UInt64 = 0
  private var droppedCount: UInt64 = 0

  init(file: RecordingFile, writer: RecordingWriter) {
    self.file = file
    self.writer = writer
    ring = file.target.ring
    fileStart = Clock.monotonicNanoseconds()
    self.writer.beginFile()
    hand(isRequired: true)
  }

  /// What became of it so far.
  var report: RecordingReport { file.report }

  /// Hands over what was made; a file that is full is ended, and the next one begun.
  mutating func flush() {
    hand(isRequired: false)
    // What waits to be explained goes into the file in which it happened.
    guard isNextFileDue, !writer.isWaiting else { return }
    writer.endFile(at: writer.time, droppedPackets: fileDroppedCount)
    hand(isRequired: true)
    file.beginNext()
    fileByteCount = 0
    filePacketCount = 0
    fileDroppedCount = 0
    fileStart = Clock.monotonicNanoseconds()
    writer.beginFile()
    hand(isRequired: true)
  }

  /// Ends the recording, and waits until it is written.
  mutating func finish(at time: TraceTime) {
    writer.endFile(at: time, droppedPackets: fileDroppedCount)
    hand(isRequired: true)
    file.close()
    if droppedCount > 0, file.report.failure == nil {
      Diagnostics.say(
        "\(file.target.name): \(droppedCount) packets are missing in the recording, because it "
          + "could not be written as fast")
    }
  }

  private mutating func hand(isRequired: Bool) {
    guard !writer.output.isEmpty else { return }
    let packets = writer.packetCount &- seenPacketCount
    seenPacketCount = writer.packetCount
    if file.append(writer.output, isRequired: isRequired) {
      fileByteCount += writer.output.count
      filePacketCount &+= packets
    } else {
      fileDroppedCount &+= packets
      droppedCount &+= packets
    }
    writer.removeOutput()
  }

  private var isNextFileDue: Bool {
    guard let ring, filePacketCount > 0 else { return false }
    if let byteCount = ring.byteCount, fileByteCount >= byteCount { return true }
    guard let nanoseconds = ring.nanoseconds else { return false }
    return Clock.monotonicNanoseconds() - fileStart >= nanoseconds
  }
}

extension Recorder {
  /// What a recording says of itself: what was done to the frames, as far as that was known at the
  /// beginning.
  static func comment(seed: UInt64, rules: FaultRules, isReplaying: Bool) -> String {
    if isReplaying { return "faults from a ledger" }
    if rules.isEmpty { return "no fault rules at the beginning; seed \(seed)" }
    let text = rules.description.split(separator: "\n").joined(separator: "; ")
    return "seed \(seed); fault rules at the beginning: \(text)"
  }
}
