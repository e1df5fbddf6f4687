import ChatPosix
import Testing

@Suite("Sockets") struct SocketTests {
  @Test("what is written on one end is read on the other", arguments: ["127.0.0.1", "::1"])
  func transfers(host: String) throws {
    let listener = try StreamListener(host: host, port: 0)
    let address = listener.address()
    #expect(address.host == host)
    let client = try StreamSocket.connect(
      host: host, port: address.port, timeoutNanoseconds: 10_000_000_000)
    _ = WakeablePoll.wait(for: listener.pollDescriptor, .readable, nanoseconds: 10_000_000_000)
    guard case .connection(let server, let peer) = listener.accept() else {
      Issue.record("nothing was accepted")
      return
    }
    #expect(peer == client.localAddress())
    #expect(client.write(Array("hello".utf8)) == .bytes(5))
    _ = WakeablePoll.wait(for: server.rawValue, .readable, nanoseconds: 10_000_000_000)
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(server.read(into: &buffer) == .bytes(5))
    #expect(server.read(into: &buffer) == .wouldBlock)
    client.shutDownWriting()
    _ = WakeablePoll.wait(for: server.rawValue, .readable, nanoseconds: 10_000_000_000)
    #expect(server.read(into: &buffer) == .endOfStream)
  }

  @Test("a port where nobody listens refuses")
  func refuses() throws {
    let port = try StreamListener(host: "127.0.0.1", port: 0).address().port
    #expect(throws: SocketError.self) {
      _ = try StreamSocket.connect(
        host: "127.0.0.1", port: port, timeoutNanoseconds: 10_000_000_000)
    }
  }
}
