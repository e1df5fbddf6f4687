internal import ChatProgram

/// `[HOST:]PORT` as somebody has written it.
struct ListenAddress: Equatable {
  var host: String
  var port: UInt16

  /// Reads an address.
  ///
  /// - Parameters:
  ///   - option: Where it was written, for the error.
  ///   - defaultHost: The host if none is written; nil: it must be.
  init(_ text: String, option: String, defaultHost: String?) throws(Failure) {
    let expected =
      defaultHost == nil
      ? "expected HOST:PORT, such as localhost:5000 or [::1]:5000"
      : "expected a port, or HOST:PORT, such as 6000 or 0.0.0.0:6000"
    var host = defaultHost
    var portText = text[...]
    if let colon = text.lastIndex(of: ":") {
      portText = text[text.index(after: colon)...]
      var name = text[..<colon]
      if name.hasPrefix("["), name.hasSuffix("]") {
        name = name.dropFirst().dropLast()
      } else if name.contains(":") {
        throw Failure("\(option) \(text): an IPv6 address stands in brackets, as in [::1]:5000")
      }
      if !name.isEmpty { host = String(name) }
    }
    guard let host, !portText.isEmpty, portText.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw Failure("\(option) \(text): \(expected)")
    }
    guard let port = UInt16(portText) else {
      throw Failure("\(option) \(text): a port is at most 65535")
    }
    self.host = host
    self.port = port
  }
}
