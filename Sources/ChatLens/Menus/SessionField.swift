internal import ChatWire

/// What the form asks for, with what is allowed and a sentence for somebody who learns.
enum SessionField: Int, CaseIterable {
  case host, port, nickname, dialect, mode, window, fragment, timeout

  /// What a text means.
  enum Reading<Value> {
    case value(Value)
    /// One sentence about what is wrong.
    case wrong(String)
  }

  /// The word before the field.
  var label: String {
    switch self {
    case .host: "Server"
    case .port: "Port"
    case .nickname: "Nickname"
    case .dialect: "Dialect"
    case .mode: "Protocol"
    case .window: "Window"
    case .fragment: "Fragment"
    case .timeout: "Timeout"
    }
  }

  /// What the field is, in one sentence.
  func help(isClassic: Bool) -> String {
    switch self {
    case .host: "The name or the address of the computer that runs the server."
    case .port: "The TCP port where the server waits: 5000, unless it was told another."
    case .nickname: "The name that the others see. Left empty, the server picks one."
    case .dialect:
      "Native is the protocol of these programs; classic is that of the original Python ones."
    case .mode:
      isClassic
        ? "The classic dialect has one way of its own."
        : "After a loss, Go-Back-N sends all frames since then again, Selective Repeat only those "
          + "that are missing."
    case .window:
      "How many frames may be on their way before the first of them is acknowledged."
    case .fragment:
      isClassic
        ? "How many characters of a message one frame carries; a longer message takes several."
        : "How many bytes of a message one frame carries at most; a longer message takes several."
    case .timeout:
      isClassic
        ? "How long an answer may take. Left empty, 5 seconds."
        : "How long to wait for an ACK before a frame is sent again. Left empty, it follows the "
          + "round trips that are measured."
    }
  }

  /// What an empty field stands for.
  func usual(isClassic: Bool) -> String {
    switch self {
    case .nickname: "the server's choice"
    case .window: isClassic ? "4" : "16"
    case .fragment: isClassic ? "3" : "1024"
    case .timeout: isClassic ? "5s" : "measured"
    case .host, .port, .dialect, .mode: ""
    }
  }

  /// The server's name or address, without the brackets of `[::1]`.
  static func host(_ text: String) -> Reading<String> {
    var name = trimmed(text)
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    if name.isEmpty { return .wrong("Which server? For example 127.0.0.1.") }
    if name.utf8.count > 255 { return .wrong("A name has at most 255 bytes.") }
    let isName = name.unicodeScalars.allSatisfy { scalar in
      0x21..<0x7F ~= scalar.value && scalar != "[" && scalar != "]" && scalar != "/"
    }
    return isName ? .value(name) : .wrong("A name or address, no spaces, no /.")
  }

  /// A port.
  static func port(_ text: String) -> Reading<UInt16> {
    guard let number = number(text, in: 1...65_535) else {
      return .wrong("A port is a number from 1 to 65535.")
    }
    return .value(UInt16(truncatingIfNeeded: number))
  }

  /// A nickname; nil if there is none.
  static func nickname(_ text: String) -> Reading<String?> {
    let text = trimmed(text)
    if text.isEmpty { return .value(nil) }
    do throws(Nickname.Violation) {
      return .value(try Nickname(text).value)
    } catch {
      return .wrong(error.sentence)
    }
  }

  /// A window; nil is the usual one.
  static func window(_ text: String) -> Reading<Int?> {
    if trimmed(text).isEmpty { return .value(nil) }
    guard let number = number(text, in: 1...16_384) else {
      return .wrong("A window is 1 to 16384 frames.")
    }
    return .value(number)
  }

  /// The size of a fragment; nil is the usual one.
  static func fragment(_ text: String, isClassic: Bool) -> Reading<Int?> {
    if trimmed(text).isEmpty { return .value(nil) }
    guard let number = number(text, in: 1...65_535) else {
      return .wrong("A fragment is 1 to 65535 \(isClassic ? "characters" : "bytes").")
    }
    return .value(number)
  }

  /// A timeout, in seconds or with its unit; nil if it is measured.
  static func timeout(_ text: String) -> Reading<Duration?> {
    let text = trimmed(text)
    if text.isEmpty || text == "measured" || text == "auto" { return .value(nil) }
    guard let time = Duration(unitText: text) ?? Duration(unitText: text + "s"),
      time >= .milliseconds(1), time <= .seconds(3_600)
    else { return .wrong("Such as 500ms; from 1ms to 60m.") }
    return .value(time)
  }

  /// A whole number in a range.
  private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    let text = trimmed(text)
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }

  /// A text without the blanks at its ends.
  static func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    guard let first = text.firstIndex(where: { !isBlank($0) }),
      let last = text.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(text[first...last])
  }
}
