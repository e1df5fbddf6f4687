import Foundation
import TestSupport

extension Stage {
  /// One interface of a recording as any other tool would have captured it: no comments, no names.
  func plainCapture(of recording: String, interface: UInt32) throws -> String {
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: recording)))
    // Raw IP, nanoseconds.
    var pcap: [UInt8] = [0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0]
    pcap += [UInt8](repeating: 0, count: 8) + [0, 0, 4, 0, 101, 0, 0, 0]
    func number(_ offset: Int) -> UInt32 {
      file[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
    var start = 0
    while start + 28 <= file.count {
      let length = Int(number(start + 4))
      guard length >= 12, start + length <= file.count else { break }
      if number(start) == 6, number(start + 8) == interface {
        let time = UInt64(number(start + 12)) << 32 | UInt64(number(start + 16))
        let count = number(start + 20)
        pcap += bytes(UInt32(time / 1_000_000_000)) + bytes(UInt32(time % 1_000_000_000))
        pcap += bytes(count) + bytes(count)
        pcap += file[start + 28..<start + 28 + Int(count)]
      }
      start += length
    }
    let path = "\(recording).\(interface).pcap"
    try Data(pcap).write(to: URL(fileURLWithPath: path))
    return path
  }
}
