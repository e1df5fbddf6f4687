public import ChatWire

/// Why JSON is not the document that is expected.
public struct DocumentError: Error, Equatable, Sendable {
  /// What is wrong, in lower case and without a stop.
  public let message: String

  /// Says what is wrong.
  public init(message: String) {
    self.message = message
  }
}

/// The members of a JSON object, by key; what is missing or of another kind is an error.
public struct JSONObjectReader: Sendable {
  private let json: JSONValue
  /// Where the object is in the document, with a stop behind it.
  private let path: String

  /// Reads an object, which is at a place of a document: `clients[3].`.
  public init(_ json: JSONValue, at path: String = "") {
    self.json = json
    self.path = path
  }

  /// True if the key is there.
  public func has(_ key: String) -> Bool { json[key] != nil }

  /// A text.
  public func text(_ key: String) throws(DocumentError) -> String {
    guard let text = json[key]?.stringValue else { throw wrong(key) }
    return text
  }

  /// A whole number, 0 or more.
  public func integer(_ key: String) throws(DocumentError) -> Int {
    guard case .number(let number)? = json[key], let integer = number.integer, integer >= 0
    else { throw wrong(key) }
    return integer
  }

  /// A whole number of up to 64 bits, as `JSONMember(_:exactly:)` writes it.
  public func exactInteger(_ key: String) throws(DocumentError) -> UInt64 {
    switch json[key] {
    case .number(let number)?:
      if let integer = number.integer, let value = UInt64(exactly: integer) { return value }
    case .string(let text)?:
      if let value = UInt64(text) { return value }
    default: break
    }
    throw wrong(key)
  }

  /// A number, 0 or more.
  public func number(_ key: String) throws(DocumentError) -> Double {
    guard case .number(let number)? = json[key], (0...1e15).contains(number.value) else {
      throw wrong(key)
    }
    return number.value
  }

  /// True or false.
  public func flag(_ key: String) throws(DocumentError) -> Bool {
    guard case .bool(let flag)? = json[key] else { throw wrong(key) }
    return flag
  }

  /// A list.
  public func array(_ key: String) throws(DocumentError) -> [JSONValue] {
    guard case .array(let elements)? = json[key] else { throw wrong(key) }
    return elements
  }

  /// An object.
  public func object(_ key: String) throws(DocumentError) -> JSONObjectReader {
    guard let json = json[key], json.isObject else { throw wrong(key) }
    return JSONObjectReader(json, at: "\(path)\(key).")
  }

  /// Reads each object of a list.
  public func objects<Element>(
    _ key: String, _ read: (JSONObjectReader) throws(DocumentError) -> Element
  ) throws(DocumentError) -> [Element] {
    var elements: [Element] = []
    for (index, element) in try array(key).enumerated() {
      elements.append(try read(JSONObjectReader(element, at: "\(path)\(key)[\(index)].")))
    }
    return elements
  }

  /// Refuses keys that nobody would look at.
  public func refuseKeys(except known: [String]) throws(DocumentError) {
    guard case .object(let members) = json else {
      throw DocumentError(message: "a JSON object is expected")
    }
    for member in members where !known.contains(member.key) {
      let near = NearestName.find(member.key, among: known).map { "; did you mean \($0)?" }
      let list = known.isEmpty ? "there are none" : "there are \(known.joined(separator: ", "))"
      throw DocumentError(
        message: "there is no key \"\(TerminalText.cut(path + member.key, scalarCountMax: 40))\" "
          + "here\(near ?? ": " + list)")
    }
  }

  /// The error of a key that is not there, or is of another kind.
  public func wrong(_ key: String) -> DocumentError {
    DocumentError(message: "\(path)\(key) is missing or wrong")
  }
}

extension JSONMember {
  /// A text.
  public init(_ key: String, _ text: String) { self.init(key, .string(text)) }

  /// A whole number.
  public init(_ key: String, _ integer: Int) { self.init(key, .number(JSONNumber(integer))) }

  /// True or false.
  public init(_ key: String, _ flag: Bool) { self.init(key, .bool(flag)) }

  /// A whole number that many readers of JSON would round if it is large: then it is a text.
  public init(_ key: String, exactly integer: UInt64) {
    self.init(
      key,
      integer < 1 << 53 ? .number(JSONNumber(Int(integer))) : .string(String(integer)))
  }

  /// A measured value: finer than a thousandth nobody wants it.
  public init(_ key: String, thousandths value: Double) {
    let thousandths = (value * 1_000).rounded()
    // JSON has no infinities.
    let isPlain = thousandths.isFinite && thousandths.magnitude < 0x1p53
    self.init(key, .number(JSONNumber(isPlain ? thousandths / 1_000 : 0.0)))
  }
}
