import Foundation
import Testing

@testable import ChatTrace

/// The table of notes in docs/TRACE.md, which programs rely on.
@Suite("Note documentation") struct NoteDocumentationTests {
  private static let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/TRACE.md")
  private static let heading = "| id | severity | for example | section |\n|---|---|---|---|\n"

  /// The rows of the table, one for each id.
  private static let rows = NoteID.allCases.map { id in
    let sentence = NoteExamples.note(id).text
    return "| `\(id.name)` | \(id.severity.name) | \(sentence) | \(id.section ?? "") |\n"
  }

  @Test func `every note is in the table, with its severity, a sentence and the section it breaks`()
    throws
  {
    var text = try String(contentsOf: Self.manual, encoding: .utf8)
    let start = try #require(text.range(of: Self.heading)).upperBound
    let end = text.range(of: "\n\n", range: start..<text.endIndex)?.lowerBound
    let table = start..<(end.map { text.index(after: $0) } ?? text.endIndex)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      text.replaceSubrange(table, with: Self.rows.joined())
      try text.write(to: Self.manual, atomically: true, encoding: .utf8)
      return
    }
    let documented = text[table].split(separator: "\n").map { $0 + "\n" }
    for (row, line) in zip(Self.rows, documented) { #expect(line == row) }
    #expect(documented.count == Self.rows.count)
  }

  @Test func `names are unique, in lower case, and dotted from general to special`() {
    let names = NoteID.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(name.wholeMatch(of: /[a-z]+(\.[a-z_]+)+/) != nil, "\(name)")
    }
  }

  @Test func `every note has a sentence, also when nothing is known of its cause`() {
    for id in NoteID.allCases {
      for note in [Note(id), NoteExamples.note(id)] {
        #expect(!note.text.isEmpty, "\(id)")
        #expect(!note.text.contains("\n"), "\(id)")
        #expect(note.text.first?.isUppercase == false || note.detail != nil, "\(id)")
      }
      #expect(!NoteExamples.note(id).text.contains("?"), "\(id)")
    }
  }

  @Test func `only warnings and errors can be violations, or what a receiver ignores`() {
    for id in NoteID.allCases where id.section != nil {
      #expect(id.severity >= .warn || id == .unknownType, "\(id)")
    }
  }
}
