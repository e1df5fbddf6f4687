import ChatTrace
import Foundation
import Testing

@Suite("Filter documentation") struct FilterDocumentationTests {
  @Test func `every filter in the manual is one`() throws {
    let manual = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/FILTER.md")
    let lines = try String(contentsOf: manual, encoding: .utf8).split(separator: "\n")
    var isFilter = false
    var count = 0
    for line in lines {
      if line.hasPrefix("```") {
        isFilter = line == "```filter"
      } else if isFilter {
        count += 1
        let error = refusal(String(line))
        #expect(error == nil, "\(error?.message ?? "")\n\(line)")
      }
    }
    #expect(count >= 20)
  }
}
