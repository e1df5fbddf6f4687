/// Which frame of which connection this is, told by what it says and not by when it came.
///
/// Decisions are drawn from it, so neither timing nor the way TCP cuts the stream can shift them:
/// in another run with the same seed the same frame has the same fate.
public struct FrameIdentity: Sendable, Hashable {
  /// Where a frame stands in its direction.
  public enum Place: Sendable, Hashable {
    /// A sequenced native frame: its sequence number counted from the ISN, without wrapping.
    case sequenced(Int64)
    /// A native control frame: its type, and its sequence field counted likewise.
    ///
    /// An ACK or NACK counts from the ISN of the data's direction; where the field is no sequence
    /// number (PING, ERROR, unknown types) or the ISN is not known, it is the field itself.
    case control(typeCode: UInt8, sequence: Int64)
    /// A classic frame: its type, and for DATA and what answers it the message and the fragment,
    /// both from 1; otherwise 0.
    case classic(typeCode: UInt8, message: UInt32, fragment: UInt32)
    /// No frame, but the end of the direction: its sender has closed it.
    case end
  }

  /// The number of the connection, as its owner counts.
  public var connection: Int
  /// Which way it travels.
  public var direction: Direction
  /// Where it stands.
  public var place: Place
  /// The how-manieth at its place, from 1: the attempt of a sequenced frame.
  public var attempt: UInt32
  /// Its checksum was wrong when it came, so its place is only what it claims.
  ///
  /// Damaged frames are counted by themselves.
  public var isDamaged: Bool

  /// Makes an identity from its parts.
  public init(
    connection: Int, direction: Direction, place: Place, attempt: UInt32, isDamaged: Bool = false
  ) {
    self.connection = connection
    self.direction = direction
    self.place = place
    self.attempt = attempt
    self.isDamaged = isDamaged
  }
}

/// A frame with its identity and its numbers.
public struct IdentifiedFrame: Sendable, Hashable {
  /// Which frame it is.
  public var identity: FrameIdentity
  /// The message it belongs to, from 1 per direction; nil if it has none or it is not known.
  public var message: UInt32?
  /// Which fragment of the message it is, from 1; nil if it has none or it is not known.
  public var fragment: UInt32?
}

extension FrameIdentity: CustomStringConvertible {
  /// The identity in words.
  public var description: String {
    let what =
      switch place {
      case .sequenced(let sequence): "sequence \(sequence)"
      case .control(let type, let sequence): "\(FrameTypeName(type, .native).name) \(sequence)"
      case .classic(let type, 0, 0): FrameTypeName(type, .classic).name
      case .classic(let type, let message, let fragment):
        "\(FrameTypeName(type, .classic).name) message \(message) fragment \(fragment)"
      case .end: "the end"
      }
    let isEnd = place == .end
    return "connection \(connection) \(direction.name) \(what)"
      + (isEnd ? "" : " attempt \(attempt)")
      + (isDamaged ? " (damaged)" : "")
  }
}
