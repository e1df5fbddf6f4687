// The original dialect as its description has it, for scripted peers: nothing here comes from the
// library under test but MD5.

import ChatPosix
import ChatWire
import Foundation
import TestSupport

/// A frame of the original dialect.
struct ClassicPeerFrame: Equatable {
  var type: UInt8
  var sequence: UInt16
  var isLast: Bool
  var payload: [UInt8]

  static let headerSize = 12

  init(_ type: UInt8, sequence: UInt16 = 0, isLast: Bool = false, _ payload: [UInt8] = []) {
    self.type = type
    self.sequence = sequence
    self.isLast = isLast
    self.payload = payload
  }

  init(_ type: UInt8, sequence: UInt16 = 0, isLast: Bool = false, _ text: String) {
    self.init(type, sequence: sequence, isLast: isLast, Array(text.utf8))
  }

  var text: String { String(decoding: payload, as: UTF8.self) }

  /// `!IBH4sB`, and the payload.
  var bytes: [UInt8] {
    let length = UInt32(payload.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
      + [type, UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence)]
      + MD5.digest(of: payload.span.bytes).bytes.prefix(4) + [isLast ? 1 : 0] + payload
  }

  /// The frame at the beginning of some bytes, if it is there whole.
  init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count >= Self.headerSize else { return nil }
    let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
    guard bytes.count >= Self.headerSize + length else { return nil }
    self.init(
      bytes[4], sequence: UInt16(bytes[5]) << 8 | UInt16(bytes[6]), isLast: bytes[11] != 0,
      Array(bytes[Self.headerSize..<Self.headerSize + length]))
    guard MD5.digest(of: payload.span.bytes).bytes.prefix(4).elementsEqual(bytes[7..<11]) else {
      return nil
    }
  }
}

/// Type bytes.
enum ClassicPeerType {
  static let syn: UInt8 = 1
  static let ack: UInt8 = 2
  static let handshakeAck: UInt8 = 3
  static let data: UInt8 = 4
  static let nack: UInt8 = 5
  static let disconnect: UInt8 = 6
  static let setNick: UInt8 = 7
  static let listRequest: UInt8 = 8
  static let listResponse: UInt8 = 9
}

/// Blocking reads and writes, as Python's sockets do them.
enum ClassicPeerSocket {
  /// `recv(count)`: whatever is there once something is; empty at the end of the stream.
  static func receive(_ socket: borrowing StreamSocket, _ count: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    while true {
      switch socket.read(into: &buffer) {
      case .bytes(let count): return Array(buffer[..<count])
      case .endOfStream, .failed: return []
      case .wouldBlock: try wait(socket.rawValue, .readable)
      }
    }
  }

  /// `sendall`.
  static func send(_ socket: borrowing StreamSocket, _ frame: ClassicPeerFrame) throws {
    try send(socket, frame.bytes)
  }

  /// `sendall`.
  static func send(_ socket: borrowing StreamSocket, _ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      switch socket.write(bytes, from: done) {
      case .bytes(let count): done += count
      case .wouldBlock: try wait(socket.rawValue, .writable)
      case .endOfStream, .failed: throw TestFailure("the connection is closed")
      }
    }
  }

  private static func wait(_ descriptor: Int32, _ interest: WakeablePoll.Interest) throws {
    var entries = [Poll.Entry(descriptor, interest)]
    Poll.wait(for: &entries, nanoseconds: Int64(patience * 1e9))
    guard !entries[0].result.isEmpty else { throw TestFailure("nothing came for a minute") }
  }
}
