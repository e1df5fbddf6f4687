import Foundation
import TestSupport
import Testing

/// What the documents show is what the program prints.
@Suite struct DocumentationTests {
  /// The outputs in a document: blocks that begin with `$ chat-inspect`.
  ///
  /// With `UPDATE_GOLDEN=1` in the environment they are written anew: read the difference.
  @Test(arguments: [
    "README.md", "docs/TRACE.md", "docs/FILTER.md", "docs/SIMULATION.md", "docs/WHY.md",
    "docs/COOKBOOK.md", "docs/VERIFY.md",
  ])
  func `every output in the documents is real`(name: String) throws {
    let file = Program.repository.appendingPathComponent(name)
    let document = try String(contentsOf: file, encoding: .utf8)
    var parts = document.components(separatedBy: "```\n")
    for index in parts.indices where parts[index].hasPrefix("$ chat-inspect") {
      let commands = parts[index].split(separator: "\n").filter { $0.hasPrefix("$ ") }
      let real = try commands.map { try transcript(of: $0) }.joined(separator: "\n")
      if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        parts[index] = real
      } else {
        #expect(parts[index] == real)
      }
    }
    let updated = parts.joined(separator: "```\n")
    if updated != document { try updated.write(to: file, atomically: true, encoding: .utf8) }
  }

  @Test func `the documents show something`() throws {
    for name in ["README.md", "docs/TRACE.md"] {
      let file = Program.repository.appendingPathComponent(name)
      #expect(try String(contentsOf: file, encoding: .utf8).contains("```\n$ chat-inspect read "))
    }
  }

  private func transcript(of line: Substring) throws -> String {
    let command = line.dropFirst(2).replacing("chat-inspect ", with: "\"$P\" ")
    return "\(line)\n" + (try Program.shell("exec 2>&1; \(command)").output)
  }
}
