import ChatWire

// Handshake payloads of scripts, legal unless told otherwise.

/// One option.
func option(_ kind: UInt8, _ value: [UInt8]) -> [UInt8] { [kind, UInt8(value.count)] + value }

/// A number as two bytes.
func big(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

func synOptions(
  version: UInt8 = 1, mode: ARQMode = .goBackN, window: UInt16 = 16, fragment: UInt16 = 1_024
) -> [UInt8] {
  option(1, [version]) + option(2, [mode.rawValue]) + option(3, big(window))
    + option(4, big(fragment))
}

func synAckOptions(
  mode: ARQMode = .goBackN, window: UInt16 = 16, fragment: UInt16 = 1_024,
  messageMax: UInt16 = 65_535, acknowledges: UInt16 = DrivenSession.clientSequence,
  session: [UInt8] = SessionLoop.grant.sessionID
) -> [UInt8] {
  synOptions(mode: mode, window: window, fragment: fragment)
    + option(5, [0, 0] + big(messageMax)) + option(6, big(acknowledges)) + option(7, session)
    + option(8, Array("ana".utf8))
}

func handshakeAck(session: [UInt8] = SessionLoop.grant.sessionID) -> [UInt8] {
  frame(.handshakeAck, DrivenSession.serverSequence, option(7, session))
}

/// An acknowledgement.
func ack(_ sequence: UInt16, next: UInt16, window: UInt16 = 16) -> [UInt8] {
  frame(.ack, sequence, big(next) + big(window))
}

/// A negative acknowledgement.
func nack(_ sequence: UInt16, next: UInt16? = nil, window: UInt16 = 16) -> [UInt8] {
  frame(.nack, sequence, big(next ?? sequence) + big(window))
}

/// A whole message in one frame.
func data(_ sequence: UInt16, _ text: String, isLast: Bool = true, again: Bool = false) -> [UInt8] {
  frame(.data, sequence, Array(text.utf8), flags: (isLast ? 1 : 0) | (again ? 2 : 0))
}

/// The frame with its last byte, or the checksum of an empty one, damaged.
func corrupted(_ frame: [UInt8]) -> [UInt8] {
  var frame = frame
  frame[frame.count > 11 ? frame.count - 1 : 9] ^= 0x01
  return frame
}
