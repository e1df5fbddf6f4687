import TestSupport
import Testing

/// What is between two ends: nothing, which shows what is right; or a proxy.
enum Route: CaseIterable, CustomTestStringConvertible {
  case direct
  /// Bytes go on as they come.
  case proxy
  /// Frames are held until they are whole.
  case proxyWithRules

  static let proxies: [Route] = [.proxy, .proxyWithRules]

  var testDescription: String {
    switch self {
    case .direct: "a direct connection"
    case .proxy: "a proxy"
    case .proxyWithRules: "a proxy with a rule that fits no frame"
    }
  }

  /// The options of the proxy.
  fileprivate var options: [String] {
    switch self {
    case .direct, .proxy: []
    case .proxyWithRules: ["--faults", "drop connection 9999"]
    }
  }

  /// The port that leads to a port of this machine, and the proxy if there is one.
  func lead(to port: UInt16, on stage: Stage, _ options: String...) throws -> Lead {
    guard self != .direct else { return Lead(port: port, proxy: nil) }
    let proxy = try stage.proxy(before: port, self.options + options)
    return Lead(port: proxy.port, proxy: proxy)
  }

  struct Lead {
    var port: UInt16
    var proxy: TestProxy?
  }
}
