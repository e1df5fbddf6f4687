import ChatPosix
import ChatWire
import Testing

@testable import chat_client

/// Connections that break, and servers that do not behave.
@Suite("Reconnection and failure") struct ReconnectionTests {
  @Test func `messages that were not confirmed are sent again, in order`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.wishes.nickname = "ana" }
    client.waitForSession()
    client.say("one")
    client.waitForDelivery(of: 1)
    server.change { $0.isFrozen = true }
    client.say("two", "three", "four")
    // They are on their way when the connection breaks, and nobody has read them.
    client.waitForUnconfirmed(3)
    server.change {
      $0.dropsConnections = true
      $0.isFrozen = false
    }
    let broken = client.wait(for: "break") { event in
      if case .disconnected(let reason, let delay, let count) = event {
        (reason, delay, count)
      } else {
        nil
      }
    }
    #expect((0.3...0.7).contains((broken?.1 ?? .zero) / .seconds(1)))
    #expect(broken?.2 == 3)
    client.say("five")
    let info = client.waitForSession()
    #expect(info?.isReconnection == true)
    #expect(info?.nickname == "ana")
    #expect((info?.resentCount ?? 0) >= 3)
    client.waitForDelivery(of: 5)
    #expect(server.waitForMessages(5) == ["one", "two", "three", "four", "five"])
    #expect(client.quit() == .done)
  }

  @Test func `a server that goes home is tried again`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port)
    client.waitForSession()
    server.change { $0.saysGoodbye = true }
    let reason = client.wait(for: "goodbye") { event in
      if case .disconnected(let reason, _, _) = event { reason } else { nil }
    }
    #expect(reason == "the server said goodbye: going home")
    #expect(client.waitForSession()?.isReconnection == true)
    #expect(client.quit() == .done)
  }

  @Test func `quitting waits for a new session if something is not confirmed`() throws {
    var server = try TestServer()
    let client = try TestClient(port: server.port)
    client.waitForSession()
    let port = server.port
    server.stop()
    _ = client.wait(for: "break") { event in
      if case .disconnected = event { true } else { nil }
    }
    client.say("last words")
    client.connection.perform(.quit(reason: ""))
    server = try TestServer(port: port)
    #expect(client.waitForEnd() == .done)
    #expect(server.waitForMessages(1) == ["last words"])
  }

  @Test func `without reconnection a break is the end, and says what was not confirmed`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.reconnects = false }
    client.waitForSession()
    server.change { $0.isFrozen = true }
    client.say("one", "two")
    client.waitForUnconfirmed(2)
    server.change { $0.dropsConnections = true }
    guard case .failed(let reason)? = client.waitForEnd() else {
      Issue.record("it has not failed")
      return
    }
    #expect(reason.hasSuffix("; 2 messages were not confirmed"))
  }

  @Test func `nobody there is said at once`() throws {
    let server = try TestServer()
    let port = server.port
    server.stop()
    let client = try TestClient(port: port)
    #expect(
      client.waitForEnd()
        == .failed(
          "cannot connect to 127.0.0.1:\(port): connection refused; is chat-server running there?"
        ))
  }

  @Test(arguments: [ErrorCode.unsupportedVersion, .badHandshake])
  func `a refusal that would come again is the end`(code: ErrorCode) throws {
    let server = try TestServer()
    server.change { $0.refusal = (code, "No.") }
    let client = try TestClient(port: server.port)
    #expect(
      client.waitForEnd()
        == .failed(
          "the server ended the session: No. (ERROR \(code.rawValue), \(code.name))"))
  }

  @Test func `a full server is tried again, later each time`() throws {
    let server = try TestServer()
    server.change { $0.refusal = (.serverFull, "The room is full.") }
    let client = try TestClient(port: server.port)
    var delays: [Duration] = []
    for _ in 0..<2 {
      let delay = client.wait(for: "refusal") { event in
        if case .disconnected(let reason, let delay, _) = event {
          reason == "the server ended the session: The room is full. (ERROR 4, server full)"
            ? delay : nil
        } else {
          nil
        }
      }
      delays.append(delay ?? .zero)
    }
    #expect(delays[1] > delays[0])
    server.change { $0.refusal = nil }
    #expect(client.waitForSession()?.isReconnection == false)
    #expect(client.quit() == .done)
  }

  @Test(arguments: [false, true])
  func `a server that closes at once is said`(isClassic: Bool) throws {
    let server = try RawServer { _ in }
    let client = try TestClient(port: server.port) {
      $0.reconnects = false
      $0.wishes.isClassic = isClassic
    }
    guard case .failed(let reason)? = client.waitForEnd() else {
      Issue.record("it has not failed")
      return
    }
    // A reset, if it closes before it has read the SYN.
    #expect(
      reason.hasPrefix("the server closed the connection") || reason.hasPrefix("the connection"))
    server.join()
  }

  @Test func `garbage does no harm, and is no session`() throws {
    let server = try RawServer { socket in
      _ = socket.write(
        Array(repeating: Array("garbage \u{1B}[2J".utf8), count: 1_000).flatMap(\.self))
      socket.shutDownWriting()
      _ = readUntilEnd(socket)
    }
    let client = try TestClient(port: server.port) { $0.reconnects = false }
    #expect(
      client.waitForEnd()
        == .failed("the server closed the connection without opening a session"))
    server.join()
  }

  @Test func `a classic server that falls silent is the end`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) {
      $0.wishes.isClassic = true
      $0.wishes.timeout = .milliseconds(200)
    }
    client.waitForSession()
    server.change { $0.isFrozen = true }
    client.say("hello")
    #expect(
      client.waitForEnd()
        == .failed(
          "the server did not answer a fragment within 200ms; 1 message was not confirmed"))
  }

  @Test func `an end at once is an end`() throws {
    let server = try TestServer()
    server.change { $0.isFrozen = true }
    let client = try TestClient(port: server.port)
    client.say("nobody will hear this")
    client.connection.perform(.abort)
    #expect(client.waitForEnd() == .failed("ended at once; 1 message was not confirmed"))
    client.connection.waitForEnd()
  }
}
