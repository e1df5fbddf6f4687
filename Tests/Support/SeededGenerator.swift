import ChatWire

/// A generator of random numbers that repeats itself.
public struct SeededGenerator: RandomNumberGenerator {
  private var generator: SplitMix64

  /// Makes a generator; equal seeds give equal numbers.
  public init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { generator.next() }
}
