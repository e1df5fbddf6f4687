import Foundation

/// Compares a text with the golden file of that name; gives what differs, or nil.
///
/// Golden files lie in the directory `Golden` beside the test's source file. With `UPDATE_GOLDEN=1` in
/// the environment they are rewritten instead.
public func goldenDifference(
  _ text: String, _ name: String, testFile: String = #filePath
) throws -> String? {
  let file = URL(filePath: testFile).deletingLastPathComponent()
    .appending(path: "Golden").appending(path: name)
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return nil
  }
  guard let data = try? Data(contentsOf: file) else {
    return "\(name) does not exist: make it with UPDATE_GOLDEN=1"
  }
  if data == Data(text.utf8) { return nil }
  let expected = String(decoding: data, as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false)
  let found = text.split(separator: "\n", omittingEmptySubsequences: false)
  for index in 0..<max(found.count, expected.count) {
    let line = index < found.count ? String(found[index]) : "(end)"
    let other = index < expected.count ? String(expected[index]) : "(end)"
    guard line == other else {
      return "\(name):\(index + 1) differs\n  golden: \(other)\n  now:    \(line)"
    }
  }
  return "\(name) differs in bytes, not in lines"
}
