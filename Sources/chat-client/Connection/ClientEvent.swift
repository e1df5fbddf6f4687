internal import ChatWire

/// What the thread of the connection tells whoever shows it, in the order in which it happened.
enum ClientEvent: Sendable, Equatable {
  /// A connection is being made; attempt 1 is the first since the last session.
  case connecting(host: String, port: UInt16, attempt: Int)
  /// The handshake is complete.
  case established(ClientSessionInfo)
  /// Somebody has said something.
  case message(ChatLine)
  /// The server says that something has happened, or that something is refused (PROTOCOL.md 6.4).
  case notice(Notice)
  /// Who is here.
  case roster([RosterLine])
  /// Everything that was said up to this message (1, 2, ... as `say` numbers them) has been
  /// acknowledged.
  case delivered(upTo: UInt64)
  /// A message was not sent and will not be, because of this.
  case undeliverable(message: UInt64, reason: String)
  /// A fault, or the repair of one, in words.
  case explanation(String)
  /// Something worth knowing that is no error.
  case information(String)
  /// The connection is gone; a new one will be made after this time.
  case disconnected(reason: String, retryAfter: Duration, unacknowledgedCount: Int)
  /// It is over, and stays so; nothing follows.
  case ended(ClientEnd)
}

/// What a handshake has settled, in either dialect.
struct ClientSessionInfo: Sendable, Equatable {
  var dialect: Dialect
  var mode: ARQMode
  /// What was asked for, where the server gave another mode.
  var requestedMode: ARQMode
  /// In frames.
  var windowSize: Int
  /// In bytes; classic: characters.
  var fragmentSizeMax: Int
  /// Empty if none is known.
  var nickname: String
  /// What the server calls itself; empty if it does not say.
  var serverName: String
  /// In hexadecimal digits.
  var sessionID: String
  /// This is not the first session of the connection: an earlier one broke.
  var isReconnection: Bool
  /// Messages that the session before has not confirmed and that are sent again.
  var resentCount: Int
}

/// Something that was said.
struct ChatLine: Sendable, Equatable {
  /// Nil if the server did not say who.
  var from: String?
  var text: String
  /// Milliseconds since 1970 UTC, by the server's clock; classic: when it arrived.
  var sentAtMilliseconds: UInt64
}

/// Somebody who is here; classic servers tell names only.
struct RosterLine: Sendable, Equatable {
  var nickname: String
  var mode: ARQMode?
  var windowSize: Int?
  var fragmentSizeMax: Int?
  var connectedSeconds: Int?
  var isSelf = false
  var isClassic = false
}

/// How it ended for good.
enum ClientEnd: Sendable, Equatable {
  /// As wished: everything that was said has been acknowledged.
  case done
  /// The peer failed, refused or fell silent; the sentence says which, and what was not delivered.
  case failed(String)
}
