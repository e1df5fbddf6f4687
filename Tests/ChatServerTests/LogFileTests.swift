import ChatPosix
import Foundation
import TestSupport
import Testing

@testable import chat_server

@Suite("The files of the log") struct LogFileTests {
  /// A directory of its own, which is gone afterwards.
  final class Place {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("chat-server-files-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(fileSizeMax: Int = 1 << 20, fileCount: Int = 4) throws -> LogFile {
      try LogFile(
        Directory(makingIfMissing: path),
        .init(fileSizeMax: fileSizeMax, fileCount: fileCount))
    }

    func put(_ text: String, _ number: Int) throws {
      try Data(text.utf8).write(to: url(number))
    }

    func text(_ number: Int) -> String? { try? String(contentsOf: url(number), encoding: .utf8) }

    private func url(_ number: Int) -> URL {
      URL(fileURLWithPath: path).appendingPathComponent(LogFile.name(number))
    }
  }

  static func line(_ number: Int, run: String = "this") -> String {
    "{\"event\":\"}\\\"record\\\":9\",\"record\":\(number),\"run\":\"\(run)\",\"é\":\"✓\"}\n"
  }

  static func lines(_ numbers: ClosedRange<Int>, run: String = "this") -> String {
    numbers.map { line($0, run: run) }.joined()
  }

  static func batch(_ numbers: ClosedRange<Int>, last: UInt64 = 0) -> LogBatch {
    var batch = LogBatch(last: last)
    for number in numbers {
      batch.append(number: UInt64(number), line: Array(line(number).utf8)[...])
    }
    return batch
  }

  @Test("a line that is not whole is cut off, wherever it was torn")
  func tornLine() throws {
    let whole = Self.lines(1...2)
    let third = Array(Self.line(3).utf8)
    for count in third.indices {
      let place = Place()
      _ = try place.open()
      try place.put(whole, 0)
      let handle = try FileHandle(
        forWritingTo: URL(fileURLWithPath: place.path + "/" + LogFile.name))
      try handle.seekToEnd()
      try handle.write(contentsOf: third[..<count])
      try handle.close()
      let file = try place.open()
      #expect(place.text(0) == whole)
      #expect(try file.lastRecord(ofRun: "this") == 2)
    }
  }

  @Test("the last record is found, whatever else is in the file")
  func lastRecord() throws {
    let others = Self.lines(1...50, run: "other")
    let cases: [(text: String, last: UInt64)] = [
      ("", 0), (others, 0), (others + Self.line(1), 1),
      (others + Self.lines(1...7) + "# a note\n\n{\"record\":99}\n", 7), ("no record\n", 0),
      (Self.line(3) + Self.line(4, run: "other"), 0),
      (Self.line(5) + "{\"record\":-1,\"run\":\"this\"}\n", 5),
      (Self.line(8) + String(repeating: "x", count: 100_000) + "\n", 8),
    ]
    for (text, last) in cases {
      let place = Place()
      _ = try place.open()
      try place.put(text, 0)
      #expect(try place.open().lastRecord(ofRun: "this") == last)
    }
  }

  @Test("a torn line that is longer than anything that is read at once is cut off")
  func longTornLine() throws {
    let place = Place()
    _ = try place.open()
    try place.put(Self.line(1) + String(repeating: "x", count: 1_000_000), 0)
    _ = try place.open()
    #expect(place.text(0) == Self.line(1))
    try place.put(String(repeating: "x", count: 1_000_000), 0)
    _ = try place.open()
    #expect(place.text(0)?.isEmpty == true)
  }

  @Test("files are rotated before they get too large, and only so many are kept")
  func rotation() throws {
    let place = Place()
    let size = Self.line(10).utf8.count
    let file = try place.open(fileSizeMax: 5 * size, fileCount: 3)
    var batch = Self.batch(10...31)
    try file.write(&batch)
    #expect(batch.isEmpty)
    #expect(batch.last == 31)
    #expect(
      (0...3).map(place.text) == [
        Self.lines(30...31), Self.lines(25...29),
        Self.lines(20...24), nil,
      ])
    // Every line is larger than a file may be.
    let small = try place.open(fileSizeMax: 1, fileCount: 2)
    batch = Self.batch(32...34)
    try small.write(&batch)
    #expect((0...1).map(place.text) == [Self.line(34), Self.line(33)])
    let single = try place.open(fileSizeMax: 1, fileCount: 1)
    batch = Self.batch(35...36)
    try single.write(&batch)
    #expect(place.text(0) == Self.line(36))
  }

  @Test("a rotation that was broken off after any step loses and repeats nothing", arguments: 0...4)
  func brokenRotation(stepCount: Int) throws {
    let place = Place()
    let limit = Self.lines(40...49).utf8.count
    _ = try place.open()
    for (number, numbers) in [40...49, 30...39, 20...29, 10...19].enumerated() {
      try place.put(Self.lines(numbers), number)
    }
    // The steps of a rotation among four files: 2 over 3, 1 to 2, the current one to 1, a new one.
    let directory = try Directory(makingIfMissing: place.path)
    for step in 0..<min(stepCount, 3) {
      try directory.rename(LogFile.name(2 - step), to: LogFile.name(3 - step))
    }
    if stepCount == 4 { try place.put("", 0) }
    // The process that is started again, after the kill.
    let file = try place.open(fileSizeMax: limit, fileCount: 4)
    let last = try file.lastRecord(ofRun: "this")
    #expect(last == 49)
    var batch = Self.batch(45...55, last: last)
    try file.write(&batch)
    #expect(
      (0...4).map(place.text) == [
        Self.lines(50...55), Self.lines(40...49), Self.lines(30...39), Self.lines(20...29), nil,
      ])
  }

  @Test("a file that somebody moves away or removes is followed by a new one")
  func movedFile() throws {
    let place = Place()
    let file = try place.open()
    var batch = Self.batch(1...2)
    try file.write(&batch)
    try FileManager.default.moveItem(
      atPath: place.path + "/" + LogFile.name, toPath: place.path + "/mine")
    batch = Self.batch(3...4)
    try file.write(&batch)
    #expect(place.text(0) == Self.lines(3...4))
    try FileManager.default.removeItem(atPath: place.path + "/" + LogFile.name)
    batch = Self.batch(5...6)
    try file.write(&batch)
    #expect(place.text(0) == Self.lines(5...6))
    #expect(
      try String(contentsOfFile: place.path + "/mine", encoding: .utf8) == Self.lines(1...2))
  }

  @Test("a batch gives its lines once, in pieces of whole lines")
  func batches() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 * effort {
      var batch = LogBatch(last: 5)
      var written: [UInt8] = []
      for number in 1...60 {
        let line = Array("\(String(repeating: "x", count: number % 7))\(number)\n".utf8)
        batch.append(number: UInt64(number), line: line[...])
        batch.append(number: UInt64(number), line: line[...])
        guard Bool.random(using: &generator) else { continue }
        let end = batch.end(byteCountMax: Int.random(in: 0...40, using: &generator))
        written += batch.bytes[batch.start..<end]
        batch.removeWritten(through: end)
      }
      written += batch.bytes[batch.start..<batch.end(byteCountMax: .max)]
      batch.removeWritten(through: batch.end(byteCountMax: .max))
      #expect(batch.isEmpty)
      #expect(batch.last == 60)
      let expected = (6...60).map { "\(String(repeating: "x", count: $0 % 7))\($0)\n" }.joined()
      #expect(String(decoding: written, as: UTF8.self) == expected)
    }
  }
}
