/// The records that the logging process has not acknowledged yet, in order, and bounded.
///
/// Records are numbered 1, 2, 3, ... as they are put in. Those in front have been sent to the
/// process that runs now, those behind not yet; when it is started again, all are sent once more.
struct LogQueue: Sendable {
  /// How much may wait.
  struct Limits: Sendable {
    var recordCountMax = 65_536
    var byteCountMax = 16 << 20
  }

  private let limits: Limits
  /// A ring: nil where nothing is.
  private var slots: [LogRecord?] = []
  private var head = 0
  /// How many wait.
  private(set) var count = 0
  /// What they take.
  private(set) var byteCount = 0
  private var sentCount = 0
  /// The last record that was acknowledged.
  private(set) var acknowledged: UInt64 = 0
  /// How many were dropped since the beginning.
  private(set) var droppedCount: UInt64 = 0
  /// How many of them no record in the log tells of.
  private(set) var untoldDroppedCount: UInt64 = 0

  init(_ limits: Limits) {
    self.limits = limits
  }

  /// How many have not been sent.
  var unsentCount: Int { count - sentCount }

  /// True if something fits.
  var hasRoom: Bool { count < limits.recordCountMax && byteCount < limits.byteCountMax }

  /// Puts a record behind the others, or drops it if the queue is full.
  mutating func append(_ record: LogRecord) {
    guard hasRoom else {
      droppedCount += 1
      untoldDroppedCount += 1
      return
    }
    if count == slots.count { grow() }
    slots[(head + count) % slots.count] = record
    count += 1
    byteCount += record.byteCount
  }

  /// Puts in a record that tells of those that were dropped.
  mutating func tellDropped(_ makeRecord: (_ count: UInt64) -> LogRecord) {
    guard untoldDroppedCount > 0, hasRoom else { return }
    let count = untoldDroppedCount
    untoldDroppedCount = 0
    append(makeRecord(count))
  }

  /// The next records that have not been sent, up to about a size, with the number of the first;
  /// they count as sent.
  mutating func takeUnsent(byteCountMax: Int) -> (firstNumber: UInt64, records: [LogRecord]) {
    let firstNumber = acknowledged + UInt64(sentCount) + 1
    var size = 0
    var records: [LogRecord] = []
    while sentCount < count, size < byteCountMax,
      let record = slots[(head + sentCount) % slots.count]
    {
      records.append(record)
      size += record.byteCount
      sentCount += 1
    }
    return (firstNumber, records)
  }

  /// Forgets what is in the file: the records up to a number.
  mutating func acknowledge(through number: UInt64) {
    while acknowledged < number, count > 0 {
      byteCount -= slots[head]?.byteCount ?? 0
      slots[head] = nil
      head = (head + 1) % slots.count
      count -= 1
      sentCount = max(0, sentCount - 1)
      acknowledged += 1
    }
  }

  /// Nothing counts as sent any more: another process has to be told.
  mutating func forgetSent() {
    sentCount = 0
  }

  private mutating func grow() {
    var larger: [LogRecord?] = []
    larger.reserveCapacity(max(64, 2 * slots.count))
    for index in 0..<count { larger.append(slots[(head + index) % slots.count]) }
    larger += Array(repeating: nil, count: max(64, 2 * slots.count) - count)
    slots = larger
    head = 0
  }
}
