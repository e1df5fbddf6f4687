/// Pairs two sequences so that as much as possible is equal, and one thing that is missing does not
/// shift everything behind it.
enum SequenceAlignment {
  /// A pair of places; nil where one side has nothing.
  struct Pair: Hashable {
    var first: Int?
    var second: Int?
  }

  /// Beyond so many comparisons what differs is paired in order.
  private static let costMax = 4_000_000

  /// All places of both, in order; those with equal keys are paired, and what is left between them
  /// is paired in order if `mayPair` allows it.
  static func pairs<Key: Equatable>(
    _ first: [Key], _ second: [Key], mayPair: (Int, Int) -> Bool
  ) -> [Pair] {
    var start = 0
    while start < first.count, start < second.count, first[start] == second[start] { start += 1 }
    var end = 0
    while end < first.count - start, end < second.count - start,
      first[first.count - 1 - end] == second[second.count - 1 - end]
    {
      end += 1
    }
    var pairs = (0..<start).map { Pair(first: $0, second: $0) }
    let left = start..<first.count - end
    let right = start..<second.count - end
    var matches: [(Int, Int)] = []
    if left.count * right.count <= costMax { matches = longest(first, second, left, right) }
    matches.append((left.upperBound, right.upperBound))
    var (i, j) = (left.lowerBound, right.lowerBound)
    for (nextI, nextJ) in matches {
      while i < nextI || j < nextJ {
        if i < nextI, j < nextJ, mayPair(i, j) {
          pairs.append(Pair(first: i, second: j))
          i += 1
          j += 1
        } else if i < nextI, j == nextJ || nextI - i >= nextJ - j {
          pairs.append(Pair(first: i, second: nil))
          i += 1
        } else {
          pairs.append(Pair(first: nil, second: j))
          j += 1
        }
      }
      if nextI < left.upperBound || nextJ < right.upperBound {
        pairs.append(Pair(first: nextI, second: nextJ))
        i = nextI + 1
        j = nextJ + 1
      }
    }
    pairs += (0..<end).map {
      Pair(first: first.count - end + $0, second: second.count - end + $0)
    }
    return pairs
  }

  /// The longest common subsequence.
  private static func longest<Key: Equatable>(
    _ first: [Key], _ second: [Key], _ left: Range<Int>, _ right: Range<Int>
  ) -> [(Int, Int)] {
    guard !left.isEmpty, !right.isEmpty else { return [] }
    let width = right.count + 1
    var lengths = [Int32](repeating: 0, count: (left.count + 1) * width)
    for i in stride(from: left.count - 1, through: 0, by: -1) {
      for j in stride(from: right.count - 1, through: 0, by: -1) {
        lengths[i * width + j] =
          first[left.lowerBound + i] == second[right.lowerBound + j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
      }
    }
    var matches: [(Int, Int)] = []
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if first[left.lowerBound + i] == second[right.lowerBound + j] {
        matches.append((left.lowerBound + i, right.lowerBound + j))
        i += 1
        j += 1
      } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return matches
  }
}
