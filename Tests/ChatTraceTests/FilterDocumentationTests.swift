import ChatTrace
import TestSupport
import Testing

@Suite("Filter documentation") struct FilterDocumentationTests {
  @Test func `every filter in the manual is one`() throws {
    let filters = try manualBlocks("filter", in: "FILTER.md").flatMap { $0.split(separator: "\n") }
    for filter in filters {
      let error = refusal(String(filter))
      #expect(error == nil, "\(error?.message ?? "")\n\(filter)")
    }
    #expect(filters.count >= 20)
  }
}
