/// The channel simulation of the original server, for one session (PROTOCOL.md 9.2 and 9.10).
///
/// Nothing is lost or damaged on the wire: the server mistreats what it got. Which frames are
/// struck is drawn from a seed, and nothing is drawn where a probability leaves no choice.
struct ClassicChannel: Sendable {
  /// What becomes of a frame.
  enum Fate: Equatable {
    case pass
    /// It is ignored, and a NACK sent.
    case loss
    /// Its checksum is made to fail.
    case corruption
    /// It is dealt with so much later.
    case delay(Duration)
  }

  /// The longest delay: a client may not hold up a thread for longer.
  static let delaySecondsMax = 10.0

  /// The probabilities in force.
  var config = ClassicChannelConfig()
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  /// Draws the fate of the next frame: the first of loss, corruption and delay that strikes.
  mutating func nextFate() -> Fate {
    if strikes(config.lossProbability) { return .loss }
    if strikes(config.corruptionProbability) { return .corruption }
    guard strikes(config.delayProbability) else { return .pass }
    let seconds = min(config.delaySeconds, Self.delaySecondsMax)
    return seconds > 0 ? .delay(.nanoseconds(Int64(seconds * 1e9))) : .pass
  }

  private mutating func strikes(_ probability: Double) -> Bool {
    if probability >= 1 { return true }
    guard probability > 0 else { return false }
    // 53 bits are what a double holds.
    return Double(random.next() >> 11) * 0x1p-53 < probability
  }
}
