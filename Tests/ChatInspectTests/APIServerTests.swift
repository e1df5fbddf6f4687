import ChatPosix
import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// The HTTP API over real sockets, with requests written by hand.
///
/// The tests wait without a thread: the server runs in tasks, for which there are few threads.
@Suite struct APIServerTests {
  /// Runs something that waits on a thread of its own.
  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { waiter in
      do {
        try ChatPosix.Thread.detach("asker") {
          waiter.resume(with: Swift.Result { try body() })
        }
      } catch {
        waiter.resume(throwing: error)
      }
    }
  }

  /// Sends bytes and reads to the end of the connection.
  private static func exchange(_ bytes: [UInt8], _ address: SocketAddress) throws -> String {
    let socket = try StreamSocket.connect(
      host: address.host, port: address.port, timeoutNanoseconds: Int64(patience * 1e9))
    writeFully(bytes, to: socket)
    let answer = readAnswer(socket)
    return String(decoding: try #require(answer), as: UTF8.self)
  }

  private static func request(
    _ line: String, _ headers: [String] = [], body: String? = nil, token: String? = "secret"
  ) -> [UInt8] {
    var lines = ["\(line) HTTP/1.1", "Connection: close"] + headers
    if !headers.contains(where: { $0.hasPrefix("Host:") }) { lines.append("Host: localhost") }
    if let token { lines.append("Authorization: Bearer \(token)") }
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")).utf8)
  }

  private func withAPI(
    _ body: @escaping @Sendable (FakeProxy, SocketAddress) throws -> Void
  ) async throws {
    try await onThread {
      let proxy = FakeProxy()
      let api = try ControlAPI(
        listen: SocketAddress(host: "127.0.0.1", port: 0), token: "secret", ask: proxy)
      defer { api.stop() }
      try api.start()
      #expect(api.address.port != 0)
      try body(proxy, api.address)
    }
  }

  @Test func `whoever knows the token is answered, others are not`() async throws {
    try await withAPI { proxy, address in
      let rules = ControlReply.rules(RuleReport.samples).json.text + "\n"
      let answer = try Self.exchange(Self.request("GET /rules"), address)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n" + rules))
      #expect(answer.contains("\r\nContent-Type: application/json\r\n"))
      #expect(answer.contains("\r\nCache-Control: no-store\r\n"))
      let other = try Self.exchange(
        Self.request("GET /rules", ["X-Token: secret"], token: nil), address)
      #expect(other.hasSuffix(rules))
      #expect(proxy.requests == [.rules, .rules])

      for (status, request) in [
        ("401 Unauthorized", Self.request("DELETE /rules", token: nil)),
        ("401 Unauthorized", Self.request("DELETE /rules", token: "secret2")),
        ("403 Forbidden", Self.request("DELETE /rules", ["Host: evil.example"])),
        ("403 Forbidden", Self.request("DELETE /rules", ["Origin: http://evil.example"])),
        ("404 Not Found", Self.request("GET /nope")),
        ("404 Not Found", Self.request("DELETE /connections/99")),
        ("405 Method Not Allowed", Self.request("PATCH /rules")),
        ("400 Bad Request", Self.request("POST /rules", body: "garbage")),
        ("400 Bad Request", Self.request("POST /rules", body: "{\"rules\": \"dorp\"}")),
        ("400 Bad Request", Self.request("PUT /intercept", body: "{\"filter\": \"==\"}")),
        ("401 Unauthorized", Self.request("POST /rules", body: "garbage", token: nil)),
      ] {
        let answer = try Self.exchange(request, address)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
        #expect(answer.contains("\r\n\r\n{\"error\": \""))
        #expect(answer.contains("\r\nAllow: GET, POST, DELETE\r\n") == status.hasPrefix("405"))
      }
      // Of these only one had to be asked about.
      #expect(proxy.requests.dropFirst(2) == [.close(connection: 99, isReset: false)])
    }
  }

  @Test func `what is asked arrives, also in chunks and one behind the other`() async throws {
    try await withAPI { proxy, address in
      let body = "{\"payload\": \"\u{E9}\", \"type\": \"FIN\"}"
      _ = try Self.exchange(Self.request("POST /intercept/4/alter", body: body), address)
      let chunks = Self.request("POST /rules", ["Transfer-Encoding: chunked"])
      let answer = try Self.exchange(
        chunks + Array("9\r\n{\"rules\":\r\n8\r\n \"drop\"}\r\n0\r\n\r\n".utf8), address)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      var kept = Self.request("GET /connections")
      kept = Array(
        String(decoding: kept, as: UTF8.self).replacing("close", with: "keep-alive").utf8)
      let two = try Self.exchange(kept + Self.request("GET /statistics"), address)
      #expect(two.components(separatedBy: "HTTP/1.1 200 OK\r\n").count == 3)
      #expect(
        proxy.requests == [
          .alter(held: 4, FrameAlteration(payload: [0xC3, 0xA9], typeCode: 6)),
          .addRules("drop"), .connections, .statistics,
        ])
    }
  }

  @Test func `a body over a megabyte is refused, and one below it is taken`() async throws {
    try await withAPI { proxy, address in
      let digits = String(repeating: "ab", count: 500_000)
      let largest = try Self.exchange(
        Self.request("POST /intercept/1/alter", body: "{\"bytes\": \"\(digits)\"}"), address)
      #expect(largest.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(proxy.requests.count == 1)
      for count in [1 << 20 + 1, 3 << 20] {
        let body = String(repeating: " ", count: count)
        for (token, status) in [("secret", "413 Payload Too Large"), ("x", "401 Unauthorized")] {
          let answer = try Self.exchange(
            Self.request("POST /rules", body: body, token: token), address)
          #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
        }
      }
      #expect(proxy.requests.count == 1)
    }
  }

  @Test func `version and metrics are for programs`() async throws {
    try await withAPI { _, address in
      let version = try Self.exchange(Self.request("GET /version"), address)
      #expect(version.contains("\"version\": \"chat-inspect "))
      let metrics = try Self.exchange(Self.request("GET /metrics"), address)
      #expect(metrics.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(metrics.hasSuffix("\r\n\r\n" + ProxyMetrics.text(.busy)))
      let refused = try Self.exchange(Self.request("GET /metrics", token: nil), address)
      #expect(refused.hasPrefix("HTTP/1.1 401 "))
    }
  }

  @Test func `what is no HTTP ends the connection, and the next is answered`() async throws {
    try await withAPI { _, address in
      for garbage in ["\r\n\r\n", "nonsense\r\n\r\n", "GET /\r\n\r\n", "\u{16}\u{3}\u{1}\r\n"] {
        let answer = try Self.exchange(Array(garbage.utf8), address)
        #expect(!answer.contains(" 200 "))
      }
      var hostile = HostileBytes(seed: 3)
      let request = Self.request("POST /rules", body: "{\"rules\": \"drop\"}")
      for _ in 0..<50 * effort {
        let socket = try StreamSocket.connect(
          host: address.host, port: address.port, timeoutNanoseconds: Int64(patience * 1e9))
        writeFully(hostile.mutation(of: request), to: socket)
        socket.shutDownWriting()
        #expect(readAnswer(socket) != nil)
      }
      let answer = try Self.exchange(Self.request("GET /rules"), address)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test func `a port that is taken and a host that is none are said`() async throws {
    try await onThread {
      let taken = try StreamListener(host: "127.0.0.1", port: 0)
      for host in ["127.0.0.1", "no.such.host.invalid"] {
        let error = #expect(throws: Failure.self) {
          try ControlAPI(
            listen: SocketAddress(host: host, port: taken.address().port), token: "t",
            ask: FakeProxy())
        }
        #expect(error?.message?.hasPrefix("--api \(host):") == true)
        #expect(error?.status == .unusable)
      }
    }
  }

  @Test func `a proxy opens all of it, keeps the token private, and cleans up`() async throws {
    try await onThread {
      try withTemporaryDirectory { directory in
        let path = directory.appendingPathComponent("p.sock").path
        let tokenFile = directory.appendingPathComponent("p.token").path
        // Somebody else may have made it: it is not written to.
        try Data("old".utf8).write(to: URL(fileURLWithPath: tokenFile))
        let control = try ProxyControl(
          ControlOptions(parsing: ["--control", path]), APIOptions(parsing: ["--api", "0"]),
          port: 5_001, ask: FakeProxy())
        let address = try #require(control.apiAddress)
        let text = try String(contentsOfFile: tokenFile, encoding: .utf8)
        let token = String(text.dropLast())
        #expect(token.utf8.count == 64)
        let mode = try FileManager.default.attributesOfItem(atPath: tokenFile)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let answer = try Self.exchange(Self.request("GET /rules", token: token), address)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try ControlClient(path: control.socketPath).ask(.rules)
        control.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: tokenFile))
        control.stop()
      }
    }
  }
}
