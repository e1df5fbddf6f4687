internal import ChatWire

// The keys of all records but frames.

extension WrittenRecord {
  mutating func readTCP(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "event": event.tcpEvent = TraceEvent.TCPEvent(rawValue: try named(key, .tcpEvent, line))
    case "client": event.client = try cursor.text(key, line)
    case "server": event.server = try cursor.text(key, line)
    default: return false
    }
    return true
  }

  /// Of a gap or a run of junk.
  mutating func readHole(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "length":
      event.length = try cursor.number(key, line)
      present.insert(.length)
    case "offset": event.offset = try cursor.number(key, line)
    case "type_code" where event.kind == .junk:
      event.typeCode = try cursor.number(key, line)
      event.markLostFrame()
    case "sequence" where event.kind == .junk: event.sequence = try cursor.number(key, line)
    default: return false
    }
    return true
  }

  mutating func readFault(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "frame": event.frame = try cursor.number(key, line)
    case "rule": event.rule = try cursor.text(key, line)
    case "action": event.action = try cursor.text(key, line)
    default: return false
    }
    return true
  }

  mutating func readSession(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "state": event.state = SessionState(rawValue: try named(key, .state, line))
    case "mode": event.mode = try named(key, .mode, line) == 0 ? .goBackN : .selectiveRepeat
    case "window": event.window = try cursor.number(key, line) as UInt64
    case "fragment": event.fragmentSize = try cursor.number(key, line) as UInt64
    case "end": event.end = SessionEnd(rawValue: try named(key, .end, line))
    default: return false
    }
    return true
  }

  // MARK: the summary

  mutating func readSummary(_ key: String, _ line: RawSpan) throws(LineFault) -> Bool {
    switch key {
    case "packets": summary.packets = try cursor.number(key, line)
    case "other_streams": summary.otherStreams = try cursor.number(key, line)
    case "streams":
      summary.streams.removeAll()
      try cursor.open("[", #""streams""#, line)
      var isFirst = true
      while try cursor.element(line, isFirst: &isFirst) {
        summary.streams.append(try summaryStream(line))
      }
    default: return false
    }
    return true
  }

  private mutating func summaryStream(
    _ line: RawSpan
  ) throws(LineFault) -> TraceSummary.Stream {
    var stream = TraceSummary.Stream()
    try cursor.open("{", "a stream", line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "stream": stream.stream = try streamNumber(key, line)
      case "verdict":
        stream.verdict =
          TraceSummary.Verdict(rawValue: try named(key, .verdict, line)) ?? .complete
      case "c2s": stream.clientToServer = try ledger(line)
      case "s2c": stream.serverToClient = try ledger(line)
      default: try cursor.skipValue(line)
      }
    }
    return stream
  }

  private mutating func ledger(_ line: RawSpan) throws(LineFault) -> TraceSummary.Ledger {
    var ledger = TraceSummary.Ledger()
    try cursor.open("{", "a ledger", line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "bytes": ledger.bytes = try cursor.number(key, line)
      case "frame_bytes": ledger.frameBytes = try cursor.number(key, line)
      case "gap_bytes": ledger.gapBytes = try cursor.number(key, line)
      case "junk_bytes": ledger.junkBytes = try cursor.number(key, line)
      case "undecided_bytes": ledger.undecidedBytes = try cursor.number(key, line)
      default: try cursor.skipValue(line)
      }
    }
    return ledger
  }
}
