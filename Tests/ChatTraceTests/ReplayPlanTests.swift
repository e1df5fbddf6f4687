import ChatTrace
import ChatWire
import TestSupport
import Testing

@Suite("A plan for a replay")
struct ReplayPlanTests {
  /// Ana says something; bia, who has heard it, answers.
  private func conversation() -> Story {
    var story = ReplayStory()
    let ana = story.open()
    story.establish(ana)
    let bia = story.open()
    story.establish(bia)
    story.say(ana, "hello")
    story.say(bia, "hello", from: .server)
    story.say(bia, "you too")
    story.say(ana, "you too", from: .server)
    story.say(ana, "", .fin)
    story.say(ana, "", from: .server, .fin)
    story.close(ana, .clean)
    return story.story
  }

  @Test("has a client wait for everything that was complete before, on all connections")
  func clientWaits() {
    let plan = ReplayPlan(conversation(), playing: .client)
    #expect(
      plan.lines == [
        "0 open", "0 establish", "  0 established", "1 open", "1 establish", "  1 established",
        "0 send 1", "  0 acknowledged 1", "  1 received 1", "1 send 1", "  1 acknowledged 1",
        "  0 received 1", "0 send 2", "  0 acknowledged 2", "  0 received 2", "  0 closed",
      ])
    #expect(plan.messageCount == 3)
    #expect(plan.omissions.isEmpty)
  }

  @Test("has a server wait for what clients said")
  func serverWaits() {
    let plan = ReplayPlan(conversation(), playing: .server)
    #expect(
      plan.lines == [
        "  0 opened", "  0 established", "  1 opened", "  1 established", "  0 received 1",
        "1 send 1", "  1 acknowledged 1", "  1 received 1", "0 send 1", "  0 acknowledged 1",
        "  0 received 2", "0 send 2", "  0 acknowledged 2", "  0 closed",
      ])
  }

  @Test("has concurrent messages wait for the same, and not for each other")
  func concurrent() {
    var story = ReplayStory()
    let (ana, bia) = (story.open(), story.open())
    story.establish(ana)
    story.establish(bia)
    story.begin(ana, "one")
    story.begin(bia, "two")
    story.begin(ana, "three")
    story.complete(ana, 1)
    story.complete(bia, 1)
    story.acknowledge(ana, 1)
    story.acknowledge(bia, 1)
    story.acknowledge(ana, 2)
    let plan = ReplayPlan(story.story, playing: .client)
    #expect(
      plan.lines == [
        "0 open", "1 open", "0 establish", "  0 established", "1 establish",
        "  1 established", "0 send 1", "1 send 1",
        "0 send 2", "  0 acknowledged 1", "  1 acknowledged 1", "  0 acknowledged 2",
      ])
    #expect(plan.connections.map(\.actions) == [[0, 2, 4, 6], [1, 3, 5]])
    #expect(plan.actions.map(\.furtherCauses.count) == [0, 0, 0, 0, 0, 0, 0])
  }

  @Test("has a client wait until the server has dealt with what others had said before")
  func completeMessages() {
    var story = ReplayStory()
    let (ana, bia) = (story.open(), story.open())
    story.establish(ana)
    story.establish(bia)
    story.begin(ana, "one")
    story.complete(ana, 1)
    story.begin(ana, "two")
    story.begin(bia, "three")
    story.complete(ana, 2)
    story.acknowledge(bia, 1)
    story.acknowledge(ana, 2)
    story.acknowledge(ana, 1)
    let plan = ReplayPlan(story.story, playing: .client)
    let further = plan.actions.map { action in
      action.furtherCauses.map { plan.text(plan.causes[$0]) }
    }
    #expect(further == [[], [], [], [], [], [], ["0 acknowledged 1"]])
  }

  @Test("knows that messages are delivered and acknowledged in order, whatever was seen first")
  func outOfOrder() {
    var story = ReplayStory()
    let ana = story.open()
    story.establish(ana)
    story.begin(ana, "one", from: .server)
    story.begin(ana, "two", from: .server)
    story.complete(ana, 2, from: .server)
    story.begin(ana, "answer")
    story.complete(ana, 1, from: .server)
    story.begin(ana, "late answer")
    story.acknowledge(ana, 2)
    story.begin(ana, "next")
    story.acknowledge(ana, 1)
    let plan = ReplayPlan(story.story, playing: .client)
    #expect(
      plan.lines == [
        "0 open", "0 establish", "  0 established", "0 send 1", "  0 received 1", "  0 received 2",
        "0 send 2",
        "0 send 3", "  0 acknowledged 1", "  0 acknowledged 2",
      ])
  }

  @Test("keeps the distance of an action from the last thing that it waits for")
  func distances() {
    let plan = ReplayPlan(conversation(), playing: .client)
    let distances = plan.actions.map { $0.distance?.nanoseconds }
    #expect(distances.map { ($0 ?? -1) / 1_000_000 } == [0, 1, 1, 2, 1, 2, 2])
    var story = conversation()
    for index in story.sessions.indices {
      story.sessions[index].time = nil
      story.sessions[index].establishedTime = nil
      story.sessions[index].fromClient = story.sessions[index].fromClient.map { message in
        var message = message
        message.time = nil
        return message
      }
    }
    let timeless = ReplayPlan(story, playing: .client)
    #expect(timeless.actions.allSatisfy { $0.distance == nil })
  }

  @Test("breaks off where a client has broken off, and fails where one has failed")
  func ends() {
    for (end, text) in [(SessionEnd.abrupt, "break off"), (.reset, "reset")] {
      var story = ReplayStory()
      let ana = story.open()
      story.establish(ana)
      story.say(ana, "hello")
      story.close(ana, end)
      let plan = ReplayPlan(story.story, playing: .client)
      #expect(plan.lines.suffix(2) == ["0 \(text)", "  0 closed"])
    }
    var story = ReplayStory()
    let ana = story.open()
    story.establish(ana)
    story.close(ana, .error)
    story.edit(ana) {
      $0.error = StoryError(side: .client, code: 3, text: "No.", frame: 7)
    }
    let client = ReplayPlan(story.story, playing: .client)
    #expect(client.lines == ["0 open", "0 establish", "  0 established", "0 fail", "  0 closed"])
    let server = ReplayPlan(story.story, playing: .server)
    #expect(server.lines == ["  0 opened", "  0 established", "  0 closed"])
  }

  @Test("plays only the connections that are wanted, and waits for no others")
  func streams() {
    let plan = ReplayPlan(conversation(), playing: .client, streams: [1])
    #expect(
      plan.lines == [
        "0 open", "0 establish", "  0 established", "  0 received 1", "0 send 1",
        "  0 acknowledged 1",
      ])
    #expect(plan.connections.map(\.session.stream) == [1])
  }

  @Test("says what cannot be played")
  func omissions() {
    var story = ReplayStory()
    let ana = story.open()
    story.establish(ana)
    story.begin(ana, nil)
    story.acknowledge(ana, 1)
    story.say(ana, "hello")
    story.edit(ana) { $0.doubts = ["12 bytes are missing"] }
    let plan = ReplayPlan(story.story, playing: .client)
    #expect(
      plan.lines == ["0 open", "0 establish", "  0 established", "0 send 2", "  0 acknowledged 2"])
    #expect(plan.omissions.map(\.message) == [nil, 1])
    #expect(plan.omissions.map(\.reason).first == "12 bytes are missing")
  }

  @Test("can always be played to its end, whatever the story claims")
  func alwaysEnds() {
    var random = SeededGenerator(seed: 61)
    for _ in 0..<200 {
      let story = Self.randomStory(&random)
      for role in [Session.Role.client, .server] {
        let plan = ReplayPlan(story, playing: role)
        #expect(Self.unplayedCount(plan) == 0)
        #expect(plan.actions.count == plan.connections.reduce(0) { $0 + $1.actions.count })
      }
    }
  }

  /// Orders as they come, in a file that somebody has made up.
  private static func randomStory(_ random: inout SeededGenerator) -> Story {
    var story = Story()
    for stream in 0..<Int.random(in: 1...4, using: &random) {
      var session = StorySession()
      session.stream = stream
      func order(_ random: inout SeededGenerator) -> UInt64 { .random(in: 0...40, using: &random) }
      session.openingOrder = order(&random)
      session.establishedOrder = Bool.random(using: &random) ? order(&random) : nil
      session.closingOrder = Bool.random(using: &random) ? order(&random) : nil
      session.end = [.clean, .abrupt, .reset, .open, nil].randomElement(using: &random) ?? nil
      func messages(_ random: inout SeededGenerator) -> [StoryMessage] {
        (0..<Int.random(in: 0...5, using: &random)).map { index in
          var message = StoryMessage()
          message.number = index + 1
          message.typeCode = FrameType.data.rawValue
          message.bytes = Bool.random(using: &random) ? [1] : nil
          message.beginOrder = order(&random)
          message.completeOrder = Bool.random(using: &random) ? order(&random) : nil
          message.acknowledgedOrder = Bool.random(using: &random) ? order(&random) : nil
          return message
        }
      }
      session.fromClient = messages(&random)
      session.fromServer = messages(&random)
      story.sessions.append(session)
    }
    return story
  }

  /// Plays against a peer that does at once what it can only do when the side played has done
  /// something; returns what is left undone.
  private static func unplayedCount(_ plan: ReplayPlan) -> Int {
    var progress = ReplayProgress(plan)
    var done = Set<Int>()
    var next = plan.connections.map { _ in 0 }
    func canHappen(_ cause: ReplayPlan.Cause) -> Bool {
      // What the own side does is done before what it causes.
      plan.connections[cause.connection].actions.allSatisfy { index in
        let action = plan.actions[index]
        let isNeeded =
          switch (action.kind, cause.kind) {
          case (.open, _), (.establish, _): true
          case (.send(let sent), .acknowledged(let acknowledged)): sent <= acknowledged
          case (.breakOff, .closed), (.fail, .closed): true
          default: false
          }
        return !isNeeded || done.contains(index)
      }
    }
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      for (place, connection) in plan.connections.enumerated() {
        while next[place] < connection.actions.count,
          progress.isReady(plan.actions[connection.actions[next[place]]])
        {
          done.insert(connection.actions[next[place]])
          next[place] += 1
          hasMoved = true
        }
      }
      for cause in progress.awaited(first: plan.causes.count).map({ plan.causes[$0] })
      where canHappen(cause) {
        if progress.happened(cause.kind, connection: cause.connection) { hasMoved = true }
      }
    }
    return plan.actions.count - done.count + (progress.isComplete ? 0 : 1)
  }
}
