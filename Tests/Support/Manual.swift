internal import Foundation

/// The text of a manual in `docs`.
public func manualText(_ name: String) throws -> String {
  let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/\(name)")
  return try String(contentsOf: manual, encoding: .utf8)
}

/// The blocks of a manual in `docs` that are marked with a language: ```` ```LANGUAGE ````.
public func manualBlocks(_ language: String, in name: String) throws -> [String] {
  var blocks: [String] = []
  var block: [Substring]?
  for line in try manualText(name).split(separator: "\n", omittingEmptySubsequences: false) {
    if line.hasPrefix("```") {
      if let block { blocks.append(block.joined(separator: "\n")) }
      block = block == nil && line == "```\(language)" ? [] : nil
    } else {
      block?.append(line)
    }
  }
  return blocks
}
