import ChatPosix
import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// The control socket of a proxy.
@Suite struct ControlSocketTests {
  private func withSocket(
    _ body: (FakeProxy, ControlSocket) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let proxy = FakeProxy()
      let socket = try ControlSocket(
        path: directory.appendingPathComponent("c.sock").path, ask: proxy)
      defer { socket.stop() }
      try body(proxy, socket)
    }
  }

  private func answer(to bytes: [UInt8], at path: String) throws -> String {
    let socket = try LocalSocket.connect(to: path)
    writeFully(bytes, to: socket)
    socket.shutDownWriting()
    let answer = readAnswer(socket)
    return String(decoding: try #require(answer), as: UTF8.self)
  }

  @Test func `a line of JSON is answered by one`() throws {
    try withSocket { proxy, socket throws in
      let answer = try answer(to: Array("{\"request\": \"rules\"}\n".utf8), at: socket.path)
      #expect(answer == ControlReply.rules(RuleReport.samples).json.text + "\n")
      #expect(proxy.requests == [.rules])
    }
  }

  @Test func `every request arrives as it was made`() throws {
    try withSocket { proxy, socket throws in
      let client = ControlClient(path: socket.path)
      for request in ControlDocumentTests.requests { _ = try client.ask(request) }
      #expect(proxy.requests == ControlDocumentTests.requests)
    }
  }

  @Test(arguments: [
    ("nonsense\n", "{\"error\": \"The JSON has an unexpected byte 0x6f at byte 1.\"}\n"),
    ("\n", "{\"error\": \"The JSON ends too early.\"}\n"),
    ("{}\n", "{\"error\": \"request is missing or wrong\"}\n"),
    (
      "{\"request\": \"add_rules\", \"rules\": \"dorp\"}\n",
      "{\"error\": \"rules: \\\"dorp\\\" is not something a rule does"
    ),
    ("{\"request\": \"drop\", \"held\": 99}\n", "{\"error\": \"no frame 99 is held\", "),
  ])
  func `what is refused is said`(line: String, answer expected: String) throws {
    try withSocket { _, socket throws in
      let answer = try answer(to: Array(line.utf8), at: socket.path)
      #expect(answer.hasPrefix(expected.prefix(40)))
      #expect(answer.hasSuffix("}\n"))
    }
  }

  @Test func `garbage and endless lines get nothing, and the next is served`() throws {
    try withSocket { proxy, socket throws in
      #expect(try answer(to: Array("{\"request\": \"rules\"}".utf8), at: socket.path) == "")
      let endless = [UInt8](repeating: 0x78, count: ControlRequest.byteCountMax + 1)
      #expect(try answer(to: endless, at: socket.path) == "")
      var hostile = HostileBytes(seed: 4)
      let line = Array((ControlDocumentTests.requests.last?.json.text ?? "").utf8)
      for _ in 0..<100 * effort {
        _ = try answer(to: hostile.mutation(of: line) + [0x0A], at: socket.path)
      }
      _ = try ControlClient(path: socket.path).ask(.rules)
      #expect(proxy.requests.last == .rules)
    }
  }

  @Test func `a frame of half a megabyte can be sent on in place of another`() throws {
    try withSocket { proxy, socket throws in
      let bytes = [UInt8](repeating: 0xA5, count: 500_000)
      let request = ControlRequest.alter(held: 1, FrameAlteration(bytes: bytes))
      _ = try ControlClient(path: socket.path).ask(request)
      #expect(proxy.requests == [request])
      let tooLong = FrameAlteration(bytes: bytes + bytes)
      let error = #expect(throws: Failure.self) {
        try ControlClient(path: socket.path).ask(.alter(held: 1, tooLong))
      }
      #expect(error?.message == "the request has more than 1M")
    }
  }

  @Test func `somebody else at the path is not believed`() throws {
    for (said, reason) in [
      ("", "closed the connection without an answer"), ("hello", "unexpected byte"),
      ("{\"schema_version\": 3}", "it has version 3 of the format"),
      ("{\"schema_version\": 1}", "done is missing or wrong"),
      ("{\"schema_version\": 1, \"rules\": [1]}", "rules[0].number is missing or wrong"),
    ] {
      try withTemporaryDirectory { directory in
        let path = directory.appendingPathComponent("c.sock").path
        let server = try LineServer(path: path, lineByteCountMax: 1_000) { _ in Array(said.utf8) }
        defer { server.stop() }
        let error = #expect(throws: Failure.self) { try ControlClient(path: path).ask(.rules) }
        #expect(error?.status == .peerFailed)
        if !said.isEmpty { #expect(error?.message?.contains(reason) == true) }
      }
    }
  }
}
