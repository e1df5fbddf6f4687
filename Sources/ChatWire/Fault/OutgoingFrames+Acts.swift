// What is done to a frame on its way out.

extension OutgoingFrames {
  /// Takes a frame with what is done to it.
  mutating func take(_ frame: RawSpan, _ fate: Fate, at now: Instant) {
    if fate.acts.isEmpty {
      pass(frame, number: fate.number, copies: 1, isFrame: true, at: now)
      return
    }
    var copies = 1
    var gap = 0
    var flipped: [UInt8]?
    for act in fate.acts {
      switch act.change {
      case .drop, .reset: return
      case .duplicate(let more): copies &+= max(0, more)
      case .reorder(let frames): gap = max(gap, frames)
      case .delay, .bandwidth, .slowClose: break
      case .corrupt(_, let byte, let bit):
        var bytes = flipped ?? frame.copy(0..<frame.byteCount)
        if bytes.indices.contains(byte), 0..<8 ~= bit { bytes[byte] ^= 1 << UInt8(bit) }
        flipped = bytes
      }
    }
    let due = due(fate.acts, byteCount: frame.byteCount.saturatingTimes(copies), at: now)
    if let flipped {
      unsafe take(
        flipped.span.bytes, number: fate.number, copies: copies, due: due, gap: gap, at: now)
    } else {
      take(frame, number: fate.number, copies: copies, due: due, gap: gap, at: now)
    }
  }

  private mutating func take(
    _ frame: RawSpan, number: UInt64, copies: Int, due: Instant?, gap: Int, at now: Instant
  ) {
    if let due {
      hold(frame, number: number, copies: copies, due: due, gap: gap, at: now)
    } else if gap > 0 {
      hold(frame, number: number, copies: copies, due: now, gap: gap, at: now)
    } else {
      pass(frame, number: number, copies: copies, isFrame: true, at: now)
    }
  }

  /// When a frame may go, after all that holds it, one behind the other; nil if nothing does.
  private mutating func due(_ acts: [FaultAct], byteCount: Int, at now: Instant) -> Instant? {
    let now = max(now, latest)
    var due = now
    var isPaced = false
    for (index, act) in acts.enumerated() {
      switch act.change {
      case .delay(let time): due = due.advanced(by: time)
      case .bandwidth(let rate):
        isPaced = true
        let occurrence = acts[..<index].count { $0.rule == act.rule }
        due = lines.carry(
          byteCount, rule: act.rule, occurrence: occurrence, rate: rate, from: due)
      case .drop, .corrupt, .duplicate, .reorder, .reset, .slowClose: break
      }
    }
    if isPaced { pacedUntil = max(pacedUntil, due) }
    return due > now ? due : nil
  }
}

extension Int {
  fileprivate func saturatingTimes(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
