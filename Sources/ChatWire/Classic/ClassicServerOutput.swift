/// What a `ClassicServerSession` has to say next.
public enum ClassicServerOutput: Sendable, Hashable {
  /// One whole frame was appended to the buffer: write it, with one call.
  case transmit
  /// The client asks for a session with these parameters: `accept` or `refuse`.
  case opening(ClassicParameterSet)
  /// The handshake is complete: from now on the member gets broadcasts.
  case established
  /// The client has said something: UTF-8, acknowledged already.
  case text([UInt8])
  /// What the client has said goes to nobody.
  case discarded(ClassicDiscard)
  /// The client wants this nickname, or with an empty text none: `giveNickname`.
  case nicknameWanted(String)
  /// The client asks who is here: `list`.
  case namesWanted
  /// The client has changed how its frames are mistreated.
  case channelConfigured(ClassicChannelConfig)
  /// Nothing more until bytes arrive, a command is given, or this moment has come.
  case wait(until: Instant)
  /// The session is over: close the connection. Every further call says the same.
  case ended(ClassicServerEnd)
}

/// What the classic handshake has settled.
public struct ClassicParameterSet: Sendable, Hashable {
  /// The mode; the original programs go by it in name only.
  public var mode: ARQMode
  /// Frames in flight; the original programs never have more than one.
  public var window: Int
  /// Characters in a fragment.
  public var fragmentCharacters: Int

  /// Makes a set; what the original programs begin with unless told otherwise.
  public init(mode: ARQMode = .goBackN, window: Int = 4, fragmentCharacters: Int = 3) {
    self.mode = mode
    self.window = window
    self.fragmentCharacters = fragmentCharacters
  }
}

/// How a server deals with classic clients.
public struct ClassicServerConfiguration: Sendable, Hashable {
  /// What holds where the client asks for nothing legal; the fragment size is also the largest.
  public var parameters = ClassicParameterSet(fragmentCharacters: 65_535)
  /// The most bytes of a message, and of a frame after the handshake.
  public var messageByteCountMax = MessageAssembler.defaultByteCountMax
  /// How long a handshake may take.
  public var handshakeLimit = Duration.seconds(10)
  /// The least time between two writes: original clients lose frames that arrive together.
  public var writeGap = Duration.milliseconds(2)

  /// The longest payload of a frame before the handshake is complete.
  public static let handshakePayloadMax = 4_096
  /// How many NACKs a client may cause without a good DATA between; the last one closes.
  public static let nackCountMax = 6

  /// The values of PROTOCOL.md.
  public init() {}

  /// What is in force with a client that asks for this.
  func parameters(for asked: ClassicParameters) -> ClassicParameterSet {
    // A fragment of four-byte characters must still be a legal frame.
    let fragmentMax = min(parameters.fragmentCharacters, messageByteCountMax / 4)
    return ClassicParameterSet(
      mode: asked.arqMode ?? parameters.mode,
      window: asked.window ?? parameters.window,
      fragmentCharacters: max(1, min(asked.fragmentCharacters ?? fragmentMax, fragmentMax)))
  }
}

/// Why a classic session with a client is over.
public enum ClassicServerEnd: Error, Sendable, Hashable {
  /// The client has said goodbye.
  case disconnected
  /// The client has closed the connection.
  case closedByClient
  /// The handshake took too long.
  case handshakeTimeout
  /// The SYN or HANDSHAKE_ACK cannot be used.
  case badHandshake(ClassicPayloadError)
  /// The handshake needs a frame of another type.
  case unexpectedType(ClassicType)
  /// A frame of the handshake is damaged.
  case damagedHandshake
  /// A frame claims more payload than is taken.
  case frameTooLong(byteCount: Int, limit: Int)
  /// The sixth NACK in a row was sent.
  case tooManyNacks
  /// The channel simulation was to damage a frame without payload, where the original server fails.
  case emptyFrameDamaged
  /// No frame was found in more than 1 MiB.
  case framingLost
  /// The server has refused the session.
  case refused
  /// The server has closed the session.
  case closed

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .disconnected: "The client has said goodbye."
    case .closedByClient: "The client has closed the connection."
    case .handshakeTimeout: "The handshake took too long."
    case .badHandshake(let error): "The handshake cannot be used. " + error.sentence
    case .unexpectedType(let type):
      "The handshake cannot go on with a frame of type " + String(type.rawValue) + "."
    case .damagedHandshake: "A frame of the handshake has a bad checksum."
    case .frameTooLong(let byteCount, let limit):
      "A frame claims " + String(byteCount) + " bytes of payload, more than " + String(limit) + "."
    case .tooManyNacks: "The client sent six bad frames without a good one between."
    case .emptyFrameDamaged: "The channel simulation had no byte to damage."
    case .framingLost: "No frame was found in more than 1 MiB."
    case .refused: "The server has refused the session."
    case .closed: "The server has closed the session."
    }
  }
}
