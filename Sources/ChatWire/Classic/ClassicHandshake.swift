/// The parameters that the classic handshake settles, as one side states them.
///
/// A key may be missing or have a value that no session can use; then the reading is nil and `json`
/// still has what was sent.
public struct ClassicParameters: Sendable, Hashable {
  /// All that was sent: an object.
  public var json: JSONValue
  /// The mode: `gbn` or `sr`.
  public var arqMode: ARQMode?
  /// Frames in flight, from 1 to 16,384; the original programs never have more than one.
  public var window: Int?
  /// Characters in a fragment, rounded down and clamped to 1 through 65,535.
  public var fragmentCharacters: Int?

  /// The most characters that a fragment is taken to have.
  public static let fragmentCharactersMax = 65_535

  init(_ json: JSONValue) throws(ClassicPayloadError) {
    self.json = json
    switch json["protocol"] {
    case .string("gbn"): arqMode = .goBackN
    case .string("sr"): arqMode = .selectiveRepeat
    default: arqMode = nil
    }
    if case .number(let number)? = json["window_size"], let count = number.integer,
      1...Int(HandshakeOptions.windowMax) ~= count
    {
      window = count
    }
    if let size = json["max_fragment_size"] {
      fragmentCharacters = try Self.fragmentCharacters(size)
    }
  }

  /// Python compares the size with its own: numbers and booleans can be compared, the rest raises.
  private static func fragmentCharacters(
    _ value: JSONValue
  ) throws(ClassicPayloadError) -> Int {
    let size: Double
    switch value {
    case .number(let number): size = number.value
    case .bool(let isOne): size = isOne ? 1 : 0
    case .null, .string, .array, .object: throw .wrongType(key: "max_fragment_size")
    }
    // `min(limit, NaN)` is the limit in Python.
    if size.isNaN || size >= Double(fragmentCharactersMax) { return fragmentCharactersMax }
    return size < 1 ? 1 : Int(size)
  }

  static func members(
    mode: ARQMode, fragmentCharacters: Int, window: Int
  ) -> [JSONMember] {
    [
      JSONMember("protocol", .string(mode.name)),
      JSONMember("max_fragment_size", .number(JSONNumber(fragmentCharacters))),
      JSONMember("window_size", .number(JSONNumber(window))),
    ]
  }
}

/// The payload of a classic SYN: what the client asks for.
public struct ClassicSYN: Sendable, Hashable {
  /// What it asks for.
  public var parameters: ClassicParameters

  /// Reads a payload; where this throws, the original server closes the connection.
  public init(decoding bytes: RawSpan) throws(ClassicPayloadError) {
    parameters = try ClassicParameters(try JSONValue.object(decoding: bytes))
  }

  /// Appends a payload, in the spelling of the original client.
  public static func encode(
    mode: ARQMode, fragmentCharacters: Int, window: Int, into output: inout [UInt8]
  ) {
    JSONValue.object(
      ClassicParameters.members(mode: mode, fragmentCharacters: fragmentCharacters, window: window)
    ).encode(into: &output)
  }
}

/// The payload of the classic ACK that answers a SYN: what is in force.
public struct ClassicSYNACK: Sendable, Hashable {
  /// What is in force.
  public var parameters: ClassicParameters
  /// `ok`, or the session is refused.
  public var status: String?
  /// The name of the session; the original programs never check it.
  public var sessionID: String?
  /// A sentence for people.
  public var message: String?

  /// True if the session is accepted.
  public var isAccepted: Bool { status == "ok" }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(ClassicPayloadError) {
    let json = try JSONValue.object(decoding: bytes)
    parameters = try ClassicParameters(json)
    status = json["status"]?.stringValue
    sessionID = json["session_id"]?.stringValue
    message = json["message"]?.stringValue
  }

  /// Appends a payload that accepts, in the spelling of the original server.
  public static func encode(
    mode: ARQMode, fragmentCharacters: Int, window: Int, sessionID: String,
    into output: inout [UInt8]
  ) {
    JSONValue.object(
      [JSONMember("status", .string("ok"))]
        + ClassicParameters.members(
          mode: mode, fragmentCharacters: fragmentCharacters, window: window)
        + [
          JSONMember("session_id", .string(sessionID)),
          JSONMember("message", .string("SYN-ACK: Parameters accepted")),
        ]
    ).encode(into: &output)
  }
}

/// The payload of a classic HANDSHAKE_ACK: any JSON at all.
public struct ClassicHandshakeAck: Sendable, Hashable {
  /// What was sent.
  public var json: JSONValue
  /// The name of the session, if it is there.
  public var sessionID: String? { json["session_id"]?.stringValue }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(ClassicPayloadError) {
    do throws(JSONError) {
      json = try JSONValue(decoding: bytes)
    } catch {
      throw .json(error)
    }
  }

  /// Appends a payload, in the spelling of the original client.
  public static func encode(sessionID: String?, into output: inout [UInt8]) {
    JSONValue.object([
      JSONMember("session_id", sessionID.map { .string($0) } ?? .null),
      JSONMember("message", .string("Connection established")),
    ]).encode(into: &output)
  }
}
