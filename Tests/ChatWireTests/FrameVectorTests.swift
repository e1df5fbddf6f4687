import ChatWire
import TestSupport
import Testing

/// What the decoder reported, with the payload copied.
struct Found: Equatable, CustomStringConvertible {
  var unit: DecodedUnit.Kind
  var typeCode: UInt8
  var sequence: UInt16
  var flags: UInt8
  var offset: UInt64
  var byteCount: Int
  var payload: [UInt8]

  var description: String {
    "\(unit) type \(typeCode) seq \(sequence) flags \(flags) at \(offset)+\(byteCount) "
      + payload.prefix(24).map { String($0, radix: 16) }.joined(separator: " ")
  }
}

/// Everything that a decoder finds in chunks; with `finishes`, also what it makes of the end.
func decode(
  _ chunks: [[UInt8]], with decoder: inout FrameDecoder, finishes: Bool = false
) -> [Found] {
  let checksum = CRC32()
  var result: [Found] = []
  func found(_ unit: DecodedUnit, _ bytes: [UInt8]) -> Found {
    Found(
      unit: unit.kind, typeCode: unit.header.typeCode, sequence: unit.header.sequence,
      flags: unit.header.flags, offset: unit.offset, byteCount: unit.byteCount,
      payload: Array(bytes[unit.payloadOffset..<(unit.payloadOffset + unit.payloadCount)]))
  }
  for chunk in chunks {
    var position = 0
    while let unit = decoder.next(
      in: chunk.span.bytes, position: &position, checksum: checksum)
    {
      result.append(found(unit, unit.isBuffered ? decoder.buffer : chunk))
    }
  }
  if finishes {
    while let unit = decoder.finish(checksum: checksum) {
      result.append(found(unit, decoder.buffer))
    }
  }
  return result
}

@Suite("Frame vectors") struct FrameVectorTests {
  @Test(
    "a frame, or its beginning, is what the vector says",
    arguments: Vector.load("frames.json", "frames"))
  func frame(_ vector: Vector) throws {
    let input = bytes(pieces: vector.fields["hex"])
    let limit = try #require(vector.number("limit"))
    var decoder = FrameDecoder(.native, limit: limit)
    let found = decode([input], with: &decoder)
    switch vector.text("outcome") {
    case "frame":
      let frame = try #require(found.first)
      #expect(found.count == 1)
      #expect(frame.unit == .frame)
      #expect(Int(frame.typeCode) == vector.number("type"))
      #expect(Int(frame.sequence) == vector.number("sequence"))
      #expect(Int(frame.flags) == vector.number("flags"))
      #expect(frame.payload == bytes(pieces: vector.fields["payload"]))
      #expect(frame.payload.count == vector.number("length"))
      var encoded: [UInt8] = []
      encodeFrame(
        FrameHeader(
          length: 0, typeCode: frame.typeCode, sequence: frame.sequence, checksum: 0,
          flags: frame.flags),
        payload: frame.payload.span.bytes, into: &encoded, checksum: CRC32())
      #expect(encoded == input)
      let type = FrameType(rawValue: frame.typeCode)
      let kind = type.isSequenced ? "sequenced" : type.isPlausible ? "control" : "ignored"
      #expect(vector.text("class") == kind)
      if type.isPlausible, !type.isExtension { #expect(type.name == vector.text("typeName")) }
    case "corrupt":
      #expect(found.map(\.unit) == [.corrupt])
      #expect(found.first.map { Int($0.typeCode) } == vector.number("type"))
    case "lost":
      var finished = decoder
      #expect(found.isEmpty)
      let end = decode([], with: &finished, finishes: true)
      #expect(end.first?.unit == .lost)
    case "incomplete":
      #expect(found.isEmpty)
      #expect(decoder.pendingByteCount == input.count)
    default:
      Issue.record("unknown outcome")
    }
  }

  @Test(
    "lost framing is found again as the vector says",
    arguments: Vector.load("resync.json", "streams"))
  func resynchronisation(_ vector: Vector) throws {
    let chunks = (vector.fields["chunks"] as? [Any] ?? []).map { bytes(pieces: $0) }
    var decoder = FrameDecoder(.native, limit: vector.number("limit"))
    let found = decode(chunks, with: &decoder).map { unit -> String in
      switch unit.unit {
      case .frame: "frame \(unit.typeCode) \(unit.sequence) \(unit.flags) \(unit.payload)"
      case .corrupt, .lost: "corrupt \(unit.typeCode) \(unit.sequence)"
      case .overflow: "overflow"
      case .skipped, .unverified, .rest, .undecided: "unexpected \(unit)"
      }
    }
    let expected = vector.list("events").map { event -> String in
      let header = "\(event.number("type") ?? -1) \(event.number("sequence") ?? -1)"
      return switch event.text("event") {
      case "frame":
        "frame \(header) \(event.number("flags") ?? -1) \(bytes(pieces: event.fields["payload"]))"
      case "corrupt": "corrupt \(header)"
      default: "overflow"
      }
    }
    #expect(found == expected)
  }

  @Test func `there are vectors`() {
    #expect(Vector.load("frames.json", "frames").count > 40)
    #expect(Vector.load("resync.json", "streams").count > 70)
  }
}
