import ChatPosix
import ChatProgram
import ChatWire
import Testing

@testable import chat_client

/// A connection under test, and everything that it has told.
final class TestClient {
  let connection: ChatConnection
  private(set) var events: [ClientEvent] = []
  private var isOver = false

  /// A client of a test server on this port.
  init(port: UInt16, _ change: (inout ClientSettings) -> Void = { _ in }) throws {
    var settings = ClientSettings()
    settings.port = port
    change(&settings)
    connection = try ChatConnection(settings: settings, checksum: CRC32())
    try connection.start()
  }

  deinit {
    connection.perform(.abort)
    connection.waitForEnd()
  }

  func say(_ texts: String...) {
    for text in texts { connection.perform(.say(text)) }
  }

  /// Waits for the first event that something can be made of, and returns that; nil if none comes
  /// within 30 s.
  func wait<Result>(
    for what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (ClientEvent) -> Result?
  ) -> Result? {
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    while true {
      for event in takeEvents() {
        if let result = body(event) { return result }
      }
      guard !isOver, Clock.monotonicNanoseconds() < deadline else {
        Issue.record("no \(what) in \(events)", sourceLocation: sourceLocation)
        return nil
      }
      var entries = [Poll.Entry(connection.eventDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: 1_000_000_000)
    }
  }

  /// Events that were taken and not looked at.
  private var unseen: [ClientEvent] = []

  private func takeEvents() -> AnyIterator<ClientEvent> {
    let new = connection.takeEvents()
    events += new
    unseen += new
    return AnyIterator { [self] in
      guard !unseen.isEmpty else { return nil }
      let event = unseen.removeFirst()
      if case .ended = event { isOver = true }
      return event
    }
  }

  /// Waits until so many messages are not confirmed.
  func waitForUnconfirmed(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    while connection.status().unacknowledgedCount != count {
      guard Clock.monotonicNanoseconds() < deadline else {
        Issue.record("never \(count) unconfirmed", sourceLocation: sourceLocation)
        return
      }
      var nothing: [Poll.Entry] = []
      Poll.wait(for: &nothing, nanoseconds: 5_000_000)
    }
  }

  /// Waits until the session is there.
  @discardableResult
  func waitForSession(
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ClientSessionInfo? {
    wait(for: "session", sourceLocation: sourceLocation) { event in
      if case .established(let info) = event { info } else { nil }
    }
  }

  /// Waits until this message is confirmed.
  func waitForDelivery(
    of number: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    _ = wait(for: "delivery of \(number)", sourceLocation: sourceLocation) { event in
      if case .delivered(let upTo) = event, upTo >= number { true } else { nil }
    }
  }

  /// Waits until somebody has said something, and returns who and what.
  func waitForMessage(sourceLocation: SourceLocation = #_sourceLocation) -> String? {
    wait(for: "message", sourceLocation: sourceLocation) { event in
      if case .message(let line) = event { "\(line.from ?? "?"): \(line.text)" } else { nil }
    }
  }

  /// Waits for the end.
  func waitForEnd(sourceLocation: SourceLocation = #_sourceLocation) -> ClientEnd? {
    wait(for: "end", sourceLocation: sourceLocation) { event in
      if case .ended(let end) = event { end } else { nil }
    }
  }

  /// Says goodbye and waits for the end.
  func quit(sourceLocation: SourceLocation = #_sourceLocation) -> ClientEnd? {
    connection.perform(.quit(reason: "bye"))
    return waitForEnd(sourceLocation: sourceLocation)
  }

  var explanations: [String] {
    events.compactMap { event in
      if case .explanation(let text) = event { text } else { nil }
    }
  }
}

/// A server that does what a test says with the first connection, in a thread of its own.
final class RawServer: Sendable {
  let port: UInt16
  private let thread: ChatPosix.Thread

  init(_ body: @escaping @Sendable (borrowing StreamSocket) -> Void) throws {
    let listener = try StreamListener(host: "127.0.0.1", port: 0)
    port = listener.address().port
    let box = RawListener(listener)
    thread = try ChatPosix.Thread.start("raw server") {
      _ = WakeablePoll.wait(
        for: box.listener.pollDescriptor, .readable, nanoseconds: 30_000_000_000)
      if case .connection(let socket, _) = box.listener.accept() { body(socket) }
    }
  }

  /// Waits until the server has done its part.
  func join() { thread.join() }
}

private final class RawListener: Sendable {
  let listener: StreamListener

  init(_ listener: consuming StreamListener) {
    self.listener = listener
  }
}

/// Reads until the client closes, or half a minute is over.
func readUntilEnd(_ socket: borrowing StreamSocket) -> [UInt8] {
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4_096)
  while true {
    switch socket.read(into: &buffer) {
    case .bytes(let count): all += buffer[..<count]
    case .wouldBlock:
      let come = WakeablePoll.wait(
        for: socket.rawValue, .readable, nanoseconds: 30_000_000_000)
      if come.isEmpty { return all }
    case .endOfStream, .failed: return all
    }
  }
}
