/// One fragment of an IP packet.
struct IPFragment {
  /// What the fragments of one packet have in common.
  struct Packet: Equatable, Sendable {
    var source: IPAddress
    var destination: IPAddress
    var identification: UInt32
    /// IPv4: the protocol; IPv6: 0.
    var protocolNumber: UInt8
  }

  var packet: Packet
  /// Where in the packet's payload it belongs, a multiple of 8.
  var offset: Int
  /// True if nothing follows it.
  var isLast: Bool
  /// What the payload begins with; counts on the first fragment.
  var protocolNumber: UInt8
  /// Where its bytes are.
  var content: PacketRegion
}

/// Puts fragmented IP packets together, whatever the order in which their parts come.
///
/// Where fragments overlap, the bytes that came first stay. Memory is bounded: at most
/// `packetCountMax` packets of at most 64 KiB are held, the oldest makes room for a new one, and
/// none is held longer than `ageMax` of capture time. A fragment that the snap length cut off
/// counts with all its length, so that a packet is delivered, and what is missing of it is known.
struct FragmentReassembler: Sendable {
  static let packetCountMax = 64
  /// In nanoseconds; as Linux does (net.ipv4.ipfrag_time).
  static let ageMax: UInt64 = 30_000_000_000
  static let packetLengthMax = 65_535

  /// A packet's payload, as far as it came.
  struct Datagram: Sendable {
    var packet: IPFragment.Packet
    var firstTime: TraceTime?
    /// What the payload begins with, from the fragment at offset 0.
    var protocolNumber: UInt8 = 0
    /// The payload; zeros where nothing came yet.
    var bytes: [UInt8] = []
    /// One bit for each 8 bytes that came.
    var received = [UInt64](repeating: 0, count: 128)
    var receivedCount = 0
    /// The length of the payload, known from the last fragment.
    var totalLength = Int.max
    /// The first byte that a fragment should have brought and that was not captured.
    var missingStart = Int.max

    var isComplete: Bool { totalLength != .max && receivedCount == (totalLength + 7) / 8 }
  }

  enum Result {
    case held
    /// The fragment contradicts its own length or other fragments.
    case refused
    /// The payload is there; its `bytes` end before the first byte that is missing.
    case complete(Datagram)
  }

  /// Oldest first.
  private(set) var datagrams: [Datagram] = []

  /// Takes a fragment in.
  mutating func add(_ fragment: IPFragment, in bytes: RawSpan, at time: TraceTime?) -> Result {
    let length = fragment.content.wireCount
    let end = fragment.offset &+ length
    guard length > 0, end <= Self.packetLengthMax, fragment.isLast || length & 7 == 0
    else { return .refused }
    removeExpired(at: time)
    let index = index(of: fragment.packet, time)
    guard datagrams[index].accepts(end: end, isLast: fragment.isLast) else { return .refused }
    datagrams[index].insert(fragment, end: end, bytes)
    guard datagrams[index].isComplete else { return .held }
    var datagram = datagrams.remove(at: index)
    let present = min(datagram.totalLength, datagram.missingStart)
    datagram.bytes.removeLast(datagram.bytes.count - present)
    return .complete(datagram)
  }

  /// The place of a packet, made if there is none.
  private mutating func index(of packet: IPFragment.Packet, _ time: TraceTime?) -> Int {
    if let found = datagrams.firstIndex(where: { $0.packet == packet }) { return found }
    if datagrams.count == Self.packetCountMax { datagrams.removeFirst() }
    datagrams.append(Datagram(packet: packet, firstTime: time))
    return datagrams.count - 1
  }

  private mutating func removeExpired(at time: TraceTime?) {
    guard let now = time?.nanoseconds else { return }
    datagrams.removeAll { datagram in
      guard let first = datagram.firstTime?.nanoseconds, now > first else { return false }
      return UInt64(bitPattern: now &- first) > Self.ageMax
    }
  }
}

extension FragmentReassembler.Datagram {
  /// True if a fragment's end agrees with what is known of the packet's length.
  func accepts(end: Int, isLast: Bool) -> Bool {
    if isLast {
      totalLength == .max ? end >= bytes.count : end == totalLength
    } else {
      end <= totalLength
    }
  }

  /// Copies what is new, in units of 8 bytes.
  mutating func insert(_ fragment: IPFragment, end: Int, _ source: RawSpan) {
    if fragment.offset == 0, !contains(unit: 0) { protocolNumber = fragment.protocolNumber }
    if fragment.isLast { totalLength = end }
    if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
    let capturedEnd = fragment.offset + max(0, fragment.content.capturedCount)
    for unit in fragment.offset / 8..<(end + 7) / 8 where !contains(unit: unit) {
      received[unit >> 6] |= 1 << UInt64(unit & 63)
      receivedCount += 1
      let unitEnd = min(unit * 8 + 8, end)
      for offset in unit * 8..<max(unit * 8, min(unitEnd, capturedEnd)) {
        bytes[offset] = source.uint8(at: fragment.content.offset + offset - fragment.offset)
      }
      if capturedEnd < unitEnd { missingStart = min(missingStart, max(capturedEnd, unit * 8)) }
    }
  }

  private func contains(unit: Int) -> Bool {
    received[unit >> 6] >> UInt64(unit & 63) & 1 != 0
  }
}
