import ChatPosix
import TestSupport
import Testing

@testable import chat_inspect

/// Who may use the API, and what its paths lead to.
@Suite struct APIRouteTests {
  private static let access = APIGuard(
    token: "secret", host: "chat.example", address: "192.0.2.1", port: 8_474)

  private func request(
    host: String? = "localhost:8474", origin: String? = nil, authorization: String? = nil,
    token: String? = "secret"
  ) -> APIRequest {
    APIRequest(host: host, origin: origin, authorization: authorization, token: token)
  }

  private func status(_ request: APIRequest, _ access: APIGuard = access) -> Int {
    access.refusal(of: request)?.status ?? 200
  }

  @Test(
    arguments: [
      ("localhost", 200), ("LOCALHOST:1", 200), ("127.0.0.1", 200), ("127.0.0.1:8474", 200),
      ("[::1]", 200), ("[::1]:8474", 200), ("chat.example:99", 200), ("192.0.2.1", 200),
      ("192.0.2.2", 403), ("evil.example", 403), ("localhost.evil.example", 403),
      ("evil.example:127", 403), ("localhost@evil.example", 403), ("", 403), (":8474", 403),
      ("[::1", 403), ("[::1]x", 403), ("::1", 403), ("localhost:x", 403), ("localhost:70000", 403),
      (nil, 400),
    ] as [(String?, Int)])
  func `the Host header has to name us`(host: String?, expected: Int) {
    #expect(status(request(host: host)) == expected)
  }

  @Test func `who listens everywhere has many addresses, but no foreign name`() {
    let access = APIGuard(token: "secret", host: "::", address: "::", port: 80)
    for (host, expected) in [
      ("10.0.0.7:80", 200), ("[2001:db8::7]", 200), ("evil.example", 403), ("10.0.0.evil", 403),
      ("1.2.3", 403), ("localhost", 200),
    ] {
      #expect(status(request(host: host), access) == expected)
    }
  }

  @Test(
    arguments: [
      (nil, 200), ("http://localhost:8474", 200), ("http://127.0.0.1:8474", 200),
      ("http://[::1]:8474", 200), ("HTTP://chat.example:8474", 200), ("http://localhost", 403),
      ("http://localhost:3000", 403), ("https://localhost:8474", 403), ("null", 403), ("", 403),
      ("http://evil.example:8474", 403), ("http://localhost:8474.evil.example", 403),
    ] as [(String?, Int)])
  func `the pages of other sites are kept out`(origin: String?, expected: Int) {
    #expect(status(request(origin: origin)) == expected)
  }

  @Test func `the token is needed, whole`() {
    for token in ["", "s", "secre", "secrets", "Secret", "secret ", "\0ecret"] {
      #expect(status(request(token: token)) == 401)
      #expect(status(request(authorization: "Bearer " + token + "x", token: nil)) == 401)
    }
    #expect(status(request(token: nil)) == 401)
    #expect(status(request(authorization: "Bearer secret", token: nil)) == 200)
    #expect(status(request(authorization: "bearer  secret", token: nil)) == 200)
    for authorization in ["secret", "Basic secret", "Bearer", "Bearer secret x"] {
      #expect(status(request(authorization: authorization, token: nil)) == 401)
    }
  }

  private func order(
    _ method: String, _ path: String, query: String = "", body: String = ""
  ) throws(APIRefusal) -> ControlRequest {
    try APIRoute.find(APIRequest(method: method, path: path, query: query))
      .request(body: Array(body.utf8))
  }

  @Test(
    arguments: [
      ("GET", "/connections", "", .connections), ("GET", "/statistics", "", .statistics),
      ("GET", "/metrics", "", .statistics), ("GET", "/rules", "", .rules),
      ("POST", "/rules", "{\"rules\": \"drop 1%; drop\"}", .addRules("drop 1%; drop")),
      ("DELETE", "/rules", "", .removeAllRules),
      ("PUT", "/rules/2", "{\"rule\": \"drop\"}", .changeRule(number: 2, to: "drop")),
      ("DELETE", "/rules/2", "", .removeRule(number: 2)),
      ("DELETE", "/connections/7", "", .close(connection: 7, isReset: false)),
      ("GET", "/intercept", "", .interception),
      ("PUT", "/intercept", "{\"filter\": \"type ==\"}", nil),
      ("PUT", "/intercept", "{\"filter\": \"type == DATA\"}", .intercept(filter: "type == DATA")),
      ("DELETE", "/intercept", "", .intercept(filter: nil)),
      ("POST", "/intercept/release", "", .release(held: nil)),
      ("POST", "/intercept/4/release", "", .release(held: 4)),
      ("POST", "/intercept/4/drop", "", .drop(held: 4)),
      (
        "POST", "/intercept/4/alter", "{\"payload\": \"a\"}",
        .alter(held: 4, FrameAlteration(payload: [0x61]))
      ),
    ] as [(String, String, String, ControlRequest?)])
  func `each route asks for what it says`(
    method: String, path: String, body: String, expected: ControlRequest?
  ) throws {
    let request = try? order(method, path, body: body)
    #expect(request == expected)
  }

