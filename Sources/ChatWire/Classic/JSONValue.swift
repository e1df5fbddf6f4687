/// A JSON value as the classic dialect has it (PROTOCOL.md 9.2).
///
/// Objects keep the order of their keys, and numbers their spelling. What Python's reader takes
/// beyond the standard (NaN, Infinity, -Infinity) is a number here too.
public indirect enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  /// No key is there twice.
  case object([JSONMember])

  /// The value of a key; nil if this is no object or the key is not there.
  ///
  /// Keys are compared scalar by scalar, as Python does.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The text, if this is a string.
  public var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// True for an object.
  public var isObject: Bool {
    guard case .object = self else { return false }
    return true
  }
}

/// A key of a JSON object, with its value.
public struct JSONMember: Sendable, Hashable {
  /// The key.
  public var key: String
  /// Its value.
  public var value: JSONValue

  /// Makes a member.
  public init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// A JSON number: its value, and how it was written.
public struct JSONNumber: Sendable, Hashable {
  /// How it was written.
  public let text: String
  /// The nearest floating-point value; infinite where it is too large for one.
  public let value: Double

  /// The number of an integer.
  public init(_ integer: Int) {
    text = String(integer)
    value = Double(integer)
  }

  /// The number of a floating-point value, in Python's spelling: `1.0`, `1e+16`, `NaN`.
  public init(_ value: Double) {
    self.value = value
    if value.isNaN {
      text = "NaN"
    } else if value.isInfinite {
      text = value < 0 ? "-Infinity" : "Infinity"
    } else if value.magnitude >= 0x1p53, value.magnitude < 1e16 {
      // Swift turns to exponents at 2^53, Python at 10^16.
      text = String(Int64(value)) + ".0"
    } else {
      text = value.description
    }
  }

  /// A number as read.
  init(text: String, value: Double) {
    self.text = text
    self.value = value
  }

  /// True if it was written without a fraction and an exponent: an `int` in Python.
  public var isInteger: Bool {
    text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || ($0 >= 0x30 && $0 <= 0x39) }
  }

  /// The integer; nil if it was written otherwise or does not fit.
  public var integer: Int? { isInteger ? Int(text) : nil }

  /// Compares value and spelling; a NaN equals itself.
  public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
    left.text == right.text
  }

  /// Hashes the spelling.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
  }
}
