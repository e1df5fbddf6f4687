import ChatWire
import Foundation
import TestSupport
import Testing

/// One after the other: each keeps the processor busy by itself.
@Suite("Many clients", .serialized) struct CrowdTests {
  /// As the issue has it; `CHAT_TEST_CLIENTS=100` for slow machines.
  private static let clientCount =
    ProcessInfo.processInfo.environment["CHAT_TEST_CLIENTS"].flatMap { Int($0) } ?? 1_000

  @Test("1,000 clients join, talk and leave, and the server is as empty as before")
  func joinTalkLeave() throws {
    let count = Self.clientCount
    try withStage { stage in
      let server = try stage.server("--max-per-address", "0", "--log-level", "warning")
      let before = try resources(of: server)
      let crowd = Crowd(port: server.port)
      var members: [Crowd.Member] = []
      // Comings and goings are told to everybody, so groups come one by one.
      for start in stride(from: 0, to: count, by: 100) {
        let group = try (start..<min(start + 100, count)).map { number in
          try crowd.join(
            nickname: "m\(number)", mode: number % 2 == 0 ? .goBackN : .selectiveRepeat)
        }
        members += group
        for member in group { try member.announce() }
        try crowd.run(until: "\(members.count) clients are here", seconds: 300) {
          group.allSatisfy { $0.parameters != nil && $0.isAllAcknowledged }
        }
      }
      try server.waitForStatus("all are members") { $0.integer("client_count") == count }
      let speakers = stride(from: 0, to: count, by: max(1, count / 20)).map { members[$0] }
      for (number, speaker) in speakers.enumerated() { try speaker.say("speech \(number)") }
      try crowd.run(until: "everybody hears every speech but their own", seconds: 300) {
        members.allSatisfy { member in
          let own = speakers.contains { $0 === member } ? 1 : 0
          return member.messages.count == speakers.count - own
        }
      }
      for member in members {
        #expect(Set(member.messages.map(\.text)).count == member.messages.count)
      }
      for member in members { member.leave() }
      try crowd.run(until: "everybody has left", seconds: 300) {
        members.allSatisfy { $0.outcome != nil }
      }
      let unclean = members.filter { $0.outcome?.ending != .clean }
      #expect(unclean.isEmpty, "\(unclean.count) ended otherwise")
      try server.waitForStatus("nobody is left") {
        $0.integer("client_count") == 0 && $0.integer("half_open_count") == 0
      }
      try waitUntil("threads and descriptors are given back") {
        let now = try resources(of: server)
        return now.descriptors <= before.descriptors + 4 && now.threads <= before.threads + 1
      }
      #expect(try server.stop() == .code(0))
    }
  }

  /// What the kernel holds for a server.
  private func resources(of server: TestServer) throws -> (descriptors: Int, threads: Int) {
    func count(_ folder: String) throws -> Int {
      try FileManager.default.contentsOfDirectory(
        atPath: "/proc/\(server.process.processIdentifier)/\(folder)"
      ).count
    }
    return (try count("fd"), try count("task"))
  }

  @Test("10 recipients hear 5 senders of 200 messages in one order, each sender's in theirs")
  func oneOrder() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0", "--log-level", "warning")
      let crowd = Crowd(port: server.port)
      let recipients = try (0..<10).map { number in
        try crowd.enter(
          mode: number % 2 == 0 ? .goBackN : .selectiveRepeat, window: 4 << (number % 4),
          fragment: 10 + 100 * number)
      }
      let senders = try (0..<5).map { number in
        try crowd.enter(
          nickname: "s\(number)", mode: number % 2 == 0 ? .selectiveRepeat : .goBackN,
          window: 2 + number, fragment: 7 + number)
      }
      for number in 0..<200 {
        for (index, sender) in senders.enumerated() { try sender.say("s\(index) says \(number)") }
      }
      try crowd.run(until: "all hear all 1,000 messages but their own", seconds: 300) {
        recipients.allSatisfy { $0.messages.count >= 1_000 }
          && senders.allSatisfy { $0.messages.count >= 800 }
      }
      let order = recipients[0].messages.map(\.text)
      #expect(order.count == 1_000)
      for recipient in recipients { #expect(recipient.messages.map(\.text) == order) }
      for index in senders.indices {
        let expected = (0..<200).map { "s\(index) says \($0)" }
        #expect(order.filter { $0.hasPrefix("s\(index) ") } == expected)
        // A sender hears the others in that order, too, and not itself.
        #expect(senders[index].messages.map(\.text) == order.filter { !expected.contains($0) })
      }
    }
  }
}
