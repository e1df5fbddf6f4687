import Testing

@testable import chat_client

@Suite("Completion")
struct CompletionTests {
  private func complete(_ beginning: String, own: String? = "ana") -> Completion {
    var nicknames = KnownNicknames()
    for name in ["ana", "ben", "bea", "Zoë", "日本", "日中"] { nicknames.add(name) }
    return Completion(of: beginning, nicknames: nicknames, ownNickname: own)
  }

  @Test(
    "finishes what can only be one thing",
    arguments: [
      ("/ni", 3, "/nick "), ("/PRO", 4, "/protocol "), ("/protocol g", 1, "gbn "),
      ("/mode cl", 2, "classic "), ("/timeout ", 0, "auto "), ("/faults dr", 2, "drop "),
      ("/help wi", 2, "window "), ("ben", 3, "ben: "), ("zo", 2, "Zoë: "),
      ("hello ben", 3, "ben "), ("//x ben", 3, "ben "), ("/quit ben", 3, "ben "),
    ])
  func unique(_ beginning: String, _ count: Int, _ replacement: String) {
    let completion = complete(beginning)
    #expect(completion.replacement == replacement)
    #expect(completion.replacedCount == count)
  }

  @Test(
    "goes as far as is certain",
    arguments: [("b", "be"), ("日", nil), ("hi b", "be"), ("/s", nil), ("/protocol ", nil)]
      as [(String, String?)])
  func common(_ beginning: String, _ replacement: String?) {
    let completion = complete(beginning)
    #expect(completion.replacement == replacement)
    #expect(completion.candidates.count > 1)
  }

  @Test(
    "offers nothing where nothing is known",
    arguments: ["", "x", "hello ", "/xyz", "/window 1", "/who b", "/xyz b"])
  func nothing(_ beginning: String) {
    let completion = complete(beginning)
    // An unknown command may be a text to come: then names are offered.
    if beginning == "/xyz b" {
      #expect(completion.candidates == ["bea", "ben"])
    } else {
      #expect(completion == Completion(of: "", nicknames: KnownNicknames(), ownNickname: nil))
    }
  }

  @Test func `one's own name is offered last of all`() {
    #expect(complete("a").replacement == "ana: ")
    var nicknames = KnownNicknames()
    for name in ["ana", "anton"] { nicknames.add(name) }
    let completion = Completion(of: "a", nicknames: nicknames, ownNickname: "ana")
    #expect(completion.replacement == "anton: ")
  }

  @Test func `who is gone is not offered, and many are bounded`() {
    var nicknames = KnownNicknames()
    nicknames.add("Ben")
    nicknames.remove("bEN")
    #expect(nicknames.beginning(with: "b").isEmpty)
    nicknames.replace(with: (0..<20_000).map { "n\($0)" })
    #expect(nicknames.beginning(with: "n").count == 10_000)
  }

  @Test func `candidates are listed in columns`() {
    #expect(
      CandidateList.lines(["bea", "ben", "日本", "x\u{202e}"], columns: 24)
        == ["bea        ben", "日本       x\\u{202e}"])
    #expect(CandidateList.lines((0..<300).map(String.init), columns: 80).last == "and 100 more")
    #expect(CandidateList.lines(["a", "b"], columns: 1) == ["a", "b"])
  }
}
