/// What is wrong with the options of a handshake frame (PROTOCOL.md 3.1).
public enum HandshakeError: Error, Sendable, Hashable {
  /// The version is not 1.
  case unsupportedVersion(UInt8)
  /// An option reaches beyond the payload, or its length byte is missing.
  case overrun(HandshakeOptionKind)
  /// A known kind has a length that it cannot have.
  case wrongLength(HandshakeOptionKind, length: Int)
  /// A known kind occurs twice.
  case duplicate(HandshakeOptionKind)
  /// A required kind is not there.
  case missing(HandshakeOptionKind)
  /// The mode is neither 1 nor 2.
  case unknownMode(UInt8)
  /// The window is 0 or above 16,384 frames.
  case illegalWindow(UInt16)
  /// The fragment size is 0.
  case emptyFragment

  /// The ERROR code that is due.
  public var code: ErrorCode {
    switch self {
    case .unsupportedVersion: .unsupportedVersion
    case .overrun, .wrongLength, .duplicate, .missing, .unknownMode, .illegalWindow,
      .emptyFragment:
      .badHandshake
    }
  }

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .unsupportedVersion(let version):
      "Version \(version) is not supported, only version 1 is."
    case .overrun(let kind):
      "Option \(kind.rawValue) (\(kind.label)) reaches beyond the end of the payload."
    case .wrongLength(let kind, let length):
      "Option \(kind.rawValue) (\(kind.label)) cannot have a length of \(length) bytes."
    case .duplicate(let kind):
      "Option \(kind.rawValue) (\(kind.label)) is there twice."
    case .missing(let kind):
      "The required option \(kind.rawValue) (\(kind.label)) is missing."
    case .unknownMode(let mode):
      "Mode \(mode) is neither 1 (Go-Back-N) nor 2 (Selective Repeat)."
    case .illegalWindow(let window):
      "A window of \(window) frames is outside 1 to 16384."
    case .emptyFragment:
      "A fragment size of 0 bytes cannot carry anything."
    }
  }
}
