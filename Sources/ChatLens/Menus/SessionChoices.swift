public import ChatWire

/// Where to connect, as whom, and with what: what the form asks for.
public struct SessionChoices: Sendable, Hashable {
  /// The server's name or address.
  public var host: String
  /// Its port.
  public var port: UInt16
  /// The nickname to ask for; nil: the server picks one.
  public var nickname: String?
  /// The dialect of the original programs is spoken.
  public var isClassic: Bool
  /// How losses are repaired; natively only.
  public var mode: ARQMode
  /// The window to ask for, in frames; nil: the usual one.
  public var windowSize: Int?
  /// The largest fragment to ask for, in bytes, in the classic dialect in characters; nil: the
  /// usual one.
  public var fragmentSizeMax: Int?
  /// A fixed retransmission timeout; nil: it is measured.
  public var timeout: Duration?

  /// What is asked for unless somebody says otherwise.
  public init(
    host: String = "127.0.0.1", port: UInt16 = 5_000, nickname: String? = nil,
    isClassic: Bool = false, mode: ARQMode = .goBackN, windowSize: Int? = nil,
    fragmentSizeMax: Int? = nil, timeout: Duration? = nil
  ) {
    self.host = host
    self.port = port
    self.nickname = nickname
    self.isClassic = isClassic
    self.mode = mode
    self.windowSize = windowSize
    self.fragmentSizeMax = fragmentSizeMax
    self.timeout = timeout
  }

  /// The choices as lines of `key = value`, with the names of the long options.
  public var text: String {
    var lines = ["host = \(host)", "port = \(port)"]
    if let nickname { lines.append("nickname = \(nickname)") }
    lines += ["classic = \(isClassic)", "protocol = \(mode.name)"]
    if let windowSize { lines.append("window-size = \(windowSize)") }
    if let fragmentSizeMax { lines.append("max-fragment-size = \(fragmentSizeMax)") }
    if let timeout { lines.append("timeout = \(timeout.unitText)") }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Reads what `text` wrote; what cannot be understood leaves the choice as it was.
  ///
  /// - Parameter others: What is chosen where the text says nothing.
  public init(remembered text: String, others: SessionChoices = SessionChoices()) {
    self = others
    // More is nothing that was written here.
    for line in text.utf8.prefix(16 << 10).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard let sign = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let key = String(decoding: line[..<sign], as: UTF8.self)
      let value = String(decoding: line[line.index(after: sign)...], as: UTF8.self)
      take(SessionField.trimmed(key), SessionField.trimmed(value))
    }
  }

  private mutating func take(_ key: String, _ value: String) {
    switch key {
    case "host": if case .value(let host) = SessionField.host(value) { self.host = host }
    case "port": if case .value(let port) = SessionField.port(value) { self.port = port }
    case "nickname":
      if case .value(let nickname?) = SessionField.nickname(value) { self.nickname = nickname }
    case "classic":
      if value == "true" { isClassic = true }
      if value == "false" { isClassic = false }
    case "protocol":
      if value == ARQMode.goBackN.name { mode = .goBackN }
      if value == ARQMode.selectiveRepeat.name { mode = .selectiveRepeat }
    case "window-size":
      if case .value(let size?) = SessionField.window(value) { windowSize = size }
    case "max-fragment-size":
      if case .value(let size?) = SessionField.fragment(value, isClassic: isClassic) {
        fragmentSizeMax = size
      }
    case "timeout":
      if case .value(let timeout?) = SessionField.timeout(value) { self.timeout = timeout }
    default: break
    }
  }
}
