/// Bytes that are almost right: what decoders must survive.
public struct HostileBytes {
  private var generator: SeededGenerator

  /// Starts at a seed.
  public init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// All beginnings of the bytes, from none of them to all.
  public static func cuts(of bytes: [UInt8]) -> [[UInt8]] {
    (0...bytes.count).map { Array(bytes[..<$0]) }
  }

  /// A copy with up to four bytes changed, removed, inserted or repeated.
  public mutating func mutation(of bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = Int.random(in: 0...result.count, using: &generator)
      let byte = UInt8.random(in: 0...255, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0 where index < result.count: result[index] = byte
      case 1 where index < result.count: result[index] ^= 1 << (byte & 7)
      case 2 where index < result.count: result.remove(at: index)
      case 3: result.insert(contentsOf: result[index...].prefix(Int(byte & 15)), at: index)
      default: result.insert(byte, at: index)
      }
    }
    return result
  }
}
