import ChatTrace
import ChatWire
import Testing

@Suite("The progress of a replay")
struct ReplayProgressTests {
  /// One client hears two messages before it says something.
  private func plan() -> ReplayPlan {
    var story = ReplayStory()
    let ana = story.open()
    story.establish(ana)
    story.say(ana, "one", from: .server)
    story.say(ana, "two", from: .server)
    story.say(ana, "three")
    return ReplayPlan(story.story, playing: .client)
  }

  @Test("settles causes in the order of the recording, in whatever order they happen")
  func settles() {
    var progress = ReplayProgress(plan())
    progress.happened(.received(1), connection: 0)
    #expect(progress.settledCount == 0)
    progress.happened(.established, connection: 0)
    #expect(progress.settledCount == 1)
    #expect(progress.awaited(first: 3) == [1])
    progress.happened(.received(0), connection: 0)
    #expect(progress.settledCount == 3)
    let isAgain = progress.happened(.received(0), connection: 0)
    #expect(!isAgain)
    #expect(!progress.isComplete)
    progress.happened(.acknowledged(0), connection: 0)
    #expect(progress.isComplete)
  }

  @Test("gives up what does not happen, and says what that was")
  func givesUp() {
    var progress = ReplayProgress(plan())
    progress.happened(.established, connection: 0)
    let before = progress.giveUp(connection: 0, before: 1)
    #expect(before == [1])
    let given = progress.giveUp(first: 3)
    #expect(given == [2])
    #expect(progress.state(0) == .happened)
    #expect(progress.state(2) == .givenUp)
    let rest = progress.giveUp(connection: 0)
    #expect(rest == [3])
    #expect(progress.isComplete)
    let late = progress.happened(.received(0), connection: 0)
    #expect(!late)
  }
}

@Suite("The messages of a live peer")
struct ReplayMatchingTests {
  private func session(_ dialect: Dialect, _ messages: [(UInt8, [UInt8])]) -> StorySession {
    var session = StorySession()
    session.dialect = dialect
    session.fromServer = messages.map { typeCode, bytes in
      var message = StoryMessage()
      message.typeCode = typeCode
      message.bytes = bytes
      return message
    }
    return session
  }

  private func data(_ time: UInt8, _ text: String) -> [UInt8] {
    [0, 0, 0, 0, 0, 0, 0, time, 1] + Array("a\(text)".utf8)
  }

  @Test("take the place of those that say the same, at another time")
  func same() {
    let (type, notice) = (FrameType.data.rawValue, FrameType.notice.rawValue)
    var matching = ReplayMatching(
      session(.native, [(notice, [7]), (type, data(1, "one")), (type, data(2, "two"))]),
      from: .server)
    let two = matching.take(typeCode: type, data(9, "two"))
    #expect(two == ReplayMatching.Match(index: 2, isSame: true))
    let changed = matching.take(typeCode: type, data(9, "uno"))
    #expect(changed == ReplayMatching.Match(index: 1, isSame: false))
    let extra = matching.take(typeCode: type, data(9, "three"))
    #expect(extra == nil)
    let welcome = matching.take(typeCode: notice, [7])
    #expect(welcome == ReplayMatching.Match(index: 0, isSame: true))
  }

  @Test("that say the same twice take two places, in order")
  func twice() {
    let list = ClassicType.listResponse.rawValue
    var matching = ReplayMatching(
      session(.classic, [(list, Array("[\"a\"]".utf8)), (list, Array("[]".utf8))]),
      from: .server)
    let first = matching.take(typeCode: list, Array("[\"x\"]".utf8))
    let second = matching.take(typeCode: list, Array("[\"y\"]".utf8))
    #expect(first == ReplayMatching.Match(index: 0, isSame: true))
    #expect(second == ReplayMatching.Match(index: 1, isSame: true))
  }
}
