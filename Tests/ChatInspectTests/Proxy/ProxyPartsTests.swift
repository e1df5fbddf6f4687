import ChatProgram
import ChatWire
import TestSupport
import Testing

@testable import chat_inspect

/// The small parts of the proxy.
@Suite("Parts of the proxy") struct ProxyPartsTests {
  @Test("Deadlines come in the order of their time, and only when it has come")
  func deadlines() {
    var random = SeededGenerator(seed: 5)
    var queue = DeadlineQueue()
    #expect(queue.first == .distantFuture)
    var waiting: [(moment: Int64, token: UInt64)] = []
    for token in 0..<UInt64(300) {
      let moment = Int64.random(in: 0..<100, using: &random)
      queue.insert(token, at: Instant(nanoseconds: moment))
      waiting.append((moment, token))
    }
    for now in stride(from: Int64(0), through: 100, by: 7) {
      var found: [UInt64] = []
      while let token = queue.next(at: Instant(nanoseconds: now)) { found.append(token) }
      #expect(Set(found) == Set(waiting.filter { $0.moment <= now }.map(\.token)))
      let moments = found.compactMap { token in waiting.first { $0.token == token }?.moment }
      #expect(moments == moments.sorted())
      waiting.removeAll { $0.moment <= now }
      let first = waiting.map(\.moment).min().map { Instant(nanoseconds: $0) }
      #expect(queue.first == first ?? .distantFuture)
    }
  }

  @Test(
    "An address is a port, or a host and a port",
    arguments: [
      ("6000", "127.0.0.1", 6000), (":6000", "127.0.0.1", 6000), ("0.0.0.0:1", "0.0.0.0", 1),
      ("localhost:65535", "localhost", 65535), ("[::1]:5000", "::1", 5000), ("0", "127.0.0.1", 0),
    ])
  func addresses(text: String, host: String, port: Int) throws {
    let address = try ListenAddress(text, option: "--listen", defaultHost: "127.0.0.1")
    #expect(address.host == host)
    #expect(Int(address.port) == port)
  }

  @Test(
    "What is no address is refused with a sentence",
    arguments: [
      "", "x", "host:", "host:x", "::1", "::1:5000", "1:2:3", "65536", "host:-1", "[::1]", "a:+5",
    ])
  func wrongAddresses(text: String) {
    #expect(throws: Failure.self) {
      try ListenAddress(text, option: "--listen", defaultHost: "127.0.0.1")
    }
    #expect(throws: Failure.self) {
      try ListenAddress("5000", option: "--upstream", defaultHost: nil)
    }
  }

  @Test("Rules keep their numbers while others come and go, and count what they do")
  func ruleBook() throws {
    var book = RuleBook(try FaultRules(parsing: "drop ACK; corrupt DATA"))
    #expect(book.reports.map(\.number) == [1, 2])
    book.count(FaultAct(rule: "corrupt payload DATA", .drop))
    let isRemoved = book.remove(1)
    #expect(isRemoved)
    let isRemovedAgain = book.remove(1)
    #expect(!isRemovedAgain)
    book.add(try FaultRules(parsing: "duplicate"))
    #expect(book.reports.map(\.number) == [2, 3])
    #expect(book.reports.map(\.actedCount) == [1, 0])
    let isChanged = book.change(2, to: try FaultRules(parsing: "drop FIN").rules[0])
    #expect(isChanged)
    #expect(book.rules.description == "drop FIN\nduplicate")
    let many = String(repeating: "drop ACK\n", count: FaultLimits.rulesMax - 1)
    let isTooMany = !book.add(try FaultRules(parsing: many))
    #expect(isTooMany)
    #expect(book.reports.count == 2)
    book.removeAll()
    #expect(book.rules.isEmpty)
  }
}
