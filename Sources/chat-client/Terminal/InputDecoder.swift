/// Characters from the bytes that a terminal sends, which may be cut anywhere.
struct InputDecoder {
  private var bytes: [UInt8] = []
  private var position = 0

  /// Keeps bytes that were typed.
  mutating func receive(_ new: some Sequence<UInt8>) {
    if position == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      position = 0
    }
    bytes += new
  }

  /// The next character, or nil if it is not all here.
  ///
  /// Bytes that are not UTF-8 are left out.
  mutating func next() -> Unicode.Scalar? {
    while position < bytes.count {
      let lead = bytes[position]
      let length = Self.length(lead)
      guard length > 0 else {
        position += 1
        continue
      }
      let rest = bytes[position...].prefix(length)
      // A byte that cannot continue the character begins another one.
      guard rest.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) else {
        position += 1
        continue
      }
      guard rest.count == length else { return nil }
      position += length
      if let scalar = String(validating: rest, as: UTF8.self)?.unicodeScalars.first {
        return scalar
      }
    }
    return nil
  }

  private static func length(_ lead: UInt8) -> Int {
    switch lead {
    case 0x00...0x7F: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }
}
