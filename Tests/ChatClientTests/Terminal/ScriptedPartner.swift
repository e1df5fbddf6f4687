internal import ChatPosix

@testable import chat_client

/// A connection that says what a test wants, and keeps what it is told.
final class ScriptedPartner: ChatPartner {
  private struct State {
    var events: [ClientEvent] = []
    var commands: [ClientCommand] = []
    var status = ClientStatus(
      host: "127.0.0.1", port: 5_000, session: nil, native: nil, unacknowledgedCount: 0,
      faults: "", faultCount: 0)
  }

  private let state = Locked(State())
  private let wakeUp: WakeUp
  private let react: @Sendable (ClientCommand) -> [ClientEvent]

  /// Begins with nothing to tell.
  ///
  /// - Parameter react: what follows a command.
  init(react: @escaping @Sendable (ClientCommand) -> [ClientEvent] = ScriptedPartner.ends) throws {
    wakeUp = try WakeUp()
    self.react = react
  }

  /// Ends when asked to, and says nothing else.
  static let ends: @Sendable (ClientCommand) -> [ClientEvent] = { command in
    switch command {
    case .quit: [.ended(.done)]
    case .abort: [.ended(.failed("1 message was not delivered"))]
    default: []
    }
  }

  /// Things happen.
  func post(_ events: ClientEvent...) {
    state.change { $0.events += events }
    wakeUp.signal()
  }

  /// The status is another one.
  func change(_ body: (inout ClientStatus) -> Void) {
    state.change { body(&$0.status) }
  }

  /// What it was told, as text.
  var commands: [String] { state.withLock { $0.commands.map { "\($0)" } } }

  func perform(_ command: ClientCommand) {
    let events = react(command)
    state.change {
      $0.commands.append(command)
      $0.events += events
    }
    wakeUp.signal()
  }

  var eventDescriptor: Int32 { wakeUp.pollDescriptor }

  func takeEvents() -> [ClientEvent] {
    wakeUp.clear()
    return state.change { state in
      defer { state.events = [] }
      return state.events
    }
  }

  func status() -> ClientStatus { state.withLock { $0.status } }
}
