import TestSupport
import Testing

@Suite("The scripted peers of the original dialect") struct ClassicWireTests {
  /// What the original programs put on the wire (docs/PROTOCOL.md, classic dialect).
  static let vectors: [(ClassicPeerFrame, String)] = [
    (
      ClassicPeerFrame(1, #"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#),
      "0000003d01000081a7d40000"
    ),
    (
      ClassicPeerFrame(3, #"{"session_id": "deadbeef", "message": "Connection established"}"#),
      "0000003f0300006afc5cae00"
    ),
    (ClassicPeerFrame(4, "Hel"), "000000030400006b6e667a00"),
    (ClassicPeerFrame(4, sequence: 1, isLast: true, "lo"), "000000020400017ce8636c01"),
    (ClassicPeerFrame(4, isLast: true), "00000000040000d41d8cd901"),
    (ClassicPeerFrame(4, sequence: 65_535, isLast: true, "é✓😀"), "0000000904ffff216a30f201"),
    (ClassicPeerFrame(4, isLast: true, "[ana] Hello"), "0000000b040000afff295a01"),
    (ClassicPeerFrame(2, "ACK for seq 0"), "0000000d0200000f0500f500"),
    (ClassicPeerFrame(2, sequence: 65_535, "ACK for seq 65535"), "0000001102ffffa97e0b3f00"),
    (ClassicPeerFrame(5, sequence: 7, "NACK for seq 7"), "0000000e050007c1e8846700"),
    (ClassicPeerFrame(6, "Disconnect"), "0000000a06000042ae252300"),
    (ClassicPeerFrame(2, "Disconnect ACK"), "0000000e0200003e99503800"),
    (ClassicPeerFrame(7, "ana"), "00000003070000276b6c4600"),
    (ClassicPeerFrame(2, "NICK OK: ana"), "0000000c0200003201aabb00"),
    (ClassicPeerFrame(8, "{}"), "0000000208000099914b9300"),
    (
      ClassicPeerFrame(9, #"["ana", "127.0.0.1:40000", "\u00e9"]"#), "000000240900002b11daa500"
    ),
  ]

  @Test("their frames are, byte for byte, those of the original programs", arguments: 0..<16)
  func frames(index: Int) {
    let (frame, header) = Self.vectors[index]
    #expect(frame.bytes == (bytes(hex: header) ?? []) + frame.payload)
    #expect(ClassicPeerFrame(frame.bytes) == frame)
  }
}
