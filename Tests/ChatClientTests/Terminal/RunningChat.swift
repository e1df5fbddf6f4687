import ChatPosix
import ChatProgram
import Foundation
import Testing

@testable import chat_client

/// Chat mode that runs in a thread of its own, on a pseudo-terminal.
final class RunningChat: Sendable {
  static let style = OutputStyle(isTerminal: true, color: false, unicode: true, width: 80)

  private struct State {
    var signals: [TerminalSignals.Event] = []
    var modesWhileStopped: Bool?
    var status: ChatProgram.ExitStatus?
  }

  let partner: ScriptedPartner
  let terminal: PseudoTerminal
  private let state = Locked(State())
  private let signalWakeUp: WakeUp
  private let historyPath: String

  /// Starts, and waits until the prompt is there.
  init(columns: Int, rows: Int) throws {
    partner = try ScriptedPartner()
    terminal = try #require(PseudoTerminal(columns: columns, rows: rows))
    signalWakeUp = try WakeUp()
    historyPath = FileManager.default.temporaryDirectory.path + "/history-\(UUID().uuidString)"
    partner.change { $0.session = ChatModelTests.info }
    partner.post(.established(ChatModelTests.info))
    try Thread.detach("chat") { [self] in run() }
    waitUntil { $0.hasSuffix("\nana>") }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: historyPath)
  }

  private func run() {
    let screen = ChatScreen(
      partner: partner, settings: ClientSettings(), style: Self.style, input: terminal.terminal,
      output: terminal.terminal, history: HistoryFile(path: historyPath), terminalName: "xterm")
    let status = screen?.converse(signalDescriptor: signalWakeUp.pollDescriptor) {
      signalWakeUp.clear()
      return state.change { $0.signals.isEmpty ? nil : $0.signals.removeFirst() }
    } stop: {
      let isCooked = isCooked
      state.change { $0.modesWhileStopped = isCooked }
    }
    state.change { $0.status = status ?? .unusable }
  }

  func type(_ text: String) { terminal.type(text) }

  func signal(_ event: TerminalSignals.Event) {
    state.change { $0.signals.append(event) }
    signalWakeUp.signal()
  }

  @discardableResult
  func waitUntil(
    sourceLocation: SourceLocation = #_sourceLocation, _ isWanted: (String) -> Bool
  ) -> String {
    let screen = terminal.wait(isWanted)
    #expect(isWanted(screen), "the screen is:\n\(screen)", sourceLocation: sourceLocation)
    return screen
  }

  func waitFor(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    waitUntil(sourceLocation: sourceLocation) { $0.contains(text) }
  }

  /// Says `/quit` and waits for the end.
  func end() -> ChatProgram.ExitStatus? {
    type("/quit\r")
    return join()
  }

  /// Waits for the end, and shows what comes until then.
  func join() -> ChatProgram.ExitStatus? {
    terminal.wait { _ in state.withLock { $0.status != nil } }
    return state.withLock { $0.status }
  }

  var isCooked: Bool? { TerminalModes(of: terminal.terminal)?.isCooked }

  var modesWhileStopped: Bool? { state.withLock { $0.modesWhileStopped } }

  var historyLines: [String] { HistoryFile(path: historyPath).load() }
}
