import ChatPosix
import ChatWire
import Foundation
import TestSupport

@testable import chat_inspect

/// A proxy that notes what it is asked, and replies with samples.
final class FakeProxy: ControlPort {
  private let asked = Locked<[ControlRequest]>([])

  /// What it was asked so far.
  var requests: [ControlRequest] { asked.withLock { $0 } }

  func ask(_ request: ControlRequest) -> ControlReply {
    asked.withLock { $0.append(request) }
    return switch request {
    case .statistics: .statistics(.busy)
    case .connections: .connections(ConnectionReport.samples)
    case .rules, .addRules: .rules(RuleReport.samples)
    case .interception: .interception(.sample)
    case .close(connection: 99, _): .missing("there is no connection 99")
    case .changeRule(number: 99, _), .removeRule(number: 99): .missing("there is no rule 99")
    case .release(held: 99), .drop(held: 99), .alter(held: 99, _):
      .missing("no frame 99 is held")
    case .intercept(filter: "junk"): .failed("junk cannot be held")
    case .close, .changeRule, .removeRule, .removeAllRules, .intercept, .release, .drop, .alter:
      .done
    }
  }
}

extension ProxyReport {
  /// A proxy that has done much, and whose disk is full.
  static let busy = ProxyReport(
    listen: "127.0.0.1:5001", upstream: "127.0.0.1:5000", seed: .max,
    uptimeNanoseconds: 307_125_000_000, accepted: 12, open: 3, refused: 1, frames: 123_456,
    bytes: 98_765_432, disturbed: 789, droppedLines: 4, recording: "out \"1\"\n.pcapng",
    recordedBytes: 1 << 60, recordingFailure: "no space left on device")
}

extension ConnectionReport {
  /// One connection of each kind.
  static let samples = [
    ConnectionReport(
      number: 1, client: "127.0.0.1:40001", server: "127.0.0.1:5000", dialect: "native",
      ageNanoseconds: 42_125_000_000,
      clientToServer: Flow(
        bytesIn: 123_456_789, bytesOut: 123_000_000, frames: 98_765, disturbed: 987,
        waitingBytes: 65_536, isEnded: true),
      serverToClient: Flow(bytesIn: 9_999, bytesOut: 9_999, frames: 812)),
    ConnectionReport(
      number: 12, client: "[2001:db8::1]:40002", server: "127.0.0.1:5000", dialect: "classic",
      ageNanoseconds: 3_700_000_000_000, clientToServer: Flow(bytesIn: 64, bytesOut: 64, frames: 2),
      serverToClient: Flow(bytesIn: 12, bytesOut: 12, frames: 1)),
    ConnectionReport(number: 13, client: "127.0.0.1:40003", server: "127.0.0.1:5000"),
  ]
}

extension RuleReport {
  static let samples = [
    RuleReport(number: 1, rule: "drop 10% DATA c2s", actedCount: 12),
    RuleReport(number: 12, rule: "delay 50ms jitter 10ms s2c", actedCount: 1 << 60),
  ]
}

extension InterceptionReport {
  /// Two frames that wait.
  static let sample = InterceptionReport(
    filter: "type == DATA",
    held: [
      Held(
        number: 1, connection: 3, direction: .clientToServer, frame: 1_234, dialect: .native,
        type: "DATA", sequence: 4_660, heldNanoseconds: 2_500_000_000,
        bytes: nativeFrame(payload: Array("hello, 玛丽\u{1B}[2J".utf8))),
      Held(
        number: 2, connection: 12, direction: .serverToClient, frame: nil, dialect: .classic,
        type: "LIST_RESPONSE", sequence: 7, bytes: classicFrame(payload: Array("[]".utf8))),
    ])
}

/// A native DATA frame with a right checksum.
func nativeFrame(payload: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = []
  encodeFrame(
    FrameHeader(length: 0, typeCode: 4, sequence: 4_660, checksum: 0, flags: 1),
    payload: payload.span.bytes, into: &bytes, checksum: CRC32())
  return bytes
}

/// A classic DATA frame with a right checksum.
func classicFrame(payload: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = []
  encodeClassicFrame(.data, sequence: 7, payload: payload, isLast: true, into: &bytes)
  return bytes
}

/// Everything that a socket says until it closes the connection, or has said `end`; nil if it falls
/// silent before.
func readAnswer(_ socket: borrowing StreamSocket, until end: ([UInt8]) -> Bool = { _ in false })
  -> [UInt8]?
{
  var answer: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while !end(answer) {
    switch socket.read(into: &block) {
    case .bytes(let count): answer += block[..<count]
    case .endOfStream, .failed: return answer
    case .wouldBlock:
      var entries = [Poll.Entry(socket.rawValue, .readable)]
      Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
      if entries[0].result.isEmpty { return nil }
    }
  }
  return answer
}

/// Writes bytes as they are taken; whoever does not take them all has closed the connection.
func writeFully(_ bytes: [UInt8], to socket: borrowing StreamSocket) {
  var done = 0
  while done < bytes.count {
    switch socket.write(bytes, from: done) {
    case .bytes(let count): done += count
    case .endOfStream, .failed: return
    case .wouldBlock:
      var entries = [Poll.Entry(socket.rawValue, .writable)]
      Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
      if entries[0].result.isEmpty { return }
    }
  }
}
