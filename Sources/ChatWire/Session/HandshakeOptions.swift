/// The options of a handshake frame (PROTOCOL.md 3.1).
///
/// There are two ways to read them. `decode` is for a peer: legal options or a typed error. `scan`
/// is for an observer: what can be made out of any bytes, and the first thing that is wrong with
/// them.
///
/// An option that the table does not list for the frame is checked for its length and for being
/// there twice, and otherwise skipped like an unknown kind.
public struct HandshakeOptions: Sendable, Hashable {
  /// The protocol version.
  public var version: UInt8?
  /// The mode byte; see `arqMode`.
  public var mode: UInt8?
  /// Frames that may be in flight.
  public var window: UInt16?
  /// Bytes in a fragment.
  public var fragment: UInt16?
  /// Bytes in the largest message that the server accepts.
  public var maxMessage: UInt32?
  /// The client's initial sequence number.
  public var acknowledges: UInt16?
  /// The eight bytes that name the session.
  public var session: [UInt8]?
  /// The nickname wanted or given, as sent: whether it is legal is settled by section 6.2.
  public var nickname: [UInt8]?
  /// The name of the program, as sent.
  public var name: [UInt8]?

  /// The largest window that may be negotiated, in frames.
  public static let windowMax: UInt16 = 16_384

  /// No options.
  public init() {}

  /// The mode, if there is one and it is known.
  public var arqMode: ARQMode? { mode.flatMap { ARQMode(rawValue: $0) } }

  /// The nickname as text; nil if there is none or it is not UTF-8.
  public var nicknameText: String? { nickname.flatMap { String(validating: $0, as: UTF8.self) } }

  /// The name of the program as text; nil if there is none or it is not UTF-8.
  public var nameText: String? { name.flatMap { String(validating: $0, as: UTF8.self) } }

  // MARK: reading

  /// Reads legal options.
  ///
  /// - Throws: what is wrong with them, and by that which ERROR is due.
  public static func decode(
    _ bytes: RawSpan, for frame: HandshakeFrame
  ) throws(HandshakeError) -> HandshakeOptions {
    let (options, error) = scan(bytes, for: frame)
    if let error { throw error }
    return options
  }

  /// Reads what there is, and says what is wrong first; a version other than 1 comes before
  /// anything else, for it may change the rest.
  public static func scan(
    _ bytes: RawSpan, for frame: HandshakeFrame
  ) -> (options: HandshakeOptions, error: HandshakeError?) {
    var options = HandshakeOptions()
    var error: HandshakeError?
    var seen: UInt16 = 0
    var cursor = HandshakeOptionCursor()
    reading: while true {
      switch cursor.next(bytes) {
      case .end: break reading
      case .overrun(let kind):
        error = error ?? .overrun(kind)
        break reading
      case .option(let kind, let range):
        guard kind.isKnown else { continue }
        if !kind.lengths.contains(range.count) {
          error = error ?? .wrongLength(kind, length: range.count)
        } else if seen >> UInt16(kind.rawValue) & 1 == 1 {
          error = error ?? .duplicate(kind)
        } else {
          seen |= 1 << UInt16(kind.rawValue)
          if kind.isDefined(in: frame) { options.set(kind, from: bytes, at: range) }
        }
      }
    }
    if let version = options.version, version != 1 {
      return (options, .unsupportedVersion(version))
    }
    return (options, error ?? options.illegalValue() ?? options.missing(in: frame))
  }

  /// Takes a value whose length is right.
  private mutating func set(_ kind: HandshakeOptionKind, from bytes: RawSpan, at range: Range<Int>)
  {
    var number: UInt64 = 0
    if range.count <= 4 {
      for offset in range { number = number << 8 | UInt64(bytes.byte(offset)) }
    }
    switch kind {
    case .version: version = UInt8(truncatingIfNeeded: number)
    case .mode: mode = UInt8(truncatingIfNeeded: number)
    case .window: window = UInt16(truncatingIfNeeded: number)
    case .fragment: fragment = UInt16(truncatingIfNeeded: number)
    case .maxMessage: maxMessage = UInt32(truncatingIfNeeded: number)
    case .acknowledges: acknowledges = UInt16(truncatingIfNeeded: number)
    case .session: session = bytes.copy(range)
    case .nickname: nickname = bytes.copy(range)
    case .name: name = bytes.copy(range)
    default: break
    }
  }

  private func illegalValue() -> HandshakeError? {
    if let mode, ARQMode(rawValue: mode) == nil { return .unknownMode(mode) }
    if let window, window == 0 || window > Self.windowMax { return .illegalWindow(window) }
    if fragment == 0 { return .emptyFragment }
    return nil
  }

  private func missing(in frame: HandshakeFrame) -> HandshakeError? {
    for kind in HandshakeOptionKind.known where kind.isRequired(in: frame) && !has(kind) {
      return .missing(kind)
    }
    return nil
  }

  private func has(_ kind: HandshakeOptionKind) -> Bool {
    switch kind {
    case .version: version != nil
    case .mode: mode != nil
    case .window: window != nil
    case .fragment: fragment != nil
    case .maxMessage: maxMessage != nil
    case .acknowledges: acknowledges != nil
    case .session: session != nil
    case .nickname: nickname != nil
    case .name: name != nil
    default: false
    }
  }

  // MARK: writing

  /// Appends the options that belong in a frame, in order of kind.
  ///
  /// - Throws: what a receiver would say, before anything is appended.
  public func encode(
    for frame: HandshakeFrame, into output: inout [UInt8]
  ) throws(HandshakeError) {
    if let version, version != 1 { throw .unsupportedVersion(version) }
    if let error = illegalValue() ?? missing(in: frame) { throw error }
    var encoded: [UInt8] = []
    for kind in HandshakeOptionKind.known where kind.isDefined(in: frame) && has(kind) {
      let value = value(of: kind)
      guard kind.lengths.contains(value.count) else {
        throw .wrongLength(kind, length: value.count)
      }
      encoded.append(kind.rawValue)
      encoded.append(UInt8(truncatingIfNeeded: value.count))
      encoded += value
    }
    output += encoded
  }

  private func value(of kind: HandshakeOptionKind) -> [UInt8] {
    var value: [UInt8] = []
    switch kind {
    case .version: value.appendInteger(version ?? 0)
    case .mode: value.appendInteger(mode ?? 0)
    case .window: value.appendInteger(window ?? 0)
    case .fragment: value.appendInteger(fragment ?? 0)
    case .maxMessage: value.appendInteger(maxMessage ?? 0)
    case .acknowledges: value.appendInteger(acknowledges ?? 0)
    case .session: value = session ?? []
    case .nickname: value = nickname ?? []
    case .name: value = name ?? []
    default: break
    }
    return value
  }
}
