internal import Foundation

/// The blocks of a manual in `docs` that are marked as one language: ```` ```LANGUAGE ````.
public func manualBlocks(_ language: String, in name: String) throws -> [String] {
  let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/\(name)")
  let lines = try String(contentsOf: manual, encoding: .utf8)
    .split(separator: "\n", omittingEmptySubsequences: false)
  var blocks: [String] = []
  var block: [Substring]?
  for line in lines {
    if line.hasPrefix("```") {
      if let block { blocks.append(block.joined(separator: "\n")) }
      block = block == nil && line == "```\(language)" ? [] : nil
    } else {
      block?.append(line)
    }
  }
  return blocks
}
