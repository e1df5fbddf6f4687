import ChatPosix
import ChatProgram
import Foundation
import Logging
import TestSupport
import Testing

@testable import chat_server

@Suite("The logging process", .serialized) struct LogProcessTests {
  @Test("records appear once, in order, with all keys")
  func records() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    var logger = log.logger
    logger[metadataKey: "session"] = "00ff"
    for index in 1...100 {
      logger.info(
        "client.joined",
        metadata: ["nickname": "ana", "address": "127.0.0.1:40000", "index": "\(index)"])
    }
    logger.debug("not.this")
    log.finish()
    let lines = try fixture.lines()
    #expect(lines.compactMap { $0.number("record") } == Array(1...100))
    #expect(lines.compactMap { $0.text("index") } == (1...100).map(String.init))
    for line in lines {
      #expect(
        Set(line.values.keys) == [
          "time", "level", "event", "record", "run", "session", "nickname", "address", "index",
        ])
      #expect(line.event == "client.joined")
      #expect(line.text("level") == "info")
      #expect(line.text("session") == "00ff")
      #expect(line.text("run")?.count == 16)
      #expect(line.text("time")?.hasSuffix("Z") == true)
    }
    #expect(Set(lines.compactMap { $0.text("run") }).count == 1)
    let permissions = try FileManager.default.attributesOfItem(
      atPath: fixture.file("chat-server.jsonl"))[.posixPermissions]
    #expect((permissions as? NSNumber).map { $0.intValue & 0o137 } == 0)
    #expect(fixture.sentences.withLock { $0 }.isEmpty)
  }

  @Test("another run goes on in the same file, with numbers from 1")
  func secondRun() throws {
    let fixture = try LogFixture()
    for _ in 1...2 {
      let log = try fixture.start()
      log.logger.notice("server.started")
      log.finish()
      #expect(log.status().acknowledgedCount == 1)
    }
    let lines = try fixture.lines()
    #expect(lines.map { $0.number("record") } == [1, 1])
    #expect(Set(lines.compactMap { $0.text("run") }).count == 2)
  }

  @Test("the state of the log can be asked for")
  func status() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    log.logger.info("one")
    log.logger.info("two")
    #expect(waitUntil { log.status().pendingCount == 0 })
    var status = log.status()
    let process = try #require(status.processIdentifier)
    #expect(isRunning(process))
    status.processIdentifier = nil
    #expect(
      status
        == .init(
          directory: fixture.settings.directory, processIdentifier: nil, acknowledgedCount: 2,
          pendingCount: 0, droppedCount: 0, restartCount: 0))
    log.finish()
    #expect(log.status().processIdentifier == nil)
    #expect(!isRunning(process))
    log.logger.info("too late")
    log.finish()
    #expect(try fixture.lines().count == 2)
  }

  @Test("level and metadata of one logger do not reach another")
  func valueSemantics() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    var first = log.logger
    first.logLevel = .debug
    first[metadataKey: "session"] = "first"
    var second = first
    second.logLevel = .error
    second[metadataKey: "session"] = "second"
    first.debug("one", metadata: ["session": "call"])
    second.debug("not.this")
    second.error("two")
    first.debug("three")
    log.finish()
    let lines = try fixture.lines()
    #expect(lines.map { $0.event } == ["one", "two", "three"])
    #expect(lines.map { $0.text("session") } == ["call", "second", "first"])
  }

  @Test("a directory or a level that cannot be used is said in a sentence")
  func refusals() throws {
    let fixture = try LogFixture()
    let file = fixture.directory + "/file"
    try Data().write(to: URL(fileURLWithPath: file))
    for (directory, reason) in [
      (file, "not a directory"), (fixture.directory + "/no/such", "no such file or directory"),
    ] {
      fixture.settings.directory = directory
      let failure = #expect(throws: Failure.self) { try fixture.start() }
      #expect(failure?.message?.contains(directory) == true)
      #expect(failure?.message?.contains(reason) == true)
    }
    fixture.settings.level = "loud"
    let failure = #expect(throws: Failure.self) { try fixture.start() }
    #expect(failure?.message?.contains("\"loud\"") == true)
    fixture.settings = LogSettings()
    fixture.context.executable = "/nonexistent"
    #expect(throws: Failure.self) { try fixture.start() }
  }

  @Test("a directory in which another server writes is refused")
  func secondServer() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    defer { log.finish() }
    let failure = #expect(throws: Failure.self) { try fixture.start() }
    #expect(failure?.message?.contains("another server") == true)
  }

  @Test("hostile metadata stays one line of JSON")
  func hostileMetadata() throws {
    let fixture = try LogFixture()
    let log = try fixture.start()
    let hostile =
      "a\"b\\c\nd\r\u{0}\u{1B}[31m\u{7F}\u{85}\u{9B}"
      + "\u{2028}\u{2029}\u{202E}é👩‍👩‍👧\u{FFFF}"
    log.logger.info(
      "\(hostile)",
      metadata: [
        hostile: "\(hostile)", "time": "mine", "record": .stringConvertible(5),
        "time_": "also mine",
        "number": .stringConvertible(-7), "large": .stringConvertible(UInt64.max),
        "truth": .stringConvertible(true), "nan": .stringConvertible(Double.nan),
        "list": [.string(hostile), ["deep": .stringConvertible(1.5)]],
      ])
    log.logger.info("huge", metadata: ["text": "\(String(repeating: "\u{1}", count: 1 << 20))"])
    log.logger.info(
      "many",
      metadata: Dictionary(
        uniqueKeysWithValues: (0..<5_000).map { ("key\($0)", .string("value\n")) }))
    var deep: Logger.MetadataValue = "bottom"
    for _ in 0..<1_000 { deep = [deep] }
    log.logger.info("deep", metadata: ["value": deep])
    log.finish()
    let lines = try fixture.lines()
    #expect(lines.map { $0.event } == [hostile, "huge", "many", "deep"])
    let first = lines[0]
    #expect(first.text(hostile) == hostile)
    #expect(first.text("time__") == "mine")
    #expect(first.text("time_") == "also mine")
    #expect(first.number("record") == 1)
    #expect(first.number("record_") == 5)
    #expect(first.number("number") == -7)
    #expect((first.values["large"] as? NSNumber)?.uint64Value == .max)
    #expect(first.values["truth"] as? Bool == true)
    #expect(first.text("nan") == "nan")
    let list = try #require(first.values["list"] as? [Any])
    #expect(list[0] as? String == hostile)
    #expect((list[1] as? [String: Double]) == ["deep": 1.5])
    for line in lines.dropFirst() { #expect(line.values["cut"] as? Bool == true) }
    #expect(lines[1].text("text")?.hasSuffix("…") == true)
    let bytes = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: fixture.file("chat-server.jsonl"))))
    #expect(bytes.allSatisfy { $0 == 0x0A || ($0 >= 0x20 && $0 != 0x7F) })
    for line in bytes.split(separator: 0x0A) { #expect(line.count <= LogText.lineSizeMax) }
  }
}
