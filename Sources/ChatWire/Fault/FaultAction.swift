/// What a rule does to a frame.
public enum FaultAction: Sendable, Hashable {
  /// The frame never arrives.
  case drop
  /// One bit of a part of it is flipped.
  case corrupt(FramePart)
  /// It is sent so many more times.
  case duplicate(copies: Int)
  /// It is held for a time; with a jitter the time lies evenly spread around that.
  case delay(Duration, jitter: Duration)
  /// It is held until so many later frames have passed.
  case reorder(gap: Int)
  /// It is held until a line of this rate has carried it, and those before it that fit the rule.
  case bandwidth(FaultRate)
  /// It never arrives, all the time or in turns.
  case blackhole(Periods?)
  /// It never arrives, and the connection is broken in both directions.
  case reset
  /// The end of a direction is passed on only so much later.
  case slowClose(Duration)

  /// True if it is done to the end of a direction, not to frames.
  var isAboutEnd: Bool { if case .slowClose = self { true } else { false } }

  /// Two times that take turns.
  public struct Periods: Sendable, Hashable {
    /// For how long a rule acts, and for how long it then does not.
    public let on, off: Duration

    /// Makes turns of these times, at least a nanosecond each.
    init(on: Duration, off: Duration) {
      self.on = on
      self.off = off
    }

    /// True if a rule acts so long after its beginning.
    func isOn(after age: Duration) -> Bool {
      // Both are at most an hour, so nothing here overflows.
      age.nanoseconds % max(1, on.nanoseconds &+ off.nanoseconds) < on.nanoseconds
    }
  }
}

/// A part of a frame that can be corrupted.
public enum FramePart: UInt8, Sendable, Hashable, CaseIterable {
  /// The payload; of a frame without one, the checksum.
  case payload
  /// The checksum field.
  case checksum
  /// The type, the sequence and the flags.
  case header
  /// The length field: the only damage that can break framing.
  case length

  /// The word for it in a rule.
  public var name: String {
    switch self {
    case .payload: "payload"
    case .checksum: "checksum"
    case .header: "header"
    case .length: "length"
    }
  }
}

extension FaultAction: CustomStringConvertible {
  /// The action as a rule begins with it.
  public var description: String {
    switch self {
    case .drop: "drop"
    case .corrupt(let part): "corrupt " + part.name
    case .duplicate(1): "duplicate"
    case .duplicate(let copies): "duplicate \(copies)"
    case .delay(let time, .zero): "delay " + time.unitText
    case .delay(let time, let jitter):
      "delay " + time.unitText + " jitter " + jitter.unitText
    case .reorder(1): "reorder"
    case .reorder(let gap): "reorder gap \(gap)"
    case .bandwidth(let rate): "bandwidth \(rate)"
    case .blackhole(nil): "blackhole"
    case .blackhole(let periods?):
      "blackhole on " + periods.on.unitText + " off " + periods.off.unitText
    case .reset: "reset"
    case .slowClose(let time): "slow_close " + time.unitText
    }
  }
}
