/// A faster way to continue a CRC-32, handed in by a program: state in, bytes, their count, state
/// out.
///
/// It works on the internal state (no initial value, no final inversion) and is called only for
/// runs of at least `CRC32.acceleratedSizeMin` bytes.
public typealias CRC32Accelerator = @convention(c) (UInt32, UnsafeRawPointer?, Int) -> UInt32

/// CRC-32 as in IEEE 802.3, gzip and zlib (PROTOCOL.md section 2.1): reflected polynomial
/// 0xEDB88320, initial value and final inversion 0xFFFFFFFF.
///
/// Slicing by 16 over sixteen tables of 256 entries: `table[k * 256 + b]` is the state that byte
/// `b` leaves after `k` zero bytes. The tables are made once and never freed. Make one value and
/// hand it to whoever checks frames. `@unchecked Sendable`: the tables never change after they were
/// made.
@safe
public struct CRC32: @unchecked Sendable {
  /// Runs shorter than this are never given to the accelerator.
  public static let acceleratedSizeMin = 64

  @usableFromInline let table: UnsafePointer<UInt32>
  @usableFromInline let accelerator: CRC32Accelerator?

  /// Makes a checksum in plain Swift.
  public init() {
    unsafe table = UnsafePointer(Self.sharedTable)
    unsafe accelerator = nil
  }

  /// Makes a checksum with a faster update that has equal results.
  public init(accelerator: @escaping CRC32Accelerator) {
    unsafe table = UnsafePointer(Self.sharedTable)
    unsafe self.accelerator = accelerator
  }

  nonisolated(unsafe) private static let sharedTable: UnsafeMutablePointer<UInt32> = {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
    for byte in 0..<256 {
      var state = UInt32(byte)
      for _ in 0..<8 { state = (state >> 1) ^ (state & 1 == 1 ? 0xEDB8_8320 : 0) }
      unsafe table[byte] = state
    }
    for byte in 0..<256 {
      for zeros in 1..<16 {
        let state = unsafe table[(zeros - 1) * 256 + byte]
        unsafe table[zeros * 256 + byte] = (state >> 8) ^ table[Int(state & 0xFF)]
      }
    }
    return unsafe table
  }()

  /// The CRC-32 of a run of bytes.
  public func checksum(of bytes: RawSpan) -> UInt32 {
    ~update(0xFFFF_FFFF, with: bytes)
  }

  /// The checksum that a native frame must carry: over the 11 header bytes with the checksum field
  /// taken as zero, followed by the payload.
  ///
  /// `header` holds the header's fields; its own checksum is not looked at.
  @inlinable @inline(__always)
  public func frameChecksum(header: FrameHeader, payload: RawSpan) -> UInt32 {
    ~update(state(after: header), with: payload)
  }

  /// The state after the eleven header bytes, checksum taken as zero.
  ///
  /// Because a CRC is linear, it is the sum of what each byte leaves after the bytes behind it;
  /// zero bytes leave nothing.
  @inlinable @inline(__always)
  func state(after header: FrameHeader) -> UInt32 {
    // The initial value 0xFFFFFFFF inverts the first four bytes.
    let length = header.length
    let first = unsafe table[10 &* 256 &+ Int(~(length >> 16) & 0xFF)]
    let second = unsafe table[9 &* 256 &+ Int(~(length >> 8) & 0xFF)]
    let third = unsafe table[8 &* 256 &+ Int(~length & 0xFF)]
    let type = unsafe table[7 &* 256 &+ Int(~header.typeCode)]
    let high = unsafe table[6 &* 256 &+ Int(header.sequence >> 8)]
    let low = unsafe table[5 &* 256 &+ Int(header.sequence & 0xFF)]
    let flags = unsafe table[Int(header.flags)]
    return first ^ second ^ third ^ type ^ high ^ low ^ flags
  }

  /// Continues the internal state over more bytes.
  @inlinable @inline(__always)
  public func update(_ state: UInt32, with bytes: RawSpan) -> UInt32 {
    unsafe bytes.withUnsafeBytes { buffer in
      let count = buffer.count
      if count >= Self.acceleratedSizeMin, let accelerator = unsafe accelerator {
        return unsafe accelerator(state, buffer.baseAddress, count)
      }
      return unsafe slicing(state, buffer)
    }
  }

  @usableFromInline
  func slicing(_ initial: UInt32, _ buffer: UnsafeRawBufferPointer) -> UInt32 {
    guard var bytes = buffer.baseAddress else { return initial }
    var state = initial
    var count = buffer.count
    let table = unsafe self.table
    while count >= 16 {
      let a = unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) ^ state
      let b = unsafe UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
      let c = unsafe UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      let d = unsafe UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      state =
        unsafe four(table, 12, a) ^ four(table, 8, b) ^ four(table, 4, c) ^ four(table, 0, d)
      unsafe bytes += 16
      count &-= 16
    }
    if count >= 8 {
      let a = unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) ^ state
      let b = unsafe UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
      state = unsafe four(table, 4, a) ^ four(table, 0, b)
      unsafe bytes += 8
      count &-= 8
    }
    if count >= 4 {
      let a = unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) ^ state
      state = unsafe four(table, 0, a)
      unsafe bytes += 4
      count &-= 4
    }
    while count > 0 {
      let byte = unsafe bytes.load(as: UInt8.self)
      state = unsafe table[Int((state ^ UInt32(byte)) & 0xFF)] ^ (state >> 8)
      unsafe bytes += 1
      count &-= 1
    }
    return state
  }

  /// What four bytes, the first lowest, leave when `zeros` bytes follow them.
  @inlinable @inline(__always)
  func four(_ table: UnsafePointer<UInt32>, _ zeros: Int, _ word: UInt32) -> UInt32 {
    let base = zeros &* 256
    return unsafe table[base &+ 768 &+ Int(word & 0xFF)]
      ^ table[base &+ 512 &+ Int((word >> 8) & 0xFF)]
      ^ table[base &+ 256 &+ Int((word >> 16) & 0xFF)]
      ^ table[base &+ Int(word >> 24)]
  }
}
