import ChatPosix
import Foundation
import Logging
import TestSupport
import Testing

@testable import chat_server

@Suite("The logging process in trouble", .serialized) struct LogFailureTests {
  /// Has threads log while the process is killed so many times, at moments drawn from a seed.
  static func logUnderFire(
    _ log: ServerLog, threadCount: Int, recordsPerThread: Int, killCount: Int, seed: UInt64
  ) throws {
    let state = Locked((runningCount: threadCount, killCount: 0))
    let deadline = Clock.monotonicNanoseconds() + 120_000_000_000
    for thread in 0..<threadCount {
      try Thread.detach("talker") {
        for index in 0..<recordsPerThread {
          log.logger.info(
            "test.record",
            metadata: [
              "thread": .stringConvertible(thread), "index": .stringConvertible(index),
              "text": "some more text, so that files fill up",
            ])
          // The kills are spread over the whole.
          let wanted = (index + 1) * killCount / recordsPerThread
          _ = state.wait(untilNanoseconds: deadline) { $0.killCount >= wanted ? true : nil }
          if index % 10 == 9 { usleep(1_000) }
        }
        state.change { $0.runningCount -= 1 }
      }
    }
    var generator = SeededGenerator(seed: seed)
    while state.withLock({ $0.runningCount > 0 }), Clock.monotonicNanoseconds() < deadline {
      usleep(UInt32.random(in: 0...50_000, using: &generator))
      guard let process = log.status().processIdentifier else { continue }
      kill(process, SIGKILL)
      #expect(waitUntil { log.status().processIdentifier != process })
      state.change { $0.killCount += 1 }
    }
    #expect(state.withLock { $0.runningCount } == 0)
  }

