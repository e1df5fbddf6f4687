internal import ChatProgram
internal import ChatWire

/// What a request of the API is for.
enum APIRoute: Sendable {
  case version
  case metrics
  /// Something that the proxy is asked.
  case ask(ControlRequest)
  /// The same, with a JSON object that says more.
  case askWith(@Sendable (JSONObjectReader) throws(DocumentError) -> ControlRequest)

  /// What a path and a method lead to.
  static func find(_ request: APIRequest) throws(APIRefusal) -> APIRoute {
    let segments = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let routes = try methods(of: segments.map(String.init), query: request.query)
    guard !routes.isEmpty else {
      throw APIRefusal(
        APIResponse(status: 404, error: "there is nothing here: docs/CONTROL.md lists what is"))
    }
    guard let route = routes.first(where: { $0.method == request.method })?.route else {
      let allow = routes.map(\.method).joined(separator: ", ")
      var response = APIResponse(status: 405, error: "this takes \(allow) and nothing else")
      response.allow = allow
      throw APIRefusal(response)
    }
    return route
  }

  private typealias Method = (method: String, route: APIRoute)

  private static func methods(
    of path: [String], query: String
  ) throws(APIRefusal) -> [Method] {
    let second = path.count > 1 ? number(path[1]) : nil
    switch (path.first, path.count) {
    case ("version", 1): return [("GET", .version)]
    case ("metrics", 1): return [("GET", .metrics)]
    case ("statistics", 1): return [("GET", .ask(.statistics))]
    case ("connections", 1): return [("GET", .ask(.connections))]
    case ("connections", 2):
      guard let second else { return [] }
      return [("DELETE", .ask(.close(connection: second, isReset: try isReset(query))))]
    case ("rules", 1):
      return [
        ("GET", .ask(.rules)),
        (
          "POST",
          .askWith { reader throws(DocumentError) in
            try reader.refuseKeys(except: ["rules"])
            return .addRules(try reader.text("rules"))
          }
        ),
        ("DELETE", .ask(.removeAllRules)),
      ]
    case ("rules", 2):
      guard let second else { return [] }
      return [
        (
          "PUT",
          .askWith { reader throws(DocumentError) in
            try reader.refuseKeys(except: ["rule"])
            return .changeRule(number: second, to: try reader.text("rule"))
          }
        ),
        ("DELETE", .ask(.removeRule(number: second))),
      ]
    case ("intercept", _): return interception(Array(path.dropFirst()))
    default: return []
    }
  }

  private static func interception(_ path: [String]) -> [Method] {
    if path.isEmpty {
      return [
        ("GET", .ask(.interception)),
        (
          "PUT",
          .askWith { reader throws(DocumentError) in
            try reader.refuseKeys(except: ["filter"])
            return .intercept(filter: try reader.text("filter"))
          }
        ),
        ("DELETE", .ask(.intercept(filter: nil))),
      ]
    }
    if path == ["release"] { return [("POST", .ask(.release(held: nil)))] }
    guard path.count == 2, let held = number(path[0]) else { return [] }
    switch path[1] {
    case "release": return [("POST", .ask(.release(held: held)))]
    case "drop": return [("POST", .ask(.drop(held: held)))]
    case "alter":
      return [
        (
          "POST",
          .askWith { reader throws(DocumentError) in
            try reader.refuseKeys(except: FrameAlteration.keys)
            return .alter(held: held, try FrameAlteration(reader))
          }
        )
      ]
    default: return []
    }
  }

  private static func number(_ text: String) -> Int? {
    text.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(text) : nil
  }

  private static func isReset(_ query: String) throws(APIRefusal) -> Bool {
    switch query {
    case "", "reset=false": return false
    case "reset=true": return true
    default:
      throw APIRefusal(
        APIResponse(status: 400, error: "the query can be reset=true or reset=false"))
    }
  }
}

/// A request that is answered with why it cannot be.
struct APIRefusal: Error {
  let response: APIResponse

  init(_ response: APIResponse) {
    self.response = response
  }
}

extension APIRoute {
  /// The longest body that is read.
  static let bodyByteCountMax = 1 << 20

  /// What the proxy is to be asked, with what the body says.
  ///
  /// - Parameter body: nil if it is too long.
  func request(body: [UInt8]?) throws(APIRefusal) -> ControlRequest {
    guard let body else {
      throw APIRefusal(APIResponse(status: 413, error: "the body has more than 1 MiB"))
    }
    let request: ControlRequest
    switch self {
    case .version, .metrics: request = .statistics
    case .ask(let plain): request = plain
    case .askWith(let read):
      do {
        let json = try JSONValue(
          decoding: body.span.bytes, byteCountMax: Self.bodyByteCountMax)
        guard json.isObject else { throw DocumentError(message: "the body is no JSON object") }
        request = try read(JSONObjectReader(json))
      } catch let error as JSONError {
        throw APIRefusal(APIResponse(status: 400, error: error.sentence))
      } catch let error as DocumentError {
        throw APIRefusal(APIResponse(status: 400, error: error.message))
      } catch {
        throw APIRefusal(APIResponse(status: 400, error: "the body is not understood"))
      }
    }
    do {
      try request.check()
    } catch {
      throw APIRefusal(APIResponse(status: 400, error.controlJSON))
    }
    return request
  }

  /// The response to the reply of the proxy.
  func response(_ reply: ControlReply) -> APIResponse {
    if case .metrics = self, case .statistics(let report) = reply {
      return APIResponse(
        text: ProxyMetrics.text(report), contentType: ProxyMetrics.contentType)
    }
    return APIResponse(reply)
  }

  /// The response that needs no proxy.
  static let versionResponse = APIResponse(
    .object([
      JSONMember("schema_version", ControlReply.schemaVersion),
      JSONMember("version", ChatInspect.programVersion),
    ]))
}
