internal import ChatWire

/// What a handshake has settled, as far as the wire shows it.
struct Agreement: Sendable {
  var mode: ARQMode
  var windowSize: Int
  var fragmentSizeMax: Int
}
