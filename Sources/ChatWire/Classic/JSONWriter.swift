extension JSONValue {
  /// Appends the value as Python's `json.dumps` writes it.
  ///
  /// With `", "` and `": "` between things, and ASCII only, the rest as `\uXXXX`. Numbers keep the
  /// spelling that they have.
  public func encode(into output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .number(let number): output += number.text.utf8
    case .string(let text): Self.encode(text, into: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for index in elements.indices {
        if index > 0 { output += ", ".utf8 }
        elements[index].encode(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for index in members.indices {
        if index > 0 { output += ", ".utf8 }
        Self.encode(members[index].key, into: &output)
        output += ": ".utf8
        members[index].value.encode(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// The value as text in the style of `json.dumps`.
  public var text: String {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func encode(_ text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for unit in text.utf16 {
      switch unit {
      case 0x22, 0x5C: output += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: unit)]
      case 0x20...0x7E: output.append(UInt8(truncatingIfNeeded: unit))
      case 0x08: output += "\\b".utf8
      case 0x09: output += "\\t".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0C: output += "\\f".utf8
      case 0x0D: output += "\\r".utf8
      default:
        output += "\\u".utf8
        for shift in [12, 8, 4, 0] as [UInt16] {
          let digit = UInt8(truncatingIfNeeded: unit >> shift & 0x0F)
          output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
