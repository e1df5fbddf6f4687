import Foundation
import TestSupport

/// The kernel's table of TCP sockets, those of all programs.
enum SocketTable {
  /// Bytes that have come from a port of 127.0.0.1 to another one, and that nobody has read.
  static func unreadByteCount(from source: UInt16, to target: UInt16) throws -> Int {
    // Addresses, ports and queues in hexadecimal: "0100007F:1F90 0100007F:D431 01 00000000:0000A0".
    let table = try read()
    let ends = Data("0100007F:\(hex(target)) 0100007F:\(hex(source)) ".utf8)
    guard let place = table.range(of: ends) else { return 0 }
    let queues = table[place.upperBound...].dropFirst(3).prefix { $0 != UInt8(ascii: " ") }
    return Int(String(decoding: queues.suffix(8), as: UTF8.self), radix: 16) ?? 0
  }

  /// Reads piece by piece: Foundation takes the first piece of such a file for all of it.
  private static func read() throws -> Data {
    let descriptor = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure("/proc/net/tcp: error \(errno)") }
    defer { close(descriptor) }
    var table = Data()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return table }
      table.append(buffer, count: count)
    }
  }

  private static func hex(_ port: UInt16) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
