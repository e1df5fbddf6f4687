internal import ChatPosix

/// The log on standard error.
///
/// What nobody can read any more is taken for written: there is no point in keeping it.
struct LogTerminal: LogSink {
  private let descriptor: Int32
  /// How much of the first line that is left has been written.
  private var partCount = 0

  init(descriptor: Int32 = 2) {
    self.descriptor = descriptor
  }

  mutating func write(_ batch: inout LogBatch) throws(SystemError) {
    let file = FileDescriptor(borrowing: descriptor)
    let end = batch.end(byteCountMax: .max)
    while !batch.isEmpty {
      let done = batch.start + partCount
      do throws(SystemError) {
        let count = try file.write(batch.bytes, done..<end)
        let whole = batch.end(byteCountMax: partCount + count)
        partCount = done + count - whole
        if whole == end { return batch.removeWritten(through: end) }
        batch.removeWritten(through: whole)
      } catch .wouldBlock {
        var entries = [Poll.Entry(descriptor, .writable)]
        Poll.wait(for: &entries, nanoseconds: nil)
      } catch {
        guard error.meansNobodyReads else { throw error }
        partCount = 0
        batch.removeWritten(through: end)
      }
    }
  }
}
