/// What the first four bytes of a file say about it.
enum CaptureFileSignature: Equatable {
  case pcap(CaptureFileFormat)
  case pcapng
  /// Compressed: with what, and the command that unpacks to standard output.
  case compressed(name: String, command: String)
  case unknown

  /// Tells a file by its first four bytes, read as a little-endian number.
  init(_ magic: UInt32) {
    self =
      switch magic {
      case 0xA1B2_C3D4: .pcap(Self.format(.pcap, isBigEndian: false, .microseconds))
      case 0xD4C3_B2A1: .pcap(Self.format(.pcap, isBigEndian: true, .microseconds))
      case 0xA1B2_3C4D: .pcap(Self.format(.pcap, isBigEndian: false, .nanoseconds))
      case 0x4D3C_B2A1: .pcap(Self.format(.pcap, isBigEndian: true, .nanoseconds))
      case 0xA1B2_CD34: .pcap(Self.format(.modifiedPcap, isBigEndian: false, .microseconds))
      case 0x34CD_B2A1: .pcap(Self.format(.modifiedPcap, isBigEndian: true, .microseconds))
      case 0x0A0D_0D0A: .pcapng
      case 0xFD2F_B528: .compressed(name: "zstd", command: "zstd -dc")
      case 0x587A_37FD: .compressed(name: "xz", command: "xz -dc")
      case 0x184D_2204: .compressed(name: "lz4", command: "lz4 -dc")
      case 0x0403_4B50: .compressed(name: "zip", command: "unzip -p")
      case _ where magic & 0xFFFF == 0x8B1F: .compressed(name: "gzip", command: "gzip -dc")
      case _ where magic & 0xFF_FFFF == 0x68_5A42: .compressed(name: "bzip2", command: "bzip2 -dc")
      default: .unknown
      }
  }

  private static func format(
    _ container: CaptureFileFormat.Container, isBigEndian: Bool,
    _ precision: CaptureFileFormat.Precision
  ) -> CaptureFileFormat {
    CaptureFileFormat(container: container, isBigEndian: isBigEndian, precision: precision)
  }
}

extension CaptureFileError {
  /// For a file without a byte in it.
  static var empty: CaptureFileError {
    CaptureFileError(message: "the file is empty (0 bytes); a capture has at least a header")
  }

  /// For a file that begins with something else.
  static func notACapture(_ bytes: RawSpan, at position: Int) -> CaptureFileError {
    var start = ""
    for index in position..<min(position + 4, bytes.byteCount) {
      let byte = bytes.uint8(at: index)
      start += (byte < 16 ? " 0" : " ") + String(byte, radix: 16)
    }
    return CaptureFileError(
      message: "the file is not a pcap or pcapng capture: it begins with\(start);"
        + " record one with tcpdump -w or dumpcap -w")
  }

  /// For a file that must be unpacked first.
  static func compressed(name: String, command: String) -> CaptureFileError {
    CaptureFileError(
      message: "the file is compressed with \(name); unpack it first,"
        + " or read the output of `\(command) FILE` from standard input")
  }
}
