/// Who may use the API.
///
/// A token keeps out other users of the machine and whoever else reaches the port. The Host header
/// has to name us, so that no page of a foreign site can be made to look like ours (DNS rebinding),
/// and an Origin, if there is one, has to be ours.
struct APIGuard: Sendable {
  private let token: [UInt8]
  private let names: Set<String>
  /// We listen at every address of the machine, which has more names than we know.
  private let takesAnyAddress: Bool
  private let port: UInt16

  /// - Parameters:
  ///   - host: where we listen, as somebody has written it.
  ///   - address: the same in figures.
  init(token: String, host: String, address: String, port: UInt16) {
    self.token = Array(token.utf8)
    self.port = port
    names = Set(
      ["localhost", "127.0.0.1", "::1", host, address].map { $0.lowercased() })
    takesAnyAddress = address == "0.0.0.0" || address == "::"
  }

  /// The refusal of a request; nil if it is welcome.
  func refusal(of request: APIRequest) -> APIResponse? {
    guard let host = request.host else {
      return APIResponse(status: 400, error: "the Host header is missing")
    }
    guard let (name, _) = Self.split(host), isOurs(name) else {
      return APIResponse(
        status: 403, error: "the Host header names somebody else: use localhost or 127.0.0.1")
    }
    if let origin = request.origin, !isOurs(origin: origin) {
      return APIResponse(status: 403, error: "requests of pages of other sites are not answered")
    }
    guard isKnown(request) else {
      return APIResponse(
        status: 401,
        error: "the token is missing or wrong: send it as Authorization: Bearer TOKEN")
    }
    return nil
  }

  private func isOurs(_ name: String) -> Bool {
    if names.contains(name.lowercased()) { return true }
    // Foreign sites have names; figures cannot be made to lead elsewhere.
    return takesAnyAddress && Self.isAddress(name)
  }

  private func isOurs(origin: String) -> Bool {
    guard origin.lowercased().hasPrefix("http://"),
      let (name, port) = Self.split(String(origin.dropFirst("http://".count)))
    else { return false }
    return isOurs(name) && (port ?? 80) == self.port
  }

  private func isKnown(_ request: APIRequest) -> Bool {
    if let given = request.token { return isToken(given) }
    guard let authorization = request.authorization else { return false }
    let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
    return words.count == 2 && words[0].lowercased() == "bearer" && isToken(String(words[1]))
  }

  /// Compares in a time that does not depend on where they differ.
  private func isToken(_ text: String) -> Bool {
    let given = Array(text.utf8)
    var difference = given.count ^ token.count
    for index in token.indices {
      difference |= Int(token[index] ^ (index < given.count ? given[index] : 0))
    }
    return difference == 0
  }

  /// The name and the port of `name`, `name:80`, `[::1]` or `[::1]:80`; nil if it is none of them.
  static func split(_ text: String) -> (name: String, port: UInt16?)? {
    var name = text[...]
    var port: UInt16?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      if !rest.isEmpty {
        guard let number = number(rest.dropFirst()) else { return nil }
        port = number
      }
    } else if let colon = text.firstIndex(of: ":") {
      name = text[..<colon]
      guard let number = number(text[text.index(after: colon)...]) else { return nil }
      port = number
    }
    return name.isEmpty ? nil : (String(name), port)
  }

  private static func number(_ digits: Substring) -> UInt16? {
    digits.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? UInt16(digits) : nil
  }

  private static func isAddress(_ name: String) -> Bool {
    if name.contains(":") {
      return name.utf8.allSatisfy {
        0x30...0x3A ~= $0 || 0x41...0x46 ~= $0 || 0x61...0x66 ~= $0 || $0 == UInt8(ascii: ".")
      }
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        1...3 ~= part.utf8.count && part.utf8.allSatisfy { 0x30...0x39 ~= $0 }
      }
  }
}
