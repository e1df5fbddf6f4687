internal import ChatPosix

/// Requests from other threads, which the proxy answers between two things that it does.
final class ControlMailbox: ControlPort {
  /// Somebody who waits for an answer.
  final class Asker: Sendable {
    let request: ControlRequest
    fileprivate let reply = Locked<ControlReply?>(nil)

    fileprivate init(_ request: ControlRequest) {
      self.request = request
    }

    func answer(_ answer: ControlReply) {
      reply.change { $0 = answer }
    }
  }

  private struct State {
    var askers: [Asker] = []
    var isClosed = false
  }

  private let state = Locked(State())
  private let wakeUp: WakeUp

  init() throws(SystemError) {
    wakeUp = try WakeUp()
  }

  var pollDescriptor: Int32 { wakeUp.pollDescriptor }

  func ask(_ request: ControlRequest) -> ControlReply {
    let asker = Asker(request)
    let isClosed = state.withLock { state in
      if !state.isClosed { state.askers.append(asker) }
      return state.isClosed
    }
    guard !isClosed else { return Self.ending }
    wakeUp.signal()
    return asker.reply.wait { $0 } ?? Self.ending
  }

  private static let ending = ControlReply.failed("the proxy is ending")

  /// Those who wait.
  func take() -> [Asker] {
    wakeUp.clear()
    return state.withLock { state in
      defer { state.askers = [] }
      return state.askers
    }
  }

  /// Answers nobody any more.
  func close() {
    state.withLock { $0.isClosed = true }
    for asker in take() { asker.answer(Self.ending) }
  }
}
