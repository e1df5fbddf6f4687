import Logging
import TestSupport
import Testing

@testable import chat_server

@Suite("The queue of the log") struct LogQueueTests {
  static func record(_ event: String) -> LogRecord {
    LogRecord(
      .readable, nanosecondsSince1970: 0, level: .info, event: event, metadata: [:])
  }

  @Test("records are numbered from 1, sent once, and sent again to another process")
  func order() {
    var queue = LogQueue(.init())
    for index in 1...5 { queue.append(Self.record("e\(index)")) }
    #expect(queue.unsentCount == 5)
    let first = queue.takeUnsent(byteCountMax: 1)
    #expect(first.firstNumber == 1)
    #expect(first.records == [Self.record("e1")])
    let rest = queue.takeUnsent(byteCountMax: .max)
    #expect(rest.firstNumber == 2)
    #expect(rest.records == (2...5).map { Self.record("e\($0)") })
    #expect(queue.takeUnsent(byteCountMax: .max).records.isEmpty)
    queue.acknowledge(through: 3)
    queue.forgetSent()
    let again = queue.takeUnsent(byteCountMax: .max)
    #expect(again.firstNumber == 4)
    #expect(again.records == [Self.record("e4"), Self.record("e5")])
    queue.acknowledge(through: 3)
    #expect(queue.count == 2)
    queue.acknowledge(through: 99)
    #expect(queue.count == 0)
    #expect(queue.byteCount == 0)
    #expect(queue.acknowledged == 5)
  }

  @Test("what finds it full is dropped and counted, and told once there is room")
  func drops() {
    var queue = LogQueue(.init(recordCountMax: 2, byteCountMax: 1 << 20))
    for index in 1...5 { queue.append(Self.record("e\(index)")) }
    #expect(queue.count == 2)
    #expect(queue.droppedCount == 3)
    queue.tellDropped { Self.record("dropped \($0)") }
    #expect(queue.untoldDroppedCount == 3)
    queue.acknowledge(through: 1)
    queue.tellDropped { Self.record("dropped \($0)") }
    #expect(queue.untoldDroppedCount == 0)
    queue.tellDropped { Self.record("dropped \($0)") }
    #expect(
      queue.takeUnsent(byteCountMax: .max).records
        == [Self.record("e2"), Self.record("dropped 3")])
    #expect(queue.droppedCount == 3)
  }

  @Test("bytes are bounded, too")
  func bytes() {
    let size = Self.record("e").byteCount
    var queue = LogQueue(.init(recordCountMax: 1_000, byteCountMax: 10 * size))
    for _ in 0..<20 { queue.append(Self.record("e")) }
    #expect(queue.count == 10)
    #expect(queue.byteCount == 10 * size)
  }

  @Test("it does what a list does")
  func model() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<50 * effort {
      var queue = LogQueue(.init(recordCountMax: 150, byteCountMax: 1 << 20))
      var list: [(number: UInt64, record: LogRecord)] = []
      var (next, sent) = (UInt64(1), 0)
      for step in 0..<400 {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
          let count = min(Int.random(in: 0...20, using: &generator), sent)
          queue.acknowledge(through: (list.first?.number ?? next) - 1 + UInt64(count))
          list.removeFirst(count)
          sent -= count
        case 1 where step.isMultiple(of: 5):
          queue.forgetSent()
          sent = 0
        case 1, 2:
          let taken = queue.takeUnsent(byteCountMax: 500)
          let records = list.dropFirst(sent).prefix(taken.records.count)
          #expect(taken.records == records.map(\.record))
          if let first = records.first { #expect(taken.firstNumber == first.number) }
          #expect(taken.records.isEmpty == (sent == list.count))
          sent += taken.records.count
        default:
          let record = Self.record("e\(step)")
          queue.append(record)
          guard list.count < 150 else { continue }
          list.append((next, record))
          next += 1
        }
        #expect(queue.count == list.count)
        #expect(queue.unsentCount == list.count - sent)
        #expect(queue.byteCount == list.reduce(0) { $0 + $1.record.byteCount })
      }
    }
  }

  @Test("a process that achieves nothing is started again later and later")
  func restartDelay() {
    var delay = RestartDelay()
    let tenths = (0..<8).map { _ in delay.next() / 100_000_000 }
    #expect(tenths == [0, 1, 2, 4, 8, 16, 20, 20])
    delay.reset()
    #expect(delay.next() == 0)
  }

  @Test("drops are said at once, then at most once a minute, and none twice")
  func dropReport() {
    var report = DropReport()
    let second: Int64 = 1_000_000_000
    #expect(report.take(of: 0, at: second) == nil)
    #expect(report.take(of: 3, at: 5 * second) == 3)
    #expect(report.take(of: 3, at: 6 * second) == nil)
    #expect(report.nextMoment == nil)
    #expect(report.take(of: 9, at: 7 * second) == nil)
    #expect(report.nextMoment == 65 * second)
    #expect(report.take(of: 10, at: 65 * second) == 7)
    #expect(report.take(of: 10, at: 500 * second) == nil)
  }
}
