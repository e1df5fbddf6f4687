/// Draws that depend on nothing but the seed, the rule and the frame.
///
/// There is no generator that runs on: whatever else happens, and in whatever order, equal
/// identities get equal draws.
struct FaultDice {
  /// What a draw is for; the draws of one frame for one rule do not depend on each other.
  enum Purpose: UInt64 {
    /// Whether the rule acts.
    case decision = 1
    /// Which bit is flipped.
    case bit
    /// How much longer or shorter a delay is.
    case jitter
  }

  private var state: UInt64

  /// The dice of one rule; `occurrence` tells rules with the same text apart.
  static func key(ofRule text: String, occurrence: Int) -> UInt64 {
    var dice = FaultDice(state: UInt64(truncatingIfNeeded: occurrence))
    for byte in text.utf8 { dice.stir(UInt64(byte)) }
    return dice.state
  }

  private init(state: UInt64) {
    self.state = state
  }

  /// The dice of a rule for a frame.
  init(seed: UInt64, ruleKey: UInt64, identity: FrameIdentity) {
    state = seed
    stir(ruleKey)
    stir(UInt64(truncatingIfNeeded: identity.connection))
    let flags = UInt64(identity.direction.rawValue) << 8 | (identity.isDamaged ? 1 : 0)
    switch identity.place {
    case .sequenced(let sequence):
      stir(flags | 1 << 16)
      stir(UInt64(bitPattern: sequence))
    case .control(let typeCode, let sequence):
      stir(flags | 2 << 16 | UInt64(typeCode) << 24)
      stir(UInt64(bitPattern: sequence))
    case .classic(let typeCode, let message, let fragment):
      stir(flags | 3 << 16 | UInt64(typeCode) << 24)
      stir(UInt64(message) << 32 | UInt64(fragment))
    case .end: stir(flags | 4 << 16)
    }
    stir(UInt64(identity.attempt))
  }

  /// 64 evenly drawn bits.
  func draw(_ purpose: Purpose) -> UInt64 {
    var dice = self
    dice.stir(purpose.rawValue)
    return dice.state
  }

  /// A number below `count`, which is at least 1, evenly drawn.
  func draw(_ purpose: Purpose, below count: UInt64) -> UInt64 {
    draw(purpose).multipliedFullWidth(by: count).high
  }

  /// Takes a word in.
  private mutating func stir(_ word: UInt64) {
    var generator = SplitMix64(seed: state ^ word)
    state = generator.next()
  }
}
