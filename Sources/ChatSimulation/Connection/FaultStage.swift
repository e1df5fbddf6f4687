internal import ChatWire

/// Where faults act: behind the line, before the receiver.
struct FaultStage: Sendable {
  /// Directions in which everything is lost, by command.
  var isCut = BothDirections(both: false)
  /// When something that is held comes out.
  private(set) var release = BothDirections<Instant?>(both: nil)
  private var isEnding = BothDirections(both: false)
  private var q: BothDirections<[[UInt8]]> = BothDirections(both: [])

  init(_ rules: FaultRules, seed: UInt64, connection: Int, checksum: CRC32) {}

  mutating func receive(_ frame: [UInt8], _ direction: Direction, at now: Instant) -> SimulatedFate {
    if isCut[direction] { return SimulatedFate(disposition: .dropped, reason: "cut") }
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
