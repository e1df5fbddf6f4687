/// What a field is compared with, if not with another one.
enum FilterLiteral: Sendable {
  /// A value of the field's type.
  case value(FieldValue)
  /// For values whose type only the wire decides: everything that was written can be read as.
  case loose(Loose)

  struct Loose: Sendable {
    var text: String?
    var number: DecimalNumber?
    var boolean: Bool?
    var bytes: [UInt8]?
  }

  /// How a value stands to it; nil if they cannot be compared.
  func order(of value: FieldValue) -> FilterOrder? {
    switch self {
    case .value(let literal): return FieldValue.order(value, literal)
    case .loose(let literal):
      switch value {
      case .unsigned, .signed, .time:
        guard let left = value.decimal, let right = literal.number else { return nil }
        return FilterOrder(left, right)
      case .boolean(let truth):
        guard let right = literal.boolean else { return nil }
        return FilterOrder(truth ? 1 : 0, right ? 1 : 0)
      case .bytes(let bytes):
        guard let right = literal.bytes else { return nil }
        return FilterOrder(bytes: bytes, right)
      case .text(let text):
        if let right = literal.number, let left = value.decimal { return FilterOrder(left, right) }
        guard let right = literal.text else { return nil }
        return FilterOrder(bytes: text.utf8, right.utf8)
      }
    }
  }

  /// What is sought when it is sought within values.
  var needle: FilterNeedle {
    switch self {
    case .value(.text(let text)): FilterNeedle(inText: Array(text.utf8))
    case .value(.bytes(let bytes)): FilterNeedle(inBytes: bytes)
    case .value: FilterNeedle()
    case .loose(let literal):
      FilterNeedle(inText: literal.text.map { Array($0.utf8) }, inBytes: literal.bytes)
    }
  }
}

/// Bytes sought within values, made ready once: within text, and within bytes.
struct FilterNeedle: Sendable {
  var inText: [UInt8]?
  var inBytes: [UInt8]?

  /// True if it is found within a value.
  func isContained(in value: FieldValue) -> Bool {
    switch value {
    case .text: inText.map { value.contains($0) } ?? false
    case .bytes: inBytes.map { value.contains($0) } ?? false
    case .unsigned, .signed, .boolean, .time: false
    }
  }
}

extension FieldValue {
  /// True if the bytes of a text, or bytes, contain others.
  func contains(_ needle: [UInt8]) -> Bool {
    switch self {
    case .text(var text): text.withUTF8 { unsafe Self.contains(needle, $0) }
    case .bytes(let bytes):
      unsafe bytes.withUnsafeBufferPointer { unsafe Self.contains(needle, $0) }
    case .unsigned, .signed, .boolean, .time: false
    }
  }

  private static func contains(_ needle: [UInt8], _ hay: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = needle.first else { return true }
    guard hay.count >= needle.count else { return false }
    // From here on every index is at most `last` plus the length of the needle less one.
    let last = hay.count &- needle.count
    var start = 0
    while start <= last {
      if unsafe hay[start] == first {
        var length = 1
        while length < needle.count, unsafe hay[start &+ length] == needle[length] { length &+= 1 }
        if length == needle.count { return true }
      }
      start &+= 1
    }
    return false
  }
}
