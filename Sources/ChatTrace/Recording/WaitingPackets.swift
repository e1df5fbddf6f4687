import ChatWire

/// Packets that wait for what the trace says about them, and everything behind them, so that the
/// file has the order in which things happened.
struct WaitingPackets: Sendable {
  struct Packet: Sendable {
    var connection: Int
    var direction: Direction
    var since: TraceTime
    /// The whole block, without a comment for people.
    var block: [UInt8]
    /// Where that comment goes.
    var commentStart: Int
    /// It waits no longer for itself.
    var isExplained = false
    /// Blocks behind it that are ready.
    var following: [UInt8] = []
  }

  /// What waits longer, or is more, is written without.
  private static let ageMax: Int64 = 1_000_000_000
  private static let byteCountMax = 1 << 20
  private static let countMax = 1_024

  private var packets: [Packet] = []
  private var head = 0
  private var byteCount = 0

  var isEmpty: Bool { head == packets.count }

  mutating func append(_ packet: Packet) {
    byteCount += packet.block.count
    packets.append(packet)
  }

  mutating func append(following block: [UInt8]) {
    byteCount += block.count
    packets[packets.count - 1].following += block
  }

  /// Gives a comment to the oldest packet of a direction that has none.
  mutating func explain(
    connection: Int, direction: Direction, comment: String, into output: inout [UInt8]
  ) {
    let index = packets[head...].firstIndex {
      !$0.isExplained && $0.connection == connection && $0.direction == direction
    }
    guard let index else { return }
    packets[index].isExplained = true
    var option: [UInt8] = []
    option.append(comment: comment)
    packets[index].block.insert(contentsOf: option, at: packets[index].commentStart)
    packets[index].block.setBlockLength()
    byteCount += option.count
    while !isEmpty, packets[head].isExplained { takeFirst(into: &output) }
  }

  /// Gives out what has waited too long.
  mutating func expire(at time: TraceTime, into output: inout [UInt8]) {
    while !isEmpty,
      packets[head].isExplained
        || TraceTime.elapsed(from: packets[head].since.nanoseconds, to: time.nanoseconds)
          >= Self.ageMax
    {
      takeFirst(into: &output)
    }
  }

  /// Gives out what has become too much.
  mutating func trim(into output: inout [UInt8]) {
    while !isEmpty, byteCount > Self.byteCountMax || packets.count - head > Self.countMax {
      takeFirst(into: &output)
    }
  }

  /// Gives out everything.
  mutating func flush(into output: inout [UInt8]) {
    while !isEmpty { takeFirst(into: &output) }
  }

  private mutating func takeFirst(into output: inout [UInt8]) {
    let packet = packets[head]
    output += packet.block
    output += packet.following
    byteCount -= packet.block.count + packet.following.count
    packets[head].block = []
    packets[head].following = []
    head += 1
    if head == packets.count {
      packets.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 256 {
      packets.removeFirst(head)
      head = 0
    }
  }
}
