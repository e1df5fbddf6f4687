import ChatWire
import TestSupport
import Testing

@Suite("Fault documentation") struct FaultDocumentationTests {
  @Test func `all rules in the manual are rules`() throws {
    var count = 0
    for block in try manualBlocks("rules", in: "FAULTS.md") {
      let error = refusal(block)
      #expect(error == nil, "\(error?.message ?? "")\n\(error?.caretMessage(for: block) ?? "")")
      if error == nil { count += try FaultRules(parsing: block).rules.count }
    }
    #expect(count >= 20)
  }

  @Test func `the errors in the manual are those that are shown`() throws {
    let blocks = try manualBlocks("rule-error", in: "FAULTS.md")
    #expect(!blocks.isEmpty)
    for block in blocks {
      let text = String(block.prefix { $0 != "\n" })
      let error = try #require(refusal(text))
      #expect(block == error.caretMessage(for: text) + "\n" + error.message)
    }
  }

  @Test func `the ledger in the manual is one`() throws {
    let blocks = try manualBlocks("ledger", in: "FAULTS.md")
    #expect(blocks.count == 1)
    for block in blocks {
      let ledger = try FaultLedger(parsing: block)
      #expect(ledger.text == block + "\n")
      #expect(!ledger.entries.isEmpty)
    }
  }

  @Test func `the manual names every word`() throws {
    let text = try manualText("FAULTS.md")
    let words = [
      "drop", "loss", "corrupt", "duplicate", "delay", "jitter", "reorder", "gap", "bandwidth",
      "rate", "blackhole", "on", "off", "reset", "slow_close", "after", "for", "c2s", "s2c",
      "upstream", "downstream", "nth", "first", "every", "message", "fragment", "attempt",
      "connection", "where",
    ]
    for word in words + FaultField.allCases.map(\.name) + FrameTypeName.allCases.map(\.name)
      + FramePart.allCases.map(\.name) + FaultComparison.allCases.flatMap({ [$0.sign, $0.word] })
    {
      #expect(text.contains("`\(word)`") || text.contains("`\(word) "), "\(word)")
    }
  }
}
