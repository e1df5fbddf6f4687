import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// docs/CONTROL.md shows what there is.
@Suite struct ControlDocumentationTests {
  private let page: String

  init() throws {
    page = try String(
      contentsOf: Program.repository.appendingPathComponent("docs/CONTROL.md"), encoding: .utf8)
  }

  /// The lines of the block that begins with this fence.
  private func lines(of fence: String) throws -> [String] {
    let start = try #require(page.range(of: "```\(fence)\n"))
    let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
    return page[start.upperBound..<end.lowerBound].split(separator: "\n").map(String.init)
  }

  private func json(_ line: String) throws -> JSONValue {
    try JSONValue(decoding: Array(line.utf8).span.bytes)
  }

  @Test func `the replies on the page are written so`() throws {
    let lines = try lines(of: "json reply")
    #expect(lines.count >= 6)
    for line in lines {
      #expect(try ControlReply(json: json(line)).json.text == line)
    }
  }

  @Test func `the requests on the page are read, and all are there`() throws {
    var missing = Set(
      ControlDocumentTests.requests.compactMap { $0.json["request"]?.stringValue })
    for line in try lines(of: "json request") {
      let request = try ControlRequest(json: json(line))
      #expect(throws: Never.self) { try request.check() }
      missing.remove(request.json["request"]?.stringValue ?? "")
    }
    #expect(missing == [])
  }

  @Test func `the routes on the page lead somewhere, with the bodies shown`() throws {
    let rows = page.split(separator: "\n").filter { line in
      ["GET", "POST", "PUT", "DELETE"].contains { line.hasPrefix("| `\($0) /") }
    }
    #expect(rows.count == 17)
    for row in rows {
      let cells = row.split(separator: "`")
      let words = try #require(cells.dropFirst().first).split(separator: " ")
      let body = row.split(separator: "'").dropFirst().first ?? ""
      let route = try APIRoute.find(
        APIRequest(method: String(words[0]), path: String(words[1])))
      #expect(throws: Never.self) { try route.request(body: Array(body.utf8)) }
    }
  }

  @Test func `the frames on the page have the right checksums`() throws {
    for line in try lines(of: "json reply") where line.contains("\"held\": [{") {
      guard case .interception(let report) = try ControlReply(json: json(line)) else { continue }
      let bytes = try #require(report.held.first).bytes
      let repaired = FrameAlteration(flags: bytes[10]).applied(to: bytes, dialect: .native)
      #expect(repaired == bytes)
    }
  }
}
