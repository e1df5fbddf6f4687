import ChatPosix
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// The control socket.
@Suite struct StatusControlTests {
  private static let answered = Array((ServerStatus.busy.json.text + "\n").utf8)

  /// The answer of a server that gives nobody much time: on a busy machine even this asker may be
  /// too slow.
  private static func patientAnswer(to line: String, at path: String) throws -> [UInt8]? {
    for _ in 0..<100 {
      let answer = try answer(to: Array(line.utf8), at: path)
      if answer != [] { return answer }
    }
    return []
  }

  private func withServer(
    _ status: ServerStatus = .busy, askerNanoseconds: Int64 = 5_000_000_000,
    _ body: (ControlServer) throws -> Void
  ) throws {
    try withOwnDirectory { directory throws in
      let path = directory.appendingPathComponent("control.sock").path
      let server = try ControlServer(
        path: path, askerNanoseconds: askerNanoseconds, status: { status })
      defer { server.stop() }
      try body(server)
    }
  }

  @Test func `whoever asks is told`() throws {
    try withServer { server throws in
      for question in ["status\n", "status\nand more\n"] {
        #expect(try answer(to: Array(question.utf8), at: server.path) == Self.answered)
      }
      let status = try StatusClient.ask(server.path).status
      #expect(status == .busy)
    }
  }

  @Test func `ten thousand clients are told of`() throws {
    var status = ServerStatus.busy
    status.clients = Array(repeating: status.clients[0], count: 10_000)
    try withServer(status) { server throws in
      let answer = try #require(try answer(to: Array("status\n".utf8), at: server.path))
      #expect(answer.count > 4_000_000)
      #expect(answer.last == UInt8(ascii: "\n"))
    }
  }

  @Test func `another command is an error in JSON`() throws {
    try withServer { server throws in
      let answer = try answer(to: Array("shutdown\n".utf8), at: server.path)
      #expect(answer == Array("{\"error\": \"the one command is: status\"}\n".utf8))
    }
  }

  @Test func `who sends no line, too much or garbage gets nothing, and the next is served`() throws
  {
    try withServer { server throws in
      #expect(try answer(to: Array("status".utf8), at: server.path, shutsDown: true) == [])
      #expect(try answer(to: [UInt8](repeating: 0x78, count: 100_000), at: server.path) == [])
      #expect(try answer(to: [], at: server.path, shutsDown: true) == [])
      var generator = SeededGenerator(seed: 9)
      for _ in 0..<50 * effort {
        let garbage = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(try answer(to: garbage, at: server.path, shutsDown: true) != nil)
      }
      #expect(try answer(to: Array("status\n".utf8), at: server.path) == Self.answered)
    }
  }

  @Test func `who says nothing is sent away after a while`() throws {
    try withServer(askerNanoseconds: 50_000_000) { server throws in
      let silent = try LocalSocket.connect(to: server.path)
      #expect(try Self.patientAnswer(to: "status\n", at: server.path) == Self.answered)
      let said = readToEnd(silent)
      #expect(said == [])
    }
  }

  @Test func `who does not read is sent away after a while`() throws {
    var status = ServerStatus.busy
    status.clients = Array(repeating: status.clients[0], count: 5_000)
    try withServer(status, askerNanoseconds: 50_000_000) { server throws in
      let lazy = try LocalSocket.connect(to: server.path)
      _ = lazy.write(Array("status\n".utf8))
      #expect(try Self.patientAnswer(to: "other\n", at: server.path)?.isEmpty == false)
      // It was cut off in the middle.
      let part = readToEnd(lazy)
      let rest = try #require(part)
      #expect(rest.last != UInt8(ascii: "\n"))
    }
  }

  @Test func `stopping does not wait for somebody who says nothing`() throws {
    try withServer(askerNanoseconds: 3_600_000_000_000) { server throws in
      let silent = try LocalSocket.connect(to: server.path)
      server.stop()
      let said = readToEnd(silent)
      #expect(said == [])
    }
  }

  @Test func `the path is gone after the end, and stopping twice is harmless`() throws {
    try withServer { server throws in
      #expect(FileManager.default.fileExists(atPath: server.path))
      let mode = try FileManager.default.attributesOfItem(atPath: server.path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      server.stop()
      #expect(!FileManager.default.fileExists(atPath: server.path))
      server.stop()
    }
  }

  @Test func `a path that a dead server has left is taken over`() throws {
    try withOwnDirectory { directory throws in
      let path = directory.appendingPathComponent("control.sock").path
      // A server that was killed removes nothing: this one does not find its path.
      let killed = try ControlServer(path: path + ".old", status: { .quiet })
      try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
      #expect(LocalSocket.answers(at: path))
      killed.stop()
      #expect(FileManager.default.fileExists(atPath: path))
      #expect(!LocalSocket.answers(at: path))
      let server = try ControlServer(path: path, status: { .busy })
      #expect(try answer(to: Array("status\n".utf8), at: path) == Self.answered)
      server.stop()
    }
  }

  @Test func `a second server on a path is refused, and the first goes on`() throws {
    try withServer { server throws in
      let error = #expect(throws: SocketError.self) {
        try ControlServer(path: server.path, status: { .quiet })
      }
      #expect(error?.message == "address already in use")
      #expect(try answer(to: Array("status\n".utf8), at: server.path) == Self.answered)
    }
  }

  @Test func `a file that is no socket is not replaced`() throws {
    try withOwnDirectory { directory throws in
      let file = directory.appendingPathComponent("control.sock")
      try Data("precious".utf8).write(to: file)
      #expect(throws: SocketError.self) {
        try ControlServer(path: file.path, status: { .quiet })
      }
      #expect(try Data(contentsOf: file) == Data("precious".utf8))
    }
  }
}
