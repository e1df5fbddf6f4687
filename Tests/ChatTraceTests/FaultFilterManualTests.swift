import ChatTrace
import ChatWire
import TestSupport
import Testing

/// The part of the manual of fault rules that needs the display filter.
@Suite("Filters in the manual of fault rules") struct FaultFilterManualTests {
  private let language = FaultFilterLanguage.displayFilter(matcher: testMatcher)

  private func refusal(_ text: String) -> FaultRuleError? {
    do throws(FaultRuleError) {
      _ = try FaultRules(parsing: text, filters: language)
      return nil
    } catch {
      return error
    }
  }

  @Test func `all rules with filters are rules`() throws {
    var count = 0
    for block in try manualBlocks("filter-rules", in: "FAULTS.md") {
      let error = refusal(block)
      #expect(error == nil, "\(error?.message ?? "")\n\(error?.caretMessage(for: block) ?? "")")
      let rules = try FaultRules(parsing: block, filters: language)
      #expect(try FaultRules(parsing: rules.description, filters: language) == rules)
      #expect(rules.rules.allSatisfy { !$0.filters.isEmpty })
      count += rules.rules.count
    }
    #expect(count >= 7)
  }

  @Test func `the errors are those that are shown`() throws {
    let blocks = try manualBlocks("filter-rule-error", in: "FAULTS.md")
    #expect(blocks.count == 2)
    for block in blocks {
      let text = String(block.prefix { $0 != "\n" })
      let error = try #require(refusal(text))
      #expect(block == error.caretMessage(for: text) + "\n" + error.message)
    }
  }

  @Test func `every field that is known is named`() throws {
    let manual = try manualText("FAULTS.md")
    /// The same on every frame, or another name for what is there.
    let unsaid: Set<String> = ["kind", "schema_version", "window"]
    for description in Fields.all where description.group != .types && description.isContract {
      guard !unsaid.contains(description.name),
        (try? FrameFilter(description.name, matcher: nil)) != nil
      else { continue }
      let isOption = description.name.hasPrefix("options.")
      let names = [isOption ? "options.NAME" : description.name] + description.aliases
      #expect(names.contains { manual.contains("`\($0)`") }, "\(description.name)")
    }
  }

  @Test func `what is deep or long is refused with a place in it`() {
    let deep =
      "drop where " + String(repeating: "(", count: 900) + "seq == 1"
      + String(repeating: ")", count: 900)
    #expect(refusal(deep)?.message == "filters nest at most 64 deep")
    #expect(refusal(deep)?.column == 12 + 1 + 64)
    let long = "drop where (text == \"" + String(repeating: "ä", count: 1_100) + "\")"
    #expect(refusal(long)?.message == "the filters of a rule may have 2048 bytes together")
    let nots = "drop where (" + String(repeating: "not ", count: 500) + "seq == 1)"
    #expect(refusal(nots) == nil)
  }

  @Test func `any filter in a rule is read or refused with a place in it`() {
    var oracle = FrameFilterOracle(seed: 41)
    var hostile = HostileBytes(seed: 42)
    var (readCount, refusedCount) = (0, 0)
    for round in 0..<2_000 * effort {
      var bytes = Array("drop where (\(oracle.filter().text)) attempt 1".utf8)
      for _ in 0..<round % 4 { bytes = hostile.mutation(of: bytes) }
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(FaultRuleError) {
        let rules = try FaultRules(parsing: text, filters: language)
        let again = try? FaultRules(parsing: rules.description, filters: language)
        #expect(again == rules, "\(text)")
        readCount += 1
      } catch {
        refusedCount += 1
        #expect(!error.message.isEmpty)
        #expect(error.message.utf8.allSatisfy { 0x20..<0x7F ~= $0 }, "\(error.message)")
        #expect(error.range.upperBound <= text.utf8.count)
        let lines = error.caretMessage(for: text).split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last?.contains("^") == true)
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { 0x20..<0x7F ~= $0 } })
      }
    }
    #expect(readCount > 500 && refusedCount > 500)
  }
}
