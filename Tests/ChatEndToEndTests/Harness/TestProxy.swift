import TestSupport

/// A running `chat-inspect proxy`.
struct TestProxy {
  let process: ProgramProcess
  /// Where clients connect to.
  let port: UInt16
  private let stage: Stage

  init(_ process: ProgramProcess, stage: Stage) throws {
    self.process = process
    self.stage = stage
    let line = try process.errors.wait(forLineWith: "chat-inspect: listening on ")
    guard let address = line.split(separator: ",").first,
      let text = address.split(separator: ":").last, let port = UInt16(text), port > 0
    else { throw TestFailure("the proxy does not say its port: \(line)") }
    self.port = port
  }

  /// What a proxy is started with: unless options say otherwise, its live trace is in NDJSON.
  static func arguments(
    _ host: String, _ port: UInt16, before upstream: String, _ options: [String]
  ) -> [String] {
    let format = options.contains("-T") ? [] : ["-T", "ndjson"]
    return ["proxy", "--listen", "\(host):\(port)", "--upstream", upstream] + format + options
  }

  /// The records of the live trace so far; it must be one in NDJSON.
  func records() throws -> [JSONObject] { try process.output.lines.map { try JSONObject($0) } }

  /// Ends it by a signal, and returns how it ended.
  func stop(_ signal: Int32 = 2) throws -> ProgramProcess.Exit {
    process.signal(signal)
    return try process.waitForExit()
  }
}

extension Stage {
  /// Starts a proxy before a port of this machine, on a port of its own choice, with a live trace
  /// in NDJSON.
  func proxy(before port: UInt16, _ options: String...) throws -> TestProxy {
    try proxy(before: port, options)
  }

  /// Starts a proxy before a port of this machine.
  func proxy(before port: UInt16, _ options: [String]) throws -> TestProxy {
    try proxy(listening: "127.0.0.1", before: "127.0.0.1:\(port)", options)
  }

  /// Starts a proxy on a port of its own choice of an address, before another address.
  func proxy(
    listening host: String, port: UInt16 = 0, before upstream: String, _ options: [String] = []
  ) throws -> TestProxy {
    let process = try start(
      "chat-inspect", TestProxy.arguments(host, port, before: upstream, options))
    return try TestProxy(process, stage: self)
  }
}
