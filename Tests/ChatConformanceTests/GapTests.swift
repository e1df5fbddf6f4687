import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Captures that lack something: what they lack is never a peer's fault.
@Suite struct GapTests {
  /// What is left of the packets of a file.
  enum Loss: CaseIterable {
    /// Some are missing here and there.
    case holes
    /// Those at the beginning.
    case beginning
    /// Those at the end.
    case end

    func keeps(_ count: Int, using random: inout SeededGenerator) -> Set<Int> {
      guard count > 4 else { return Set(0..<count) }
      switch self {
      case .holes:
        let percent = Int.random(in: 1...30, using: &random)
        return Set(
          (0..<count).filter { _ in Int.random(in: 0..<100, using: &random) >= percent })
      case .beginning: return Set(Int.random(in: 1..<count, using: &random)..<count)
      case .end: return Set(0..<Int.random(in: 1..<count, using: &random))
      }
    }
  }

  @Test(arguments: Loss.allCases)
  func `nobody is blamed for packets that a recording lacks`(loss: Loss) throws {
    for seed in 1...UInt64(40 * effort) {
      let (plan, sight) = try FalseAlarmTests.run(seed: seed)
      var random = SeededGenerator(seed: seed)
      let blocks = Self.blocks(of: sight.proxy.recording)
      let packets = blocks.indices.filter { blocks[$0].first == 6 }
      let kept = loss.keeps(packets.count, using: &random)
      let lost = Set(packets.enumerated().filter { !kept.contains($0.offset) }.map(\.element))
      let file = blocks.enumerated().filter { !lost.contains($0.offset) }.flatMap(\.element)
      let check = try examine(file: file)
      guard check.verdict == .violated else { continue }
      Issue.record("seed \(seed): \(check.breaches.lines)\n\(plan.command)")
    }
  }

  @Test(arguments: Loss.allCases, SimulatedSight.Place.allCases)
  func `nobody is blamed for packets that a capture lacks`(
    loss: Loss, place: SimulatedSight.Place
  ) throws {
    var options = ConformanceOptions()
    if place != .atClient { options.atClient = .possible }
    if place != .atServer { options.atServer = .possible }
    for seed in 1...UInt64(10 * effort) {
      let (plan, sight) = try FalseAlarmTests.run(seed: seed)
      var random = SeededGenerator(seed: seed)
      var capture = sight[place]
      let kept = loss.keeps(capture.packets.count, using: &random)
      capture.keep { kept.contains($0) }
      let check = examine(capture, options: options)
      guard check.verdict == .violated else { continue }
      Issue.record("seed \(seed), \(place): \(check.breaches.lines)\n\(plan.command)")
    }
  }

  @Test func `nobody is blamed for what a capture has in another order`() throws {
    for seed in 1...UInt64(40 * effort) {
      let (plan, sight) = try FalseAlarmTests.run(seed: seed)
      var random = SeededGenerator(seed: seed)
      var capture = sight[.atClient]
      var order = Array(capture.packets.indices)
      for index in order.indices.dropLast() where Int.random(in: 0..<10, using: &random) == 0 {
        order.swapAt(index, index + 1)
      }
      capture.arrange(order)
      var options = ConformanceOptions()
      options.atServer = .possible
      let check = examine(capture, options: options)
      guard check.verdict == .violated else { continue }
      Issue.record("seed \(seed): \(check.breaches.lines)\n\(plan.command)")
    }
  }

  /// The blocks of a pcapng file; the first byte is that of the type.
  static func blocks(of file: [UInt8]) -> [ArraySlice<UInt8>] {
    var blocks: [ArraySlice<UInt8>] = []
    var start = 0
    while start + 8 <= file.count {
      let length = file[start + 4..<start + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length >= 12, start + length <= file.count else { break }
      blocks.append(file[start..<start + length])
      start += length
    }
    return blocks
  }
}
