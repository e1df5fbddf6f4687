/// The payload of a classic LIST_RESPONSE: the names of all connections, in order of connecting.
public struct ClassicRoster: Sendable, Hashable {
  /// Nicknames, or `address:port` where there is none.
  public var names: [String]

  /// Makes a list.
  public init(names: [String]) {
    self.names = names
  }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(ClassicPayloadError) {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(decoding: bytes)
    } catch {
      throw .json(error)
    }
    guard case .array(let elements) = json else { throw .notAListOfNames }
    names = []
    for element in elements {
      guard let name = element.stringValue else { throw .notAListOfNames }
      names.append(name)
    }
  }

  /// Appends the payload.
  public func encode(into output: inout [UInt8]) {
    JSONValue.array(names.map { .string($0) }).encode(into: &output)
  }

  /// Appends a payload of at most 16 KiB, which every client of ours reads; where not all names fit
  /// in, the last one says how many are missing.
  static func encode(bounded names: [String], into output: inout [UInt8]) {
    let start = output.count
    let byteCountMax = JSONValue.byteCountMax - 32
    output.append(UInt8(ascii: "["))
    for index in names.indices {
      let end = output.count
      if index > 0 { output += ", ".utf8 }
      JSONValue.string(names[index]).encode(into: &output)
      guard output.count - start > byteCountMax else { continue }
      output.removeSubrange(end...)
      let rest = "... and " + String(names.count - index) + " more"
      if index > 0 { output += ", ".utf8 }
      JSONValue.string(rest).encode(into: &output)
      break
    }
    output.append(UInt8(ascii: "]"))
  }
}

/// The payload of classic DATA from the server: `[NAME] TEXT`.
///
/// The name ends at the first `] `: it is not escaped, so a name that contains one is cut there.
public struct ClassicBroadcast: Sendable, Hashable {
  /// Where name and text lie; nothing is said about their UTF-8.
  public struct Layout: Sendable, Hashable {
    /// The bytes of the name.
    public var name: Range<Int>
    /// The bytes of the text.
    public var text: Range<Int>

    /// Finds them; nil if the payload does not have this form.
    public init?(_ bytes: RawSpan) {
      guard bytes.byteCount >= 3, bytes.byte(0) == UInt8(ascii: "[") else { return nil }
      for offset in 1..<bytes.byteCount - 1
      where bytes.byte(offset) == UInt8(ascii: "]") && bytes.byte(offset + 1) == 0x20 {
        name = 1..<offset
        text = offset + 2..<bytes.byteCount
        return
      }
      return nil
    }
  }

  /// Who said it.
  public var name: String
  /// What was said.
  public var text: String

  /// Makes a broadcast from its parts.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// Reads a payload; nil if it does not have this form or is not UTF-8.
  public init?(decoding bytes: RawSpan) {
    guard let layout = Layout(bytes), let name = bytes.text(layout.name),
      let text = bytes.text(layout.text)
    else { return nil }
    self.init(name: name, text: text)
  }

  /// Appends the payload.
  public func encode(into output: inout [UInt8]) {
    output.append(UInt8(ascii: "["))
    output += name.utf8
    output += "] ".utf8
    output += text.utf8
  }
}

/// The payload of a classic SET_NICK: the nickname asked for.
public enum ClassicNickname {
  /// The nickname without white space around it, as the server takes it; nil if it is not UTF-8.
  ///
  /// Empty means none: the original server then goes back to `address:port`.
  public static func requested(by bytes: RawSpan) -> String? {
    bytes.text(0..<bytes.byteCount).map(PythonText.stripped)
  }
}
