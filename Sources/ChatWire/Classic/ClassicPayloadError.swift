/// Why the payload of a classic frame cannot be used.
public enum ClassicPayloadError: Error, Sendable, Hashable {
  /// It is not JSON.
  case json(JSONError)
  /// It is JSON, but not an object.
  case notAnObject
  /// It is JSON, but not an array of strings.
  case notAListOfNames
  /// A key has a value of a type that cannot be used.
  case wrongType(key: String)

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .json(let error): error.sentence
    case .notAnObject: "The JSON is not an object."
    case .notAListOfNames: "The JSON is not a list of names."
    case .wrongType(let key): "The value of \(key) has a type that cannot be used."
    }
  }
}

extension JSONValue {
  /// Reads JSON that must be an object.
  static func object(decoding bytes: RawSpan) throws(ClassicPayloadError) -> JSONValue {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(decoding: bytes)
    } catch {
      throw .json(error)
    }
    guard value.isObject else { throw .notAnObject }
    return value
  }

  /// The value as Python's `float()` makes it; nil where that raises.
  var pythonFloat: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    // An int too large for a float is an OverflowError, 1e999 is infinity.
    case .number(let number): number.isInteger && number.value.isInfinite ? nil : number.value
    case .string(let text): PythonText.float(text)
    case .null, .array, .object: nil
    }
  }
}
