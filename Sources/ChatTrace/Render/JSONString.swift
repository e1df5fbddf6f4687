extension [UInt8] {
  /// Appends a text as a JSON string, in quotes.
  ///
  /// Beyond what JSON demands, DEL, C1, the line separators and the bidirectional controls are
  /// escaped too, so that a line is one line everywhere and does no harm on a terminal.
  mutating func append(json text: String) {
    append(0x22)
    append(jsonEscaped: text.utf8Span.span)
    append(0x22)
  }

  /// Appends UTF-8 with what must not stand in a JSON string escaped.
  private mutating func append(jsonEscaped utf8: Span<UInt8>) {
    var clean = 0
    var index = 0
    while true {
      index = plainRunEnd(utf8, from: index)
      guard index < utf8.count else { break }
      let (scalar, length) = harmfulScalar(in: utf8, at: index)
      if length == 0 {
        index &+= 1
        continue
      }
      append(utf8, clean..<index)
      append(jsonEscape: scalar)
      index &+= length
      clean = index
    }
    append(utf8, clean..<utf8.count)
  }

  /// Appends the escape of a scalar below U+10000.
  private mutating func append(jsonEscape scalar: UInt16) {
    switch scalar {
    case 0x22: append("\\\"")
    case 0x5C: append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      write(atMost: 6) {
        $0.put("\\u")
        $0.put(hex: UInt8(scalar >> 8))
        $0.put(hex: UInt8(scalar & 0xFF))
      }
    }
  }
}

/// The scalar at an index of valid UTF-8 if it must be escaped, and its length in bytes; else
/// length 0.
///
/// ASCII is asked for only where it must be escaped.
func harmfulScalar(in utf8: Span<UInt8>, at index: Int) -> (scalar: UInt16, length: Int) {
  let first = utf8[index]
  if first < 0x80 { return (UInt16(first), 1) }
  guard index &+ 1 < utf8.count else { return (0, 0) }
  let second = utf8[index &+ 1]
  if first == 0xC2 { return second < 0xA0 ? (UInt16(second), 2) : (0, 0) }
  guard first == 0xE2, index &+ 2 < utf8.count else { return (0, 0) }
  let third = utf8[index &+ 2]
  let scalar = 0x2000 | UInt16(second & 0x3F) << 6 | UInt16(third & 0x3F)
  switch scalar {
  // Direction marks, line separators, embeddings, isolates.
  case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return (scalar, 3)
  default: return (0, 0)
  }
}
