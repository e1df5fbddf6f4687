import ChatPosix
import Testing

@Suite("Locks and threads") struct LockTests {
  @Test("what many threads count under a lock adds up")
  func counts() throws {
    let count = Locked(0)
    let threads = try (0..<8).map { number throws(SystemError) in
      try Thread.start("count \(number)") {
        for _ in 0..<1_000 { count.withLock { $0 += 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(count.withLock { $0 } == 8_000)
  }

  @Test("a lock that somebody holds is not waited for")
  func isNotWaitedFor() throws {
    let lock = Locked(1)
    let result = lock.withLock { _ in lock.withLockIfFree { $0 } }
    #expect(result == nil)
    #expect(lock.withLockIfFree { $0 } == 1)
  }

  @Test("a thread that waits sees what another has changed")
  func waits() throws {
    let box = Locked<Int?>(nil)
    let thread = try Thread.start("giver") { box.change { $0 = 7 } }
    #expect(box.wait { $0 } == 7)
    thread.join()
    let soon = Clock.monotonicNanoseconds() + 1_000_000
    #expect(box.wait(untilNanoseconds: soon) { $0 == 8 ? 8 : nil } == nil)
  }
}
