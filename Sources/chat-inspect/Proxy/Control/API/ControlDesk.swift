internal import ChatPosix

/// Asks a proxy on a thread of its own, for those who must not wait: tasks.
final class ControlDesk: Sendable {
  /// More do not wait for an answer at a time.
  private static let waitingMax = 64

  private struct Order {
    let request: ControlRequest
    let answered: @Sendable (ControlReply) -> Void
  }

  private struct Orders {
    var waiting: [Order] = []
    var isOpen = true
  }

  private let orders = Locked(Orders())
  private let thread = Locked<ChatPosix.Thread?>(nil)

  /// Starts the thread.
  init(_ port: any ControlPort) throws(SystemError) {
    let orders = orders
    let started = try ChatPosix.Thread.start("api") {
      while true {
        let next = orders.wait { orders -> Order?? in
          if !orders.waiting.isEmpty { return .some(orders.waiting.removeFirst()) }
          return orders.isOpen ? nil : .some(nil)
        }
        guard let order = next ?? nil else { return }
        order.answered(port.ask(order.request))
      }
    }
    thread.withLock { $0 = started }
  }

  deinit {
    stop()
  }

  /// Waits until all who have asked are answered, and the thread has ended.
  func stop() {
    orders.change { $0.isOpen = false }
    let running = thread.withLock { running in
      defer { running = nil }
      return running
    }
    running?.join()
  }

  /// What the proxy replies; nil if too many wait already.
  func ask(_ request: ControlRequest) async -> ControlReply? {
    await withCheckedContinuation { (waiter: CheckedContinuation<ControlReply?, Never>) in
      let order = Order(request: request) { waiter.resume(returning: $0) }
      let isTaken = orders.change { orders in
        guard orders.isOpen, orders.waiting.count < Self.waitingMax else { return false }
        orders.waiting.append(order)
        return true
      }
      if !isTaken { waiter.resume(returning: nil) }
    }
  }
}