  @Test func `a connection can be reset`() throws {
    #expect(
      try order("DELETE", "/connections/7", query: "reset=true")
        == .close(connection: 7, isReset: true))
    let error = #expect(throws: APIRefusal.self) {
      try order("DELETE", "/connections/7", query: "reset=yes")
    }
    #expect(error?.response.status == 400)
  }

  @Test(arguments: [
    "/", "", "/nope", "/rules/", "/rules/x", "/rules/-1", "/rules/1/2", "/connections/1/2",
    "/version/1", "/intercept/1", "/intercept/1/keep", "/intercept/x/drop", "/Rules", "//rules",
    "/rules/99999999999999999999", "/intercept/", "/intercept/1/drop/2",
  ])
  func `what there is not is 404`(path: String) {
    let error = #expect(throws: APIRefusal.self) { try order("DELETE", path) }
    #expect(error?.response.status == 404)
  }

  @Test(arguments: [
    ("/version", "GET"), ("/metrics", "GET"), ("/statistics", "GET"), ("/connections", "GET"),
    ("/connections/1", "DELETE"), ("/rules", "GET, POST, DELETE"), ("/rules/1", "PUT, DELETE"),
    ("/intercept", "GET, PUT, DELETE"), ("/intercept/release", "POST"),
    ("/intercept/1/alter", "POST"),
  ])
  func `another method is 405, and says which there are`(path: String, allow: String) {
    for method in ["PATCH", "OPTIONS", "get", ""] {
      let error = #expect(throws: APIRefusal.self) { try order(method, path) }
      #expect(error?.response.status == 405)
      #expect(error?.response.allow == allow)
    }
  }

  @Test(arguments: [
    ("", "The JSON ends too early."), ("[]", "the body is no JSON object"),
    ("{\"rule\": \"drop\"}", "there is no key \\\"rule\\\" here; did you mean rules?"),
    ("{\"rules\": 1}", "rules is missing or wrong"), ("{}", "rules is missing or wrong"),
    ("{\"rules\": \"\"}", "rules: expected at least one rule, such as drop 10% c2s"),
    ("{\"rules\": \"dorp\"}", "\"where\": \"  dorp\\n  ^~~~\""),
    ("{\"rules\": \"drop\", \"more\": 1}", "there is no key \\\"more\\\" here"),
  ])
  func `a body that makes no sense is 400`(body: String, message: String) {
    let error = #expect(throws: APIRefusal.self) { try order("POST", "/rules", body: body) }
    #expect(error?.response.status == 400)
    let text = String(decoding: error?.response.body ?? [], as: UTF8.self)
    #expect(text.contains(message))
  }

  @Test func `a body that is too long is 413`() {
    let error = #expect(throws: APIRefusal.self) {
      try APIRoute.find(APIRequest(method: "POST", path: "/rules")).request(body: nil)
    }
    #expect(error?.response.status == 413)
  }

  @Test func `the options are checked`() throws {
    for (text, host, port) in [
      ("8474", "127.0.0.1", 8_474), ("0", "127.0.0.1", 0), ("localhost:1", "localhost", 1),
      ("[::1]:80", "::1", 80), ("0.0.0.0:65535", "0.0.0.0", 65_535),
    ] as [(String, String, UInt16)] {
      let address = try APIOptions(parsing: ["--api", text]).address()
      #expect(address?.host == host && address?.port == port)
    }
    for text in ["", ":", "x", "65536", "::1:80", "[::1]", "a b:1", ":80", "[::1]:", "-1"] {
      #expect(throws: (any Error).self) { try APIOptions(parsing: ["--api=" + text]).address() }
    }
    #expect(try APIOptions(parsing: []).address() == nil)
    #expect(throws: (any Error).self) { try APIOptions(parsing: ["--api-token", "x"]).address() }
    let given = try APIOptions(parsing: ["--api", "0", "--api-token", "one"])
    #expect(try given.chosenToken { _ in "two" } == "one")
    let plain = try APIOptions(parsing: ["--api", "0"])
    #expect(try plain.chosenToken { $0 == "CHAT_INSPECT_API_TOKEN" ? "two" : nil } == "two")
    #expect(try plain.chosenToken { _ in nil } == nil)
    for wrong in ["", "a b", "é", String(repeating: "x", count: 1_025)] {
      #expect(throws: (any Error).self) { try plain.chosenToken { _ in wrong } }
    }
  }
}
