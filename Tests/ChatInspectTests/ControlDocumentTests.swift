import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// Requests and replies as JSON, and replies as tables.
@Suite struct ControlDocumentTests {
  static let requests: [ControlRequest] = [
    .statistics, .connections, .close(connection: 3, isReset: false),
    .close(connection: 0, isReset: true), .rules, .addRules("drop 10%; delay 5ms"),
    .changeRule(number: 2, to: "drop nth 3"), .removeRule(number: 1), .removeAllRules,
    .interception, .intercept(filter: "type == DATA"), .intercept(filter: nil),
    .release(held: nil), .release(held: 7), .drop(held: 7),
    .alter(held: 7, FrameAlteration(bytes: [])),
    .alter(
      held: 7,
      FrameAlteration(
        payload: [0, 255], typeCode: 255, sequence: .max, flags: 1, keepsChecksum: true)),
  ]

  static let replies: [ControlReply] = [
    .done, .statistics(.busy), .statistics(ProxyReport()), .connections(ConnectionReport.samples),
    .connections([]), .rules(RuleReport.samples), .interception(.sample),
    .interception(InterceptionReport()), .failed("no"), .missing("none"),
  ]

  private func decoded(_ json: JSONValue) throws -> JSONValue {
    try JSONValue(decoding: Array(json.text.utf8).span.bytes)
  }

  @Test(arguments: requests)
  func `a request reads back from its JSON`(request: ControlRequest) throws {
    #expect(try ControlRequest(json: decoded(request.json)) == request)
  }

  @Test(arguments: replies)
  func `a reply reads back from its JSON`(reply: ControlReply) throws {
    let json = try decoded(reply.json)
    #expect(json == reply.json)
    #expect(try ControlReply(json: json).json == json)
    #expect(json.text.utf8.allSatisfy { 0x20..<0x7F ~= $0 })
  }

  @Test func `the documents are as the page shows them`() throws {
    expectGolden(
      Self.replies.map { $0.json.text + "\n" }.joined(), named: "control-replies.json")
    expectGolden(
      Self.requests.map { $0.json.text + "\n" }.joined(), named: "control-requests.json")
  }

  @Test func `numbers that readers would round are text`() throws {
    let json = ControlReply.statistics(.busy).json
    #expect(json["statistics"]?["seed"]?.stringValue == "18446744073709551615")
    #expect(json["statistics"]?["frames"] == .number(JSONNumber(123_456)))
    guard case .statistics(let report) = try ControlReply(json: json) else {
      throw TestFailure("no statistics")
    }
    #expect(report == .busy)
  }

  @Test(arguments: [
    ("[]", "a request is a JSON object"), ("{}", "request is missing or wrong"),
    ("{\"request\": \"quit\"}", "there is no request \"quit\""),
    ("{\"request\": \"rules\", \"number\": 1}", "there is no key \"number\" here"),
    ("{\"request\": \"close\"}", "connection is missing or wrong"),
    ("{\"request\": \"close\", \"conection\": 1}", "did you mean connection?"),
    ("{\"request\": \"close\", \"connection\": -1}", "connection is missing or wrong"),
    ("{\"request\": \"close\", \"connection\": 1e3}", "connection is missing or wrong"),
    ("{\"request\": \"close\", \"connection\": 1, \"reset\": 1}", "reset is missing or wrong"),
    ("{\"request\": \"alter\", \"held\": 1}", "nothing is to be altered"),
    ("{\"request\": \"alter\", \"held\": 1, \"keep_checksum\": true}", "nothing is to be altered"),
    ("{\"request\": \"alter\", \"held\": 1, \"bytes\": \"00\", \"type\": 1}", "no type to say"),
    ("{\"request\": \"alter\", \"held\": 1, \"bytes\": \"0\"}", "bytes: expected an even number"),
    (
      "{\"request\": \"alter\", \"held\": 1, \"payload\": \"\", \"payload_bytes\": \"\"}", "exclude"
    ),
    ("{\"request\": \"alter\", \"held\": 1, \"type\": \"DAT\"}", "type: expected the name"),
    ("{\"request\": \"alter\", \"held\": 1, \"type\": 256}", "type: expected 0 to 255"),
    ("{\"request\": \"alter\", \"held\": 1, \"sequence\": 65536}", "sequence: expected 0 to 65535"),
  ])
  func `a request that makes no sense is refused in a sentence`(
    text: String, message: String
  ) throws {
    let json = try JSONValue(decoding: Array(text.utf8).span.bytes)
    let error = #expect(throws: DocumentError.self) { try ControlRequest(json: json) }
    #expect(error?.message.contains(message) == true)
  }

