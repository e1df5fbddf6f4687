import Foundation
import TestSupport
import Testing

@Suite("The log of a server") struct LogTests {
  /// Records must be numbered without a gap, whatever happened to whoever wrote them.
  private func expectComplete(_ records: [JSONObject]) {
    let numbers = records.compactMap { $0.integer("record") }
    #expect(numbers.count == records.count)
    #expect(numbers == Array(1...max(1, numbers.count)))
    #expect(records.first?.string("event") == "server.started")
    #expect(records.last?.string("event") == "server.stopped")
    #expect(records.allSatisfy { $0.boolean("cut") == nil })
  }

  /// Some who come, speak and go, which makes records.
  private func comeAndGo(_ crowd: Crowd, _ round: Int) throws {
    let guests = try (0..<10).map { try crowd.join(nickname: "g\(round)-\($0)") }
    for guest in guests {
      try guest.say("hello")
      guest.leave()
    }
    try crowd.run(until: "the guests of round \(round) are gone") {
      guests.allSatisfy { $0.outcome != nil }
    }
  }

  /// The logging process, as soon as there is one.
  private func logProcess(of server: TestServer) throws -> Int32 {
    var identifier: Int32?
    try server.waitForStatus("there is a logging process") { status in
      identifier = status.object("log")?.integer("process_identifier").map { Int32($0) }
      return identifier != nil
    }
    return identifier ?? 0
  }

  @Test(
    "a logging process that is killed at random loses and repeats nothing, and the chat goes on",
    arguments: [["--log-size", "16M"], ["--log-size", "8k", "--log-files", "10000"]])
  func killed(options: [String]) throws {
    try withStage { stage in
      let server = try stage.server(["--log-level", "debug", "--rate", "0"] + options)
      let bystanders = try Bystanders(server)
      var generator = SeededGenerator(seed: 7)
      // The status may still name one that was killed just now.
      var killed: Set<Int32> = []
      for round in 0..<40 {
        if Int.random(in: 0..<3, using: &generator) == 0 {
          let process = try logProcess(of: server)
          killed.insert(process)
          kill(process, SIGKILL)
        }
        try comeAndGo(bystanders.crowd, round)
        if round % 10 == 0 { try bystanders.chat("round \(round)") }
      }
      try server.waitForStatus("the process was started again each time") {
        $0.object("log")?.integer("restart_count") == killed.count
      }
      try bystanders.leave()
      #expect(try server.stop() == .code(0))
      let records = try server.logRecords()
      expectComplete(records)
      // Two records for each guest at the level of everyday.
      let joined = records.filter { $0.string("event") == "client.joined" }
      #expect(joined.count == 2 + 40 * 10)
      #expect(Set(joined.compactMap { $0.string("session") }).count == joined.count)
    }
  }

  @Test("a logging process that stands still stalls nobody, and catches up")
  func stopped() throws {
    try withStage { stage in
      let server = try stage.server("--log-level", "debug", "--rate", "0")
      let bystanders = try Bystanders(server)
      let process = try logProcess(of: server)
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      for round in 0..<10 { try comeAndGo(bystanders.crowd, round) }
      try bystanders.chat("during")
      kill(process, SIGCONT)
      try bystanders.leave()
      #expect(try server.stop() == .code(0))
      expectComplete(try server.logRecords())
    }
  }

  @Test("with a log directory nothing is written to standard error")
  func quiet() throws {
    try withStage { stage in
      let server = try stage.server()
      try Bystanders(server).leave()
      #expect(try server.stop() == .code(0))
      #expect(server.process.errors.text == "")
      let events = try server.logRecords().compactMap { $0.string("event") }
      #expect(events.filter { $0 == "client.joined" }.count == 2)
    }
  }
}
