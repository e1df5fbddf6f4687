import ChatPosix
import ChatProgram
import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// The recording on the disk.
@Suite("The file of a recording") struct RecordingFileTests {
  private static func writer() -> RecordingWriter {
    RecordingWriter(program: "test", comment: "a test")
  }

  private static let ends: RecordingWriter.Ends = {
    func endpoint(_ port: UInt16) -> Endpoint {
      Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: port)
    }
    return RecordingWriter.Ends(
      client: endpoint(1_000), proxyForClient: endpoint(2_000), proxyForServer: endpoint(3_000),
      server: endpoint(4_000))
  }()

  /// Lets so many bytes arrive.
  private static func arrive(_ count: Int, number: UInt64, in recorder: inout Recorder) {
    let bytes = [UInt8](repeating: 7, count: count)
    recorder.writer.arrived(
      bytes.span.bytes, connection: 0, direction: .clientToServer, number: number,
      at: TraceTime(nanoseconds: Int64(number)), fate: .forwarded, notes: [])
  }

  private static func open(in recorder: inout Recorder) {
    recorder.writer.open(
      0, ends, client: "c", server: "s", at: TraceTime(nanoseconds: 0))
  }

  /// The types of the blocks of a file; empty if it does not end with a whole one.
  private static func blocks(_ path: String) throws -> [Int] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var types: [Int] = []
    var offset = 0
    func number(_ place: Int) -> Int {
      bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    while offset < bytes.count {
      guard offset + 12 <= bytes.count, offset + number(offset + 4) <= bytes.count else {
        return []
      }
      types.append(number(offset))
      offset += number(offset + 4)
    }
    return types
  }

  private static let header = 0x0A0D_0D0A

  @Test("Everything is in the file when it is closed")
  func whole() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("a.pcapng").path
      let file = try RecordingFile(RecordingTarget(path: path, ring: nil))
      var recorder = Recorder(file: file, writer: Self.writer())
      Self.open(in: &recorder)
      for number in 1...500 {
        Self.arrive(10_000, number: UInt64(number), in: &recorder)
        recorder.flush()
      }
      recorder.finish(at: TraceTime(nanoseconds: 1_000))
      let blocks = try Self.blocks(path)
      #expect(Array(blocks.prefix(3)) == [Self.header, 1, 1])
      #expect(blocks.count { $0 == 6 } >= 506)
      #expect(Array(blocks.suffix(2)) == [5, 5])
      #expect(recorder.report.path == path)
      #expect(recorder.report.failure == nil)
      let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
      #expect(recorder.report.byteCount == UInt64(size))
    }
  }

  @Test("What was handed over is in the file at once, without waiting for more")
  func prompt() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("a.pcapng").path
      let file = try RecordingFile(RecordingTarget(path: path, ring: nil))
      var recorder = Recorder(file: file, writer: Self.writer())
      Self.open(in: &recorder)
      recorder.flush()
      let deadline = Date(timeIntervalSinceNow: 30)
      while try Self.blocks(path).count < 9, Date() < deadline { usleep(1_000) }
      #expect(try Self.blocks(path).count == 9)
      recorder.finish(at: TraceTime(nanoseconds: 1))
    }
  }

  @Test("A ring has files of a size, each whole, and the oldest are removed")
  func ring() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("rec.d.pcapng").path
      let ring = RecordingRing(byteCount: 64 << 10, nanoseconds: nil, fileCount: 3)
      let file = try RecordingFile(RecordingTarget(path: path, ring: ring))
      var recorder = Recorder(file: file, writer: Self.writer())
      Self.open(in: &recorder)
      for number in 1...100 {
        Self.arrive(5_000, number: UInt64(number), in: &recorder)
        recorder.flush()
      }
      recorder.finish(at: TraceTime(nanoseconds: 1_000))
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      #expect(names.count == 3)
      let numbers = names.compactMap { $0.split(separator: "_").dropFirst().first }.map(String.init)
      #expect(numbers == ["00006", "00007", "00008"])
      for name in names {
        #expect(name.wholeMatch(of: /rec\.d_\d{5}_\d{14}\.pcapng/) != nil, "\(name)")
        let path = directory.appendingPathComponent(name).path
        let blocks = try Self.blocks(path)
        #expect(blocks.first == Self.header)
        #expect(blocks.count { $0 == Self.header } == 1)
        #expect(blocks.last == 5)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        #expect(size < 72 << 10)
      }
      #expect(recorder.report.path.hasSuffix(names.last ?? "?"))
    }
  }

  @Test("The name of a file in a ring has its number and the time, before the ending")
  func names() {
    let time = LocalTime(
      year: 2026, month: 3, day: 9, weekday: 1, hour: 4, minute: 5, second: 6)
    func name(_ path: String, _ number: Int) -> String {
      RecordingTarget(path: path, ring: RecordingRing(byteCount: 1)).path(ofFile: number, at: time)
    }
    #expect(name("a.pcapng", 1) == "a_00001_20260309040506.pcapng")
    #expect(name("/x.d/a", 123_456) == "/x.d/a_123456_20260309040506")
    #expect(name(".hidden", 2) == ".hidden_00002_20260309040506")
    #expect(RecordingTarget(path: "a.pcapng").path(ofFile: 9, at: time) == "a.pcapng")
  }

  @Test("A disk that is full ends the recording, and nothing else")
  func full() throws {
    let file = try RecordingFile(RecordingTarget(path: "/dev/full", ring: nil))
    var recorder = Recorder(file: file, writer: Self.writer())
    let deadline = Date(timeIntervalSinceNow: 30)
    while recorder.report.failure == nil, Date() < deadline { usleep(1_000) }
    #expect(recorder.report.failure == "no space left on device")
    #expect(file.append([1], isRequired: true) == false)
    Self.open(in: &recorder)
    recorder.flush()
    recorder.finish(at: TraceTime(nanoseconds: 1))
    #expect(recorder.report.byteCount == 0)
  }

  @Test("A file that cannot be made is said at once")
  func impossible() {
    #expect(
      throws: Failure(
        "-w /nowhere/a.pcapng: the recording cannot be written: no such file or directory")
    ) {
      _ = try RecordingFile(RecordingTarget(path: "/nowhere/a.pcapng", ring: nil))
    }
  }

  @Test("Who does not take it holds up nobody: what is too much is refused, in whole batches")
  func slow() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("pipe").path
      #expect(mkfifo(path, 0o600) == 0)
      let reader = Glibc.open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let file = try RecordingFile(
        RecordingTarget(path: path, ring: nil), waitingByteCountMax: 1 << 20)
      var recorder = Recorder(file: file, writer: Self.writer())
      Self.open(in: &recorder)
      for number in 1...100 {
        Self.arrive(60_000, number: UInt64(number), in: &recorder)
        recorder.flush()
      }
      // Now somebody reads; the rest of what was taken comes, whole, and the end.
      let state = Locked((bytes: [UInt8](), isDone: false))
      let thread = try ChatPosix.Thread.start("reader") {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
          let isDone = state.withLock { $0.isDone }
          let count = Glibc.read(reader, &buffer, buffer.count)
          if count > 0 { state.withLock { $0.bytes += buffer[..<count] } }
          if count <= 0, isDone { return }
          if count <= 0 { usleep(1_000) }
        }
      }
      recorder.finish(at: TraceTime(nanoseconds: 1_000))
      state.withLock { $0.isDone = true }
      thread.join()
      let bytes = state.withLock { $0.bytes }
      let copy = directory.appendingPathComponent("copy").path
      try Data(bytes).write(to: URL(fileURLWithPath: copy))
      let blocks = try Self.blocks(copy)
      #expect(blocks.last == 5)
      #expect((8..<60).contains(blocks.count { $0 == 6 }))
    }
  }

  @Test(
    "Conditions that are none are refused with a sentence",
    arguments: [
      (["-b", "filesize:10"], "name the files as well, with -w FILE"),
      (["-w", "-", "-b", "filesize:10"], "standard output is one file"),
      (["-w", "a", "-b", "files:10"], "say as well when another file begins"),
      (["-w", "a", "-b", "10"], "expected filesize:KIB, duration:SECONDS or files:NUMBER"),
      (["-w", "a", "-b", "filesize:0"], "expected a size in KiB"),
      (["-w", "a", "-b", "filesize:x"], "expected a size in KiB"),
      (["-w", "a", "-b", "filesize:9999999999999999999"], "expected a size in KiB"),
      (["-w", "a", "-b", "duration:0"], "expected seconds"),
      (["-w", "a", "-b", "duration:nan"], "expected seconds"),
      (["-w", "a", "-b", "files:0"], "expected how many files"),
      (["-w", "-", "-T", "text"], "text cannot go there too"),
    ])
  func conditions(arguments: [String], sentence: String) throws {
    let outcome = try BuiltProgram.run(
      Program.path, ["proxy", "--listen", "0", "--upstream", "127.0.0.1:1"] + arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
  }
}
