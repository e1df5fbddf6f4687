internal import ChatWire

// The names that renderers write. Each is a literal of its own, so that writing one is a store or
// two.

extension LineWriter {
  /// Writes the name of a frame's type in its dialect, or `UNKNOWN`.
  @inline(__always)
  mutating func put(typeOf dialect: Dialect, _ code: UInt8) {
    switch dialect {
    case .native: put(nativeType: code)
    case .classic: put(classicType: code)
    }
  }

  @inline(__always)
  private mutating func put(nativeType code: UInt8) {
    switch code {
    case 0x01: put("SYN")
    case 0x02: put("ACK")
    case 0x03: put("HANDSHAKE_ACK")
    case 0x04: put("DATA")
    case 0x05: put("NACK")
    case 0x06: put("FIN")
    case 0x07: put("NICK")
    case 0x08: put("WHO")
    case 0x09: put("ROSTER")
    case 0x0A: put("SYN_ACK")
    case 0x0B: put("PING")
    case 0x0C: put("PONG")
    case 0x0D: put("NOTICE")
    case 0x0E: put("ERROR")
    default: put("UNKNOWN")
    }
  }

  @inline(__always)
  private mutating func put(classicType code: UInt8) {
    switch code {
    case 1: put("SYN")
    case 2: put("ACK")
    case 3: put("HANDSHAKE_ACK")
    case 4: put("DATA")
    case 5: put("NACK")
    case 6: put("DISCONNECT")
    case 7: put("SET_NICK")
    case 8: put("LIST_REQUEST")
    case 9: put("LIST_RESPONSE")
    case 99: put("CHANNEL_CONFIG")
    default: put("UNKNOWN")
    }
  }

  /// `wire`, `client` or `server`.
  @inline(__always)
  mutating func put(leg: TraceEvent.Leg) {
    switch leg {
    case .wire: put("wire")
    case .client: put("client")
    case .server: put("server")
    }
  }

  /// `native` or `classic`.
  @inline(__always)
  mutating func put(dialect: Dialect) {
    switch dialect {
    case .native: put("native")
    case .classic: put("classic")
    }
  }

  /// `good`, `bad` or `unverified`.
  @inline(__always)
  mutating func put(checksum verdict: TraceEvent.ChecksumVerdict) {
    switch verdict {
    case .good: put("good")
    case .bad: put("bad")
    case .unverified: put("unverified")
    }
  }

  /// What became of a frame: `seen`, `forwarded`, ...
  @inline(__always)
  mutating func put(disposition: TraceEvent.Disposition) {
    switch disposition {
    case .seen: put("seen")
    case .forwarded: put("forwarded")
    case .dropped: put("dropped")
    case .corrupted: put("corrupted")
    case .delayed: put("delayed")
    case .duplicated: put("duplicated")
    case .reordered: put("reordered")
    }
  }

  /// `open`, `close` or `reset`.
  @inline(__always)
  mutating func put(tcpEvent event: TraceEvent.TCPEvent) {
    switch event {
    case .open: put("open")
    case .close: put("close")
    case .reset: put("reset")
    }
  }
}
