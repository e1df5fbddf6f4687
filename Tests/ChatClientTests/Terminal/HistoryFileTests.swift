import Foundation
import Testing

@testable import chat_client

@Suite("The history file")
struct HistoryFileTests {
  @Test func `is where the environment says`() {
    let home = HistoryFile.standard { ["HOME": "/h", "XDG_STATE_HOME": "relative"][$0] }
    #expect(home.path == "/h/.local/state/chatwire/history")
    let state = HistoryFile.standard { ["HOME": "/h", "XDG_STATE_HOME": "/s"][$0] }
    #expect(state.path == "/s/chatwire/history")
    #expect(HistoryFile.standard { _ in nil }.path == nil)
  }

  @Test func `keeps lines for their owner alone, but none that begin with a space`() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/history-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let file = HistoryFile(path: directory + "/a/b/history")
    #expect(file.load() == [])
    for line in ["one", " secret", "zwei é", ""] { file.append(line) }
    #expect(file.load() == ["one", "zwei é"])
    let path = try #require(file.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let parent = try FileManager.default.attributesOfItem(atPath: directory + "/a/b")
    #expect(parent[.posixPermissions] as? Int == 0o700)
  }

  @Test func `does not grow for ever`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/history-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lines = (0..<1_500).map { "line \($0)\n" }.joined()
    try Data(lines.utf8).write(to: URL(fileURLWithPath: path))
    let file = HistoryFile(path: path)
    #expect(file.load().count == 1_000)
    #expect(file.load().first == "line 500")
    let size = try #require(FileManager.default.contents(atPath: path)?.count)
    #expect(size < lines.utf8.count)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `that cannot be written disturbs nobody`() {
    let file = HistoryFile(path: "/dev/null/history")
    file.append("line")
    #expect(file.load() == [])
  }
}