  @Test func `an alteration takes text for the payload and a name for the type`() throws {
    let text = "{\"request\": \"alter\", \"held\": 1, \"payload\": \"\u{E9}\", \"type\": \"fin\"}"
    let json = try JSONValue(decoding: Array(text.utf8).span.bytes)
    #expect(
      try ControlRequest(json: json)
        == .alter(held: 1, FrameAlteration(payload: [0xC3, 0xA9], typeCode: 6)))
  }

  @Test func `every key of a reply that is missing or of another kind is refused`() throws {
    for reply in Self.replies {
      guard case .object(let members) = reply.json else { continue }
      for member in members where member.value.isObject {
        guard case .object(let inner) = member.value else { continue }
        for index in inner.indices {
          var changed = inner
          changed[index].value = .null
          let json = JSONValue.object(
            members.filter { $0.key == "schema_version" }
              + [JSONMember(member.key, .object(changed))])
          #expect(throws: DocumentError.self) { try ControlReply(json: json) }
        }
      }
    }
    #expect(
      throws: DocumentError(
        message: "it has version 2 of the format, and this program knows 1")
    ) { try ControlReply(json: .object([JSONMember("schema_version", 2)])) }
  }

  @Test func `damaged documents are read or refused, and their tables fit on lines`() {
    var hostile = HostileBytes(seed: 11)
    for reply in Self.replies {
      let bytes = Array(reply.json.text.utf8)
      for _ in 0..<300 * effort {
        let damaged = hostile.mutation(of: bytes)
        guard let json = try? JSONValue(decoding: damaged.span.bytes) else { continue }
        _ = try? ControlRequest(json: json)
        guard let read = try? ControlReply(json: json) else { continue }
        let text = read.text(width: 80, asciiOnly: true)
        #expect(text.utf8.allSatisfy { $0 == 0x0A || 0x20..<0x7F ~= $0 })
      }
    }
  }

  @Test func `of very many held bytes only the beginning is shown`() throws {
    var report = InterceptionReport.sample
    report.held = Array(repeating: report.held[0], count: 3)
    for index in report.held.indices {
      report.held[index].bytes = [UInt8](repeating: 7, count: 6 << 20)
    }
    let json = ControlReply.interception(report).json
    guard case .interception(let read) = try ControlReply(json: json) else {
      throw TestFailure("no interception")
    }
    #expect(read.held.map(\.bytes.count) == [6 << 20, 2 << 20, 0])
    #expect(read.held.map(\.byteCount) == [6 << 20, 6 << 20, 6 << 20])
  }

  @Test func `the tables are as the golden files have them`() {
    let replies = Self.replies
    for (width, asciiOnly) in [(80, false), (140, false), (40, true)] {
      let text = replies.map { $0.text(width: width, asciiOnly: asciiOnly) }
        .joined(separator: "\n")
      expectGolden(text, named: "control-\(width).txt")
    }
    for reply in replies {
      let lines = reply.text(width: 80, asciiOnly: false).split(separator: "\n")
      #expect(lines.allSatisfy { TerminalText.columns(String($0)) <= 80 })
    }
  }

  @Test func `metrics are in Prometheus' format`() {
    expectGolden(ProxyMetrics.text(.busy), named: "control-metrics.txt")
    var report = ProxyReport.busy
    report.listen = "a\\b\"c\nd"
    #expect(ProxyMetrics.text(report).contains("{listen=\"a\\\\b\\\"c\\nd\","))
  }
}
