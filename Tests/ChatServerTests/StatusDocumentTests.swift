import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// The status as JSON and as a table.
@Suite struct StatusDocumentTests {
  @Test(arguments: [ServerStatus.quiet, .busy])
  func `a status reads back from its JSON`(status: ServerStatus) throws {
    let json = try JSONValue(decoding: Array(status.json.text.utf8).span.bytes)
    #expect(json == status.json)
    #expect(try ServerStatus(json: json) == status)
  }

  @Test func `the document is JSON in ASCII, and what is not known is left out`() throws {
    let text = ServerStatus.busy.json.text
    #expect(text.utf8.allSatisfy { 0x20..<0x7F ~= $0 })
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema_version"] as? Int == 1)
    #expect(object["client_count"] as? Int == 3)
    let clients = try #require(object["clients"] as? [[String: Any]])
    #expect(clients[0]["round_trip_milliseconds"] as? Double == 149.6)
    #expect(clients[2]["round_trip_milliseconds"] == nil)
    #expect(
      ServerStatus.quiet.json.text == """
        {"schema_version": 1, "name": "ChatWire", "version": "0.1.0", "process_identifier": 4242, \
        "address": "0.0.0.0:5000", "uptime_seconds": 59.9, "client_count": 0, \
        "half_open_count": 0, \
        "totals": {"connections_accepted": 0, "connections_refused": 0, "messages_received": 0, \
        "messages_sent": 0, "bytes_received": 0, "bytes_sent": 0, "messages_refused": 0, \
        "slow_clients_ended": 0}, "log": {"acknowledged_count": 0, "pending_count": 0, \
        "dropped_count": 0, "restart_count": 0}, "clients": []}
        """)
  }

  @Test func `what was measured wrongly is still JSON`() throws {
    var status = ServerStatus.quiet
    status.uptimeSeconds = .infinity
    #expect(status.json["uptime_seconds"] == .number(JSONNumber(0.0)))
    status.log.acknowledgedCount = .max
    #expect(try ServerStatus(json: status.json).log.acknowledgedCount == UInt64(Int.max))
  }

  @Test func `every key that is missing or of another kind is named`() throws {
    guard case .object(let members) = ServerStatus.busy.json else { return }
    for index in members.indices where members[index].key != "client_count" {
      var changed = members
      changed[index].value = .bool(true)
      let error = #expect(throws: DocumentError.self) {
        try ServerStatus(json: .object(changed))
      }
      #expect(error?.message == "\(members[index].key) is missing or wrong")
      changed.remove(at: index)
      #expect(throws: DocumentError.self) { try ServerStatus(json: .object(changed)) }
    }
  }

  @Test func `a newer format is not guessed at`() throws {
    #expect(
      throws: DocumentError(message: "it has version 2 of the format, and this program knows 1")
    ) {
      try ServerStatus(json: .object([JSONMember("schema_version", .number(JSONNumber(2)))]))
    }
  }

  @Test func `damaged documents are read or refused, and their tables fit on lines`() {
    var hostile = HostileBytes(seed: 7)
    let bytes = Array(ServerStatus.busy.json.text.utf8)
    for _ in 0..<1_000 * effort {
      let damaged = hostile.mutation(of: bytes)
      guard let json = try? JSONValue(decoding: damaged.span.bytes, byteCountMax: 1 << 20),
        let status = try? ServerStatus(json: json)
      else { continue }
      let table = StatusTable(status, width: 80, asciiOnly: true).text
      #expect(table.utf8.allSatisfy { $0 == 0x0A || 0x20..<0x7F ~= $0 })
    }
  }

  @Test func `more than somebody wants to read is refused`() {
    let bytes = Array(ServerStatus.busy.json.text.utf8)
    #expect(throws: JSONError.tooLong(byteCount: bytes.count)) {
      try JSONValue(decoding: bytes.span.bytes, byteCountMax: bytes.count - 1)
    }
  }

  @Test func `a table of three clients fits into 80 columns`() {
    let text = StatusTable(.busy, width: 80, asciiOnly: false).text
    #expect(text.split(separator: "\n").allSatisfy { TerminalText.columns(String($0)) <= 80 })
    expectGolden(text, named: "status-80.txt")
  }

  @Test func `a wide terminal shows all columns`() {
    expectGolden(
      StatusTable(.busy, width: 140, asciiOnly: false).text, named: "status-140.txt")
  }

  @Test func `a terminal without Unicode gets ASCII, and a narrow one the least`() {
    expectGolden(
      StatusTable(.busy, width: 40, asciiOnly: true).text, named: "status-ascii-40.txt")
  }

  @Test func `a server with nobody there says so`() {
    expectGolden(
      StatusTable(.quiet, width: 80, asciiOnly: false).text, named: "status-empty.txt")
  }

  @Test func `nothing of a hostile server reaches the terminal unescaped`() {
    var status = ServerStatus.busy
    status.name = "\u{1B}]0;title\u{7}"
    status.version = "1\n2"
    status.address = "\u{202E}0000:5"
    status.clients[0].nickname = "a\u{1B}[2J\u{85}\u{200B}"
    status.clients[1].address = String(repeating: "9", count: 5_000)
    status.log.directory = "/\u{9B}31m"
    let text = StatusTable(status, width: 200, asciiOnly: false).text
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count < 300 })
    #expect(
      text.unicodeScalars.allSatisfy { scalar in
        scalar == "\n" || ![.control, .format].contains(scalar.properties.generalCategory)
      })
    #expect(text.contains("a\\u{1b}[2J\\u{85}\\u{200b}"))
  }

  @Test func `times are short`() {
    for (seconds, text) in [
      (0, "0s"), (59.9, "59s"), (60, "1m00s"), (3_599, "59m59s"), (3_600, "1h00m"),
      (86_399, "23h59m"), (86_400, "1d00h"), (.infinity, "11574074074d01h"), (-1, "0s"),
    ] {
      #expect(ElapsedTime.short(seconds: seconds) == text)
    }
    for (milliseconds, text) in [
      (0, "0.00ms"), (0.049, "0.05ms"), (0.99, "0.99ms"), (0.996, "1.0ms"), (9.94, "9.9ms"),
      (9.96, "10ms"), (999, "999ms"), (1_500, "1.5s"),
    ] {
      #expect(StatusTable.roundTrip(milliseconds) == text)
    }
  }
}
