import ChatSimulation
import ChatWire
import Foundation
import TestSupport
import Testing

@Suite("Scenarios") struct ScenarioTests {
  private static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scenarios")
  }

  private static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".chat") }.map { String($0.dropLast(5)) }.sorted()
  }

  @Test func `there are scenarios for all that can go wrong`() {
    #expect(Self.names.count >= 20)
  }

  @Test(arguments: names)
  func `a scenario always tells the same story`(name: String) throws {
    let url = Self.folder.appendingPathComponent(name + ".chat")
    let scenario = try Scenario(parsing: String(contentsOf: url, encoding: .utf8))
    let transcript = try scenario.transcript()
    #expect(!transcript.contains("WRONG"))
    #expect(try scenario.transcript() == transcript)
    expectGolden(transcript, named: name + ".txt")
  }
}
