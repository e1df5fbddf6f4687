/// Help for names that are not known.
package enum NearestName {
  /// Longer names get no suggestion, which bounds the work.
  private static let lengthMax = 64

  /// The candidate with the fewest edits, the first of equals; nil if none is near.
  package static func find(_ name: String, among candidates: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= lengthMax else { return nil }
    var nearest: String?
    var fewest = 1 + max(1, wanted.count / 3)
    for candidate in candidates {
      let edits = edits(from: wanted, to: Array(candidate.lowercased().utf8))
      if edits < fewest { (nearest, fewest) = (candidate, edits) }
    }
    return nearest
  }

  /// How many letters must be inserted, removed, replaced or swapped with their neighbour.
  private static func edits(from first: [UInt8], to second: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    for row in first.indices {
      var current = [row + 1]
      for column in second.indices {
        var best = last[column] + (first[row] == second[column] ? 0 : 1)
        best = min(best, current[column] + 1, last[column + 1] + 1)
        let isSwap =
          row > 0 && column > 0 && first[row] == second[column - 1]
          && first[row - 1] == second[column]
        if isSwap { best = min(best, beforeLast[column - 1] + 1) }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[second.count]
  }
}
