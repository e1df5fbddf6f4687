import ChatSimulation
import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

/// The table of rules in docs/VERIFY.md.
@Suite struct VerifyDocumentationTests {
  private static let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/VERIFY.md")
  private static let heading = "| rule | section | says | seen, for example |\n|---|---|---|---|\n"

  /// What is found of each rule: by the cases of the tests.
  private static func examples() throws -> [ConformanceRule: String] {
    var examples: [ConformanceRule: String] = [:]
    func keep(_ check: ConformanceCheck) {
      for finding in check.findings where examples[finding.rule] == nil {
        examples[finding.rule] = "expected \(finding.expected); found \(finding.found)"
      }
    }
    var options = ConformanceOptions()
    options.atClient = .none
    options.atServer = .none
    for misbehaving in PeerCase.all + PeerCase.indistinguishable {
      keep(try examine(file: misbehaving.run().sight.recording, options: options))
    }
    for wrong in RoomTests.cases { keep(try examine(file: RoomTests.sight(wrong).recording)) }
    for wrong in ClassicTests.cases { keep(try examine(file: ClassicTests.sight(wrong).recording)) }
    return examples
  }

  @Test func `every rule is in the table, with its section, what it says, and an example`() throws {
    let examples = try Self.examples()
    let rows = ConformanceRule.allCases.map { rule in
      let place = rule.row.map { "\(rule.section), row \($0)" } ?? rule.section
      let example = examples[rule] ?? ""
      #expect(!example.isEmpty, "\(rule) has no example")
      return "| `\(rule.name)` | \(place) | \(rule.statement) | \(example) |\n"
    }
    var text = try String(contentsOf: Self.manual, encoding: .utf8)
    let start = try #require(text.range(of: Self.heading)).upperBound
    let end = text.range(of: "\n\n", range: start..<text.endIndex)?.lowerBound
    let table = start..<(end.map { text.index(after: $0) } ?? text.endIndex)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      text.replaceSubrange(table, with: rows.joined())
      try text.write(to: Self.manual, atomically: true, encoding: .utf8)
      return
    }
    let documented = text[table].split(separator: "\n").map { $0 + "\n" }
    for (row, line) in zip(rows, documented) { #expect(line == row) }
    #expect(documented.count == rows.count)
  }

  /// A recording in which a server does not ask for what is missing, for docs/VERIFY.md and the
  /// tests of the program.
  @Test func `the example is what a case gives`() throws {
    let file = Self.manual.deletingLastPathComponent()
      .appending(path: "../captures/misbehaving_server.pcapng")
    let example = try #require(PeerCase.all.first { $0.name == "sends no NACK for a hole" })
    let recording = example.run().sight.recording
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(recording).write(to: file)
    }
    #expect(try Data(contentsOf: file) == Data(recording))
  }

  @Test func `names are unique, and say where they belong`() {
    let names = ConformanceRule.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    for rule in ConformanceRule.allCases {
      #expect(rule.name.wholeMatch(of: /[a-z]+\.[a-z_]+/) != nil, "\(rule)")
      #expect(!rule.statement.isEmpty && !rule.statement.hasSuffix("."), "\(rule)")
      #expect(rule.section.wholeMatch(of: /[0-9](\.[0-9])?(, 4\.2)?/) != nil, "\(rule)")
    }
  }

  @Test func `every rule that a case breaks is one of the judge's`() {
    let names = Set(ConformanceRule.allCases.map(\.name))
    for misbehaving in PeerCase.all + PeerCase.indistinguishable {
      #expect(names.contains(misbehaving.rule), "\(misbehaving.name)")
      #expect(misbehaving.consequences.isSubset(of: names), "\(misbehaving.name)")
    }
    #expect(PeerCase.all.count + RoomTests.cases.count + ClassicTests.cases.count >= 100)
  }
}
