// Any bytes are decoded as packets without a trap, and a payload lies where it is said to lie.
//
// The input is a sequence of packets, so that fragments meet: link type, length, what the snap
// length cut off, and the packet itself.

import ChatTrace

/// Keeps the optimiser from removing the work.
nonisolated(unsafe) public var sink: UInt64 = 0

private let linkTypes: [LinkType] = [
  .ethernet, .rawIP, .null, .loop, .linuxSLL, .linuxSLL2, .ipv4, .ipv6,
]

/// Decodes all packets of one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPackets(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  var decoder = PacketDecoder()
  var position = 0
  var time: Int64 = 0
  while bytes.count - position >= 4 {
    let kind = bytes[position]
    let length = min(
      Int(bytes[position + 1]) | Int(bytes[position + 2]) << 8, bytes.count - position - 4)
    time += kind & 0x40 == 0 ? 1 : 20_000_000_000
    let record = CaptureRecord(
      time: kind & 0x80 == 0 ? TraceTime(nanoseconds: time) : nil,
      linkType: linkTypes[Int(kind) % linkTypes.count], offset: position + 4,
      capturedLength: length, originalLength: length + Int(bytes[position + 3]) * 8)
    position += 4 + length
    switch decoder.decode(bytes.span.bytes, record: record) {
    case .segment(let segment):
      let start = segment.isReassembled ? 0 : record.offset
      let end = segment.isReassembled ? decoder.reassembled.count : record.offset + length
      guard segment.payloadOffset >= start + 20, segment.payloadLength >= 0,
        segment.payloadOffset + segment.payloadLength <= end,
        (0...17 << 20).contains(segment.missingLength)
      else { fatalError("the payload lies outside the packet: \(segment)") }
      sink &+= UInt64(segment.sequenceNumber) &+ UInt64(segment.payloadLength)
    case .fragmentHeld: sink &+= 1
    case .other: sink &+= 2
    case .truncated: sink &+= 3
    case .malformed: sink &+= 4
    }
  }
  return 0
}
