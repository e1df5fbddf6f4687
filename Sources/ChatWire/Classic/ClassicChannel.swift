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
  private var randomState: UInt64

  init(seed: UInt64) {
    randomState = seed
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
    return Double(nextRandom() >> 11) * 0x1p-53 < probability
  }

  /// SplitMix64.
  private mutating func nextRandom() -> UInt64 {
    randomState &+= 0x9E37_79B9_7F4A_7C15
    var mixed = randomState
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
