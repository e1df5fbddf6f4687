import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

/// What other tools see in a recording.
@Suite("Recordings: tshark", .enabled(if: Tshark.isInstalled)) struct RecordingTsharkTests {
  /// A recording in a file while the body runs.
  private static func withFile(
    _ recording: [UInt8], _ body: (Tshark) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("recording.pcapng")
      try Data(recording).write(to: file)
      try body(Tshark(file: file.path))
    }
  }

  @Test("tshark finds every packet well-formed, with good checksums and nothing odd in TCP")
  func wellFormed() throws {
    for seed in 0..<UInt64(effort) {
      let script = RecordingScript(seed: 3_000 + seed, connections: 5, largest: 2_500_000)
      let run = RecordingRun(script)
      try Self.withFile(run.recording) { tshark in
        let all = try tshark.lines(["-T", "fields", "-e", "frame.number"])
        #expect(all.count > 100)
        for filter in [
          "_ws.malformed", "tcp.checksum.status == 0", "ip.checksum.status == 0",
          "tcp.analysis.flags", "_ws.expert.severity >= warning && !tcp.flags.reset == 1",
          "frame.len != frame.cap_len",
        ] {
          let odd = try tshark.lines(["-Y", filter, "-T", "fields", "-e", "frame.number"])
          #expect(odd.isEmpty, "seed \(seed), \(filter): \(odd.prefix(5))")
        }
        let good = try tshark.lines(["-Y", "tcp.checksum.status == 1"])
        #expect(good.count == all.count)
      }
    }
  }

  @Test("tshark follows each leg to exactly the bytes that it carried")
  func follow() throws {
    let script = RecordingScript(seed: 77, connections: 5, largest: 150_000)
    let run = RecordingRun(script)
    var carried: [Int: [RecordedBytes]] = [:]
    for (_, step) in script.steps {
      switch step {
      case .open(let connection, _): carried[connection] = [RecordedBytes(), RecordedBytes()]
      case .arrived(let connection, let direction, let bytes, _, _):
        carried[connection]?[direction == .clientToServer ? 0 : 1][direction] += bytes
      case .sent(let connection, let direction, let bytes, _, _):
        carried[connection]?[direction == .clientToServer ? 1 : 0][direction] += bytes
      default: break
      }
    }
    try Self.withFile(run.recording) { tshark in
      for connection in carried.keys.sorted() {
        for leg in 0..<2 {
          let stream = connection * 2 + leg
          let followed = try tshark.follow(stream)
          let bytes = carried[connection]?[leg]
          #expect(followed.clientToServer == bytes?.clientToServer, "\(connection), leg \(leg)")
          #expect(followed.serverToClient == bytes?.serverToClient, "\(connection), leg \(leg)")
        }
      }
    }
  }

  @Test("tshark shows the comments, the interfaces, and the same number on copies of a frame")
  func fields() throws {
    let script = RecordingScript(seed: 5, connections: 3, largest: 1_000)
    let run = RecordingRun(script)
    try Self.withFile(run.recording) { tshark in
      let marks = try tshark.lines([
        "-Y", #"frame.comment contains "chat-inspect: {""#, "-T", "fields", "-e", "frame.number",
      ])
      let all = try tshark.lines(["-T", "fields", "-e", "frame.number"])
      #expect(marks.count == all.count)
      let rules = try tshark.lines([
        "-Y", #"frame.comment matches "10% (c2s|s2c)""#, "-T", "fields", "-e",
        "frame.interface_name",
      ])
      #expect(Set(rules) == ["chat-inspect:client", "chat-inspect:server"])
      let numbers = try tshark.lines([
        "-Y", "frame.packet_id", "-T", "fields", "-e", "frame.interface_id", "-e",
        "frame.packet_id",
      ]).map { $0.split(separator: "\t") }
      let client = Set(numbers.filter { $0.first == "0" }.compactMap(\.last))
      let server = Set(numbers.filter { $0.first == "1" }.compactMap(\.last))
      #expect(client.intersection(server).count > 10)
    }
  }
}

/// The bytes of both directions.
private struct RecordedBytes {
  var clientToServer: [UInt8] = []
  var serverToClient: [UInt8] = []

  subscript(direction: Direction) -> [UInt8] {
    get { direction == .clientToServer ? clientToServer : serverToClient }
    set {
      if direction == .clientToServer {
        clientToServer = newValue
      } else {
        serverToClient = newValue
      }
    }
  }
}

/// Runs tshark on a file.
struct Tshark {
  static let path = "/usr/bin/tshark"
  static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

  let file: String

  /// The lines of its output, without those that are empty.
  func lines(_ arguments: [String]) throws -> [String] {
    let outcome = try BuiltProgram.run(
      Self.path,
      ["-n", "-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
        + arguments, environment: ["HOME": NSTemporaryDirectory()])
    guard outcome.status == 0 else { throw TestFailure(outcome.errors) }
    return outcome.lines.map(String.init)
  }

  /// The bytes of a stream, as `-z follow` gives them.
  fileprivate func follow(_ stream: Int) throws -> RecordedBytes {
    var bytes = RecordedBytes()
    for line in try lines(["-q", "-z", "follow,tcp,raw,\(stream)"]) {
      // What the server sends is indented.
      let isServer = line.hasPrefix("\t")
      let digits = line.drop { $0 == "\t" }
      guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit) else { continue }
      let values = TestSupport.bytes(hex: digits) ?? []
      if isServer { bytes.serverToClient += values } else { bytes.clientToServer += values }
    }
    return bytes
  }
}
