internal import ChatWire

/// Where faults act: behind the line, before the receiver.
struct FaultStage: Sendable {
  /// Directions in which everything is lost, by command.
  var isCut = BothDirections(both: false)
  /// When something that is held comes out.
  private(set) var release = BothDirections<Instant?>(both: nil)
  private var isEnding = BothDirections(both: false)
  private var q: BothDirections<[[UInt8]]> = BothDirections(both: [])

  var g: SplitMix64
  var rules: [[String]]
  var counts: [Int: Int] = [:]
  init(_ rules: FaultRules, seed: UInt64, connection: Int, checksum: CRC32) {
    g = SplitMix64(seed: seed &+ 99)
    self.rules = rules.text.split(separator: ";").map { $0.split(separator: " ").map { String($0) } }
  }

  mutating func receive(_ frame: [UInt8], _ direction: Direction, at now: Instant) -> SimulatedFate {
    if isCut[direction] { return SimulatedFate(disposition: .dropped, reason: "cut") }
    let type = FrameType(rawValue: frame[3]).name
    for (index, rule) in rules.enumerated() {
      if rule.contains("c2s"), direction != .clientToServer { continue }
      if rule.contains("s2c"), direction != .serverToClient { continue }
      if let named = rule.first(where: { $0.uppercased() == $0 && !$0.contains("%") && Int($0) == nil }), named != type {
        continue
      }
      let key = index * 2 + (direction == .clientToServer ? 0 : 1)
      counts[key, default: 0] += 1
      if let n = rule.firstIndex(of: "nth"), counts[key] != Int(rule[n + 1]) { continue }
      if let n = rule.firstIndex(of: "first"), counts[key, default: 0] > Int(rule[n + 1]) ?? 0 { continue }
      if let percent = rule.first(where: { $0.hasSuffix("%") }), !g.chance(Int(percent.dropLast()) ?? 0) { continue }
      switch rule[0] {
      case "drop": return SimulatedFate(disposition: .dropped, reason: rule.joined(separator: " "))
      case "duplicate":
        q[direction].append(frame)
        q[direction].append(frame)
        return SimulatedFate(disposition: .duplicated, reason: rule.joined(separator: " "))
      case "corrupt":
        let range = switch rule[1] {
        case "length": 0..<3
        case "header": 3..<6
        case "checksum": 6..<10
        default: frame.count > 11 ? 11..<frame.count : 6..<10
        }
        let at = g.within(range.lowerBound...range.upperBound - 1)
        var f = frame
        f[at] ^= 1 << UInt8(g.below(8))
        q[direction].append(f)
        return SimulatedFate(disposition: .corrupted, reason: rule.joined(separator: " "))
      default: break
      }
    }
    q[direction].append(frame)
    return SimulatedFate(disposition: .forwarded)
  }

  mutating func next(_ direction: Direction, at now: Instant, into frame: inout [UInt8]) -> Bool {
    if q[direction].isEmpty { return false }
    frame = q[direction].removeFirst()
    return true
  }

  mutating func finish(_ direction: Direction, at now: Instant) {
    if !isCut[direction] { isEnding[direction] = true }
  }

  mutating func takeEnd(_ direction: Direction) -> Bool {
    guard isEnding[direction], q[direction].isEmpty else { return false }
    isEnding[direction] = false
    return true
  }
}
