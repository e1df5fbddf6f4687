// Any bytes are read as a capture file without a trap, and in pieces they give the same as at once.
//
// The last byte of the input is the size of the pieces; what comes before it is the file, so that
// the files of captures/ can be seeds as they are.

import ChatTrace

/// Keeps the optimiser from removing the work.
nonisolated(unsafe) public var sink: UInt64 = 0

/// What reading a file gave, mixed into one number, and how it ended.
private struct Outcome: Equatable {
  var digest: UInt64 = 0
  var ending = ""

  mutating func mix(_ value: UInt64) {
    digest = (digest ^ value) &* 0x0000_0100_0000_01B3
  }

  mutating func mix(_ record: CaptureRecord, in bytes: ArraySlice<UInt8>) {
    mix(UInt64(bitPattern: record.time?.nanoseconds ?? -1))
    mix(UInt64(record.linkType.rawValue) << 32 | UInt64(record.interface))
    mix(UInt64(record.originalLength))
    for byte in bytes { mix(UInt64(byte)) }
  }
}

private func read(_ file: ArraySlice<UInt8>, inPiecesOf size: Int) -> Outcome {
  var reader = CaptureFileReader()
  var outcome = Outcome()
  var rest = file
  var buffer: [UInt8] = []
  var position = 0
  while true {
    do {
      switch try reader.next(in: buffer.span.bytes, position: &position, isLastBlock: rest.isEmpty)
      {
      case .record(let record):
        let end = record.offset + record.capturedLength
        guard end <= position else { fatalError("the packet is not consumed") }
        outcome.mix(record, in: buffer[record.offset..<end])
      case .needMore(let minimumBytes):
        guard !rest.isEmpty, minimumBytes > buffer.count - position else {
          fatalError("asks for what it has: \(minimumBytes)")
        }
        buffer.removeFirst(position)
        position = 0
        while buffer.count < minimumBytes, !rest.isEmpty {
          buffer += rest.prefix(size)
          rest = rest.dropFirst(size)
        }
      case .end:
        return outcome
      case .cutOff(let sentence):
        outcome.ending = sentence
        return outcome
      }
    } catch {
      outcome.ending = error.message
      return outcome
    }
  }
}

/// Reads one input at once and in pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCaptureFile(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  guard size > 0 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let whole = read(bytes.dropLast(), inPiecesOf: .max)
  let pieces = read(bytes.dropLast(), inPiecesOf: max(1, Int(bytes[size - 1])))
  guard whole == pieces else { fatalError("differs in pieces: \(whole) \(pieces)") }
  sink &+= whole.digest
  return 0
}
