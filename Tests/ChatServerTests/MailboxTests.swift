import ChatWire
import Testing

@testable import chat_server

@Suite("Mailbox") struct MailboxTests {
  private func message(_ byteCount: Int) -> Delivery {
    .native(.data, [UInt8](repeating: 65, count: byteCount))
  }

  private func taken(from mailbox: Mailbox) -> [Delivery] {
    var deliveries: [Delivery] = []
    mailbox.take(into: &deliveries)
    return deliveries
  }

  @Test("only who leaves something in an empty mailbox has to see that somebody looks")
  func saysWhenItWasEmpty() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    #expect(mailbox.append(message(10)) == .now)
    #expect(mailbox.append(message(10)) == .none)
    #expect(taken(from: mailbox).count == 2)
    #expect(mailbox.isEmpty)
    #expect(mailbox.append(message(10)) == .now)
  }

  @Test("what can wait is looked after soon, unless something comes that cannot")
  func gathersNews() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    #expect(mailbox.append(message(1), canWait: true) == .soon)
    #expect(mailbox.append(message(2), canWait: true) == .none)
    #expect(mailbox.append(message(3)) == .now)
    #expect(mailbox.append(message(4)) == .none)
    #expect(mailbox.append(message(5), canWait: true) == .none)
    let sizes = taken(from: mailbox).map(\.byteCount)
    #expect(sizes == [12, 13, 14, 15, 16])
    #expect(mailbox.append(message(1), canWait: true) == .soon)
  }

  @Test("news is left out for somebody who does not keep up, and nothing else is")
  func leavesNewsOut() {
    let mailbox = Mailbox(byteCountMax: 1 << 20)
    let attention = (0..<10_000).map { _ in mailbox.append(message(10), canWait: true) }
    // Enough of it cannot wait.
    #expect(attention.count { $0 == .soon } == 1)
    #expect(attention.count { $0 == .now } == 1)
    #expect(mailbox.append(message(20)) == .none)
    let count = taken(from: mailbox).count
    #expect(count + mailbox.leftOutCount == 10_001)
    #expect((1_000..<2_000).contains(count))
    mailbox.note(sessionByteCount: 100_000)
    #expect(mailbox.append(message(10), canWait: true) == .none)
    #expect(mailbox.append(message(10)) == .now)
  }

  @Test("a recipient that is too far behind is ended, and gets nothing more")
  func overflows() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    for _ in 0..<20 { _ = mailbox.append(message(100)) }
    let deliveries = taken(from: mailbox)
    #expect(deliveries.count == 1)
    guard case .fail(.recipientTooSlow, _) = deliveries.first else {
      Issue.record("no ERROR 7 but \(deliveries)")
      return
    }
    #expect(mailbox.append(message(1)) == .none)
  }

  @Test("what the session has queued counts as well")
  func countsTheSession() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    mailbox.note(sessionByteCount: 950)
    _ = mailbox.append(message(100))
    guard case .fail = taken(from: mailbox).first else {
      Issue.record("a full session got more")
      return
    }
  }

  @Test("one message of any size gets through to somebody who is not behind")
  func takesALargeMessage() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    _ = mailbox.append(message(5_000))
    guard case .native(_, let payload) = taken(from: mailbox).first else {
      Issue.record("nothing came")
      return
    }
    #expect(payload.count == 5_000)
  }

  @Test("after the end nothing is kept")
  func closes() {
    let mailbox = Mailbox(byteCountMax: 1_000)
    _ = mailbox.append(message(10))
    mailbox.close()
    #expect(mailbox.isEmpty)
    #expect(mailbox.append(message(10)) == .none)
  }
}
