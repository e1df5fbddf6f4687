internal import ChatPosix

/// The thread that brings news that can wait: who comes and goes in a large room.
///
/// With thousands of clients, each that arrives is a notice for all the others. Brought one by one
/// they would wake every client for each; so they gather in the mailboxes for a moment, or until
/// something that cannot wait takes them along.
final class Herald: Sendable {
  private struct State {
    var workList: WorkList = []
    var isStopping = false
  }

  /// How long news gathers.
  private static let pauseNanoseconds: Int64 = 50_000_000
  private let state = Locked(State())
  private let thread = Locked<ChatPosix.Thread?>(nil)

  /// Remembers whom to look after soon.
  func postpone(_ workList: WorkList) {
    state.change { $0.workList += workList }
  }

  /// Starts its thread.
  func start(_ server: ServerContext) throws(SystemError) {
    let started = try ChatPosix.Thread.start("herald") { self.run(server) }
    thread.withLock { $0 = started }
  }

  /// Brings what has gathered, and ends its thread.
  func stop() {
    state.change { $0.isStopping = true }
    thread.withLock { thread in
      defer { thread = nil }
      return thread
    }?.join()
  }

  private func run(_ server: ServerContext) {
    var isStopping = false
    while !isStopping {
      _ = state.wait { $0.workList.isEmpty && !$0.isStopping ? nil : true }
      let deadline = Clock.monotonicNanoseconds() + Self.pauseNanoseconds
      isStopping = state.wait(untilNanoseconds: deadline) { $0.isStopping ? true : nil } ?? false
      var workList: WorkList = []
      state.withLock { swap(&workList, &$0.workList) }
      ClientConnection.lookAfter(workList, server)
    }
  }
}
