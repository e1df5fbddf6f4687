import Foundation
import TestSupport

/// The kernel's table of TCP sockets, those of all programs.
enum SocketTable {
  /// Bytes that have come from a port of this machine to another one, and that nobody has read;
  /// IPv4 only.
  static func unreadByteCount(from source: UInt16, to target: UInt16) throws -> Int {
    // Address and port in hexadecimal, state, and the queues: "0100007F:1F90 01 00000000:0000A000".
    for line in try read().split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      if fields.count > 4, fields[1].hasSuffix(":" + hex(target)),
        fields[2].hasSuffix(":" + hex(source)),
        let count = fields[4].split(separator: ":").last.flatMap({ Int($0, radix: 16) })
      {
        return count
      }
    }
    return 0
  }

  /// Reads piece by piece: Foundation takes the first piece of such a file for all of it.
  private static func read() throws -> String {
    let descriptor = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure("/proc/net/tcp: error \(errno)") }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += buffer[..<count]
    }
  }

  private static func hex(_ port: UInt16) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
