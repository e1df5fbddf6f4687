import ChatLens
import ChatPosix
import ChatTrace
import ChatWire
import Foundation
import Testing

@testable import chat_client

@Suite("What the form begins with") struct ChoicesTests {
  private let remembered = SessionChoices(
    host: "old.example", port: 7_000, nickname: "eva", mode: .selectiveRepeat, windowSize: 8,
    fragmentSizeMax: 64, timeout: .milliseconds(500))

  @Test func `is what was given, else what was chosen last time, else the usual`() {
    var settings = ProgramSettings()
    #expect(settings.choices(remembered: nil) == SessionChoices())
    #expect(settings.choices(remembered: remembered) == remembered)
    settings.connection.host = "new.example"
    settings.connection.wishes.windowSize = 4
    settings.givenNames = ["host", "window-size"]
    var expected = remembered
    expected.host = "new.example"
    expected.windowSize = 4
    #expect(settings.choices(remembered: remembered) == expected)
  }

  @Test func `forgets what the other dialect counts in other units`() {
    var settings = ProgramSettings()
    settings.connection.wishes.isClassic = true
    settings.givenNames = ["classic"]
    let choices = settings.choices(remembered: remembered)
    #expect(choices.isClassic)
    #expect(choices.host == "old.example")
    #expect(choices.windowSize == nil && choices.fragmentSizeMax == nil && choices.timeout == nil)
  }

  @Test func `is remembered in a file that only its owner can read`() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/state-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let memory = SessionMemory.standard { $0 == "XDG_STATE_HOME" ? directory : nil }
    #expect(memory.load() == nil)
    memory.save(remembered)
    #expect(memory.load() == remembered)
    let path = try #require(memory.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    memory.save(SessionChoices())
    #expect(memory.load() == SessionChoices())
  }

  @Test func `what is too much for the lens is left out and counted`() throws {
    let feed = try LensFeed()
    for number in 1...UInt64(LensFeed.countMax) + 10 {
      var event = TraceEvent()
      event.frame = number
      feed.append(LensMoment(event))
    }
    let taken = feed.take()
    #expect(taken.moments.count == LensFeed.countMax)
    #expect(taken.moments.last?.event.frame == UInt64(LensFeed.countMax))
    #expect(taken.skippedCount == 10)
    let rest = feed.take()
    #expect(rest.moments.isEmpty && rest.skippedCount == 0)
  }
}
