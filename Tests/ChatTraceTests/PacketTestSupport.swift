import ChatTrace
import TestSupport

/// Builds packets from the inside out.
enum PacketBuilder {
  static func network(_ values: [UInt16]) -> [UInt8] {
    values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
  }

  /// A TCP segment from port 5000 to 41000, sequence number 0x01020304, acknowledging 0xA0B0C0D0.
  static func tcp(_ payload: [UInt8], options: [UInt8] = []) -> [UInt8] {
    network([5000, 41_000, 0x0102, 0x0304, 0xA0B0, 0xC0D0])
      + [UInt8((20 + options.count) / 4) << 4, 0x18] + network([512, 0, 0]) + options + payload
  }

  static func ipv4(
    _ payload: [UInt8], protocolNumber: UInt8 = 6, options: [UInt8] = [],
    identification: UInt16 = 1,
    flagsAndOffset: UInt16 = 0x4000, totalLength: Int? = nil, source: [UInt8] = [10, 0, 0, 1]
  ) -> [UInt8] {
    let length = totalLength ?? 20 + options.count + payload.count
    return [UInt8(0x40 + (20 + options.count) / 4), 0]
      + network([UInt16(length), identification, flagsAndOffset]) + [64, protocolNumber, 0, 0]
      + source + [10, 0, 0, 2] + options + payload
  }

  static func ipv6(
    _ payload: [UInt8], nextHeader: UInt8 = 6, payloadLength: Int? = nil
  ) -> [UInt8] {
    [0x60, 0, 0, 0] + network([UInt16(payloadLength ?? payload.count)]) + [nextHeader, 64]
      + network([0x2001, 0xDB8, 0, 0, 0, 0, 0, 1]) + network([0x2001, 0xDB8, 0, 0, 0, 0, 0, 2])
      + payload
  }

  static func ethernet(_ payload: [UInt8], type: UInt16 = 0x0800, tags: [UInt16] = []) -> [UInt8] {
    [UInt8](repeating: 2, count: 12) + tags.flatMap { network([$0, 7]) } + network([type]) + payload
  }

  static func fragment(_ payload: [UInt8], nextHeader: UInt8, offset: Int, isLast: Bool, id: UInt16)
    -> [UInt8]
  {
    [nextHeader, 0] + network([UInt16(offset) | (isLast ? 0 : 1), 0, id]) + payload
  }
}

/// Decodes one packet that fills its span.
func decode(
  _ packet: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil,
  nanoseconds: Int64? = 0, with decoder: inout PacketDecoder
) -> PacketOutcome {
  let record = CaptureRecord(
    time: nanoseconds.map(TraceTime.init), linkType: linkType, offset: 0,
    capturedLength: packet.count, originalLength: originalLength ?? packet.count)
  return decoder.decode(packet.span.bytes, record: record)
}

/// Decodes one packet on its own.
func decode(
  _ packet: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil
) -> PacketOutcome {
  var decoder = PacketDecoder()
  return decode(packet, linkType, originalLength: originalLength, with: &decoder)
}

/// The captured payload of the segment in a packet; nil if there is no segment.
func payload(
  _ packet: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil
) -> [UInt8]? {
  guard case .segment(let segment) = decode(packet, linkType, originalLength: originalLength)
  else { return nil }
  return Array(packet[segment.payloadOffset..<segment.payloadOffset + segment.payloadLength])
}