  /// Expects that the records are all there, once, in order.
  static func expectWhole(
    _ lines: [LogLine], threadCount: Int, recordsPerThread: Int, restartCount: Int
  ) {
    #expect(firstDifference(lines.map { $0.number("record") }, Array(1...lines.count)) == nil)
    #expect(Set(lines.map { $0.text("run") }).count == 1)
    let restarts = lines.filter { $0.event == "log.restarted" }
    #expect(restarts.map { $0.number("count") } == restarts.indices.map { $0 + 1 })
    #expect(restarts.count == restartCount)
    for thread in 0..<threadCount {
      let own = lines.filter { $0.event == "test.record" && $0.number("thread") == thread }
      #expect(
        firstDifference(own.map { $0.number("index") }, Array(0..<recordsPerThread)) == nil)
    }
    #expect(lines.count == threadCount * recordsPerThread + restartCount)
  }

  /// The first place where numbers are not what they should be.
  static func firstDifference(_ numbers: [Int?], _ expected: [Int]) -> Int? {
    let common = zip(numbers, expected).prefix { $0 == $1 }.count
    return common == numbers.count && common == expected.count ? nil : common
  }

  @Test("20,000 records of 8 threads are all there once while the process is killed at random")
  func killedAtRandom() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    try Self.logUnderFire(log, threadCount: 8, recordsPerThread: 2_500, killCount: 10, seed: 1)
    log.finish()
    let status = log.status()
    #expect(status.restartCount >= 10)
    #expect(status.droppedCount == 0)
    #expect(status.pendingCount == 0)
    Self.expectWhole(
      try fixture.lines(), threadCount: 8, recordsPerThread: 2_500,
      restartCount: status.restartCount)
    #expect(fixture.sentences.withLock { $0.allSatisfy { $0.contains("no record is lost") } })
  }

  @Test("nor is any lost or repeated while files are rotated all the time")
  func killedWhileRotating() throws {
    let fixture = try LogFixture(fileSizeMax: 4_096, fileCount: 1_000)
    let log = try fixture.start()
    try Self.logUnderFire(log, threadCount: 4, recordsPerThread: 1_000, killCount: 10, seed: 2)
    log.finish()
    let names = fixture.names
    #expect(names.count > 100)
    for name in names {
      let size = try FileManager.default.attributesOfItem(atPath: fixture.file(name))[.size]
      #expect((size as? NSNumber).map { $0.intValue <= 4_096 } == true)
    }
    Self.expectWhole(
      try fixture.lines(), threadCount: 4, recordsPerThread: 1_000,
      restartCount: log.status().restartCount)
  }

  @Test("a process that is killed while nothing happens is started again, and that is said")
  func killedWhenIdle() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    log.logger.info("before")
    #expect(waitUntil { log.status().pendingCount == 0 })
    let process = try #require(log.status().processIdentifier)
    kill(process, SIGKILL)
    #expect(waitUntil { log.status().restartCount == 1 && log.status().pendingCount == 0 })
    #expect(fixture.waitForSentence("the logging process (\(process)) has ended"))
    #expect(try fixture.lines().map { $0.event } == ["before", "log.restarted"])
    log.logger.info("after")
    log.finish()
    #expect(try fixture.lines().map { $0.event } == ["before", "log.restarted", "after"])
  }

  @Test("a full disk stalls nobody; what is dropped is counted and said, and then the log goes on")
  func fullDisk() throws {
    let fixture = try LogFixture()
    fixture.context.limits.recordCountMax = 100
    let log = try fixture.start()
    let process = try #require(log.status().processIdentifier)
    // The process meets the limit as it would a full disk: within a line, with an error.
    try Self.limitFileSize(of: process, to: "2000")
    for index in 0..<50 { log.logger.info("early", metadata: ["index": "\(index)"]) }
    #expect(fixture.waitForSentence("cannot be written"))
    #expect(waitUntil { log.status().acknowledgedCount > 0 })
    for index in 50..<500 { log.logger.info("early", metadata: ["index": "\(index)"]) }
    #expect(fixture.waitForSentence("records were dropped"))
    let before = try Data(
      contentsOf: URL(fileURLWithPath: fixture.file("chat-server.jsonl")))
    #expect(before.last == 0x0A)
    #expect(log.status().pendingCount == 100)
    let droppedCount = log.status().droppedCount
    #expect(droppedCount > 300)
    log.logger.info("still full")
    #expect(log.status().droppedCount == droppedCount + 1)
    try Self.limitFileSize(of: process, to: "unlimited")
    #expect(fixture.waitForSentence("is written again"))
    #expect(waitUntil { log.status().pendingCount == 0 })
    log.logger.info("late")
    log.finish()
    let lines = try fixture.lines()
    #expect(lines.map { $0.number("record") } == lines.indices.map { $0 + 1 })
    let told = lines.filter { $0.event == "log.dropped" }.compactMap { $0.number("count") }
    #expect(told.reduce(0, +) == Int(droppedCount) + 1)
    let early = lines.filter { $0.event == "early" }.compactMap { $0.text("index") }
    #expect(Set(early).count == early.count)
    #expect(early.count + Int(droppedCount) == 500)
    #expect(lines.filter { $0.event == "log.recovered" }.count == 1)
    #expect(lines.last?.event == "late")
    #expect(log.status().restartCount == 0)
  }

  static func limitFileSize(of process: Int32, to limit: String) throws {
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
    tool.arguments = ["--pid", "\(process)", "--fsize=\(limit):unlimited"]
    try tool.run()
    tool.waitUntilExit()
    #expect(tool.terminationStatus == 0)
  }

  @Test("a stalled process stalls nobody, and the end of the log does not wait for it")
  func stalled() throws {
    let fixture = try LogFixture()
    fixture.context.limits.recordCountMax = 1_000
    let log = try fixture.start()
    let process = try #require(log.status().processIdentifier)
    kill(process, SIGSTOP)
    for _ in 0..<20_000 { log.logger.info("one.more", metadata: ["text": "some text"]) }
    #expect(log.status().droppedCount >= 10_000)
    #expect(log.status().pendingCount == 1_000)
    #expect(fixture.waitForSentence("records were dropped"))
    log.finish(deadlineNanoseconds: Clock.monotonicNanoseconds())
    #expect(fixture.waitForSentence("could not be written"))
    #expect(waitUntil { !isRunning(process) })
  }

  @Test("a directory that is gone comes back, and nothing is lost meanwhile")
  func lostDirectory() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    log.logger.info("before")
    #expect(waitUntil { log.status().pendingCount == 0 })
    let directory = fixture.directory + "/log"
    try FileManager.default.moveItem(atPath: directory, toPath: fixture.directory + "/elsewhere")
    try Data().write(to: URL(fileURLWithPath: directory))
    log.logger.info("meanwhile")
    #expect(fixture.waitForSentence("cannot be written"))
    let process = try #require(log.status().processIdentifier)
    kill(process, SIGKILL)
    #expect(fixture.waitForSentence("not a directory"))
    try FileManager.default.removeItem(atPath: directory)
    #expect(waitUntil { log.status().pendingCount == 0 })
    log.finish()
    let lines = try fixture.lines()
    #expect(lines.map { $0.event } == ["meanwhile", "log.restarted"])
    #expect(lines.map { $0.number("record") } == [2, 3])
  }
}
