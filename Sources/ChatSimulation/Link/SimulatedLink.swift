public import ChatWire

/// One direction of a line, up to the point where faults act: rate, queue, latency, jitter.
///
/// Whole frames go in and come out in the same order, each at its time. What finds the queue full
/// is lost.
public struct SimulatedLink: Sendable {
  /// What became of a frame that was handed in.
  public enum Admission: Sendable, Hashable {
    case queued(arrival: Instant)
    case overflowed
  }

  /// How it treats frames.
  public let parameters: LinkParameters
  private var queue = FrameQueue()
  private var generator: SplitMix64
  private var lineFree = Instant(nanoseconds: .min)
  private var lastArrival = Instant(nanoseconds: .min)
  private var endArrival: Instant?

  /// A silent line.
  public init(_ parameters: LinkParameters, seed: UInt64) {
    self.parameters = parameters
    generator = SplitMix64(seed: seed)
  }

  /// When the next frame, or the end of the stream, comes out.
  public var nextArrival: Instant? { queue.nextArrival ?? endArrival }

  /// True if the end of the stream is what comes out next.
  public var isAtEnd: Bool { queue.isEmpty && endArrival != nil }

  /// Takes a frame.
  public mutating func send(_ frame: [UInt8], at now: Instant) -> Admission {
    if let limit = parameters.queueLimit, queue.waitingCount(at: now) >= max(1, limit) {
      return .overflowed
    }
    let departure = max(now, lineFree).advanced(by: lineTime(frame.count))
    lineFree = departure
    let arrival = arrivalTime(after: departure)
    queue.append(frame, departure: departure, arrival: arrival)
    return .queued(arrival: arrival)
  }

  /// Nothing more will be sent: the end of the stream follows the last frame.
  public mutating func finish(at now: Instant) {
    guard endArrival == nil else { return }
    endArrival = arrivalTime(after: max(now, lineFree))
  }

  /// Appends the frame that comes out now to a buffer.
  public mutating func takeFrame(into buffer: inout [UInt8]) {
    queue.removeFirst(into: &buffer)
  }

  /// Takes note that the end of the stream came out.
  public mutating func takeEnd() {
    endArrival = nil
  }

  /// The connection is broken: nothing comes out any more of what is on its way.
  public mutating func abandon() {
    queue = FrameQueue()
    endArrival = nil
  }

  private mutating func arrivalTime(after departure: Instant) -> Instant {
    var arrival = departure.advanced(by: parameters.latency)
    let jitter = parameters.jitter.nanoseconds
    if jitter > 0 {
      arrival = arrival.advanced(byNanoseconds: Int64(generator.within(0...Int(jitter))))
    }
    lastArrival = max(arrival, lastArrival)
    return lastArrival
  }

  private func lineTime(_ byteCount: Int) -> Duration {
    guard let rate = parameters.bytesPerSecond, rate > 0 else { return .zero }
    let (product, overflow) = Int64(byteCount).multipliedReportingOverflow(by: 1_000_000_000)
    return .nanoseconds(overflow ? .max : product / Int64(rate))
  }
}
