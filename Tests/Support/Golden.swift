internal import Foundation
public import Testing

/// Expects text to be what the golden file `Golden/<name>` beside the test says.
///
/// With `UPDATE_GOLDEN=1` in the environment the file is written instead: read the difference.
public func expectGolden(
  _ actual: String, named name: String, file: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let golden = URL(fileURLWithPath: file).deletingLastPathComponent()
    .appendingPathComponent("Golden").appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    do {
      try FileManager.default.createDirectory(
        at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(actual.utf8).write(to: golden)
    } catch {
      Issue.record("\(name) cannot be written: \(error)", sourceLocation: sourceLocation)
    }
    return
  }
  guard let expected = try? String(contentsOf: golden, encoding: .utf8) else {
    Issue.record("there is no golden file \(name)", sourceLocation: sourceLocation)
    return
  }
  guard actual != expected else { return }
  let pairs = zip(
    actual.split(separator: "\n", omittingEmptySubsequences: false),
    expected.split(separator: "\n", omittingEmptySubsequences: false))
  let same = pairs.prefix { $0 == $1 }.count
  let lines = { (text: String) in
    text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(same).first ?? "(end)"
  }
  Issue.record(
    """
    \(name), line \(same + 1):
    expected: \(lines(expected))
    actual:   \(lines(actual))
    """, sourceLocation: sourceLocation)
}
