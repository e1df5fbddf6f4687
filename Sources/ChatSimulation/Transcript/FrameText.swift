internal import ChatWire

/// A frame in a few words: `DATA 1001 "hel" more`, `ACK 1001 next 1002 window 4`.
enum FrameText {
  /// How many bytes of a text are shown.
  private static let textBytesMax = 32

  static func text(_ frame: RawSpan) -> String {
    guard let header = FrameHeader(.native, in: frame, at: 0) else {
      return "\(frame.byteCount) bytes"
    }
    let type = FrameType(rawValue: header.typeCode)
    let headerSize = Dialect.native.headerSize
    guard frame.byteCount == headerSize + Int(header.length) else {
      return "\(frame.byteCount) bytes that claim to be \(type.name) of \(header.length) bytes"
    }
    let payload = frame.extracting(headerSize..<frame.byteCount)
    var words = [type.name]
    switch type {
    case .ack, .nack:
      words.append("\(header.sequence)")
      if let answer = AcknowledgementPayload(decoding: payload) {
        words.append("next \(answer.nextExpected.rawValue) window \(answer.window)")
      }
    case .syn, .synAck, .handshakeAck: words.append("\(header.sequence)")
    case .ping, .pong: break
    case .error:
      if payload.byteCount > 0 {
        words.append("\(unsafe payload.unsafeLoad(fromByteOffset: 0, as: UInt8.self))")
        words.append(quoted(payload.extracting(1..<payload.byteCount)))
      }
    default:
      words.append("\(header.sequence)")
      if payload.byteCount > 0 { words.append(quoted(payload, type)) }
      if header.flags & FrameHeader.lastFlag == 0 { words.append("more") }
    }
    return words.joined(separator: " ")
  }

  /// A message as it is delivered.
  static func message(_ type: FrameType, _ bytes: [UInt8]) -> String {
    bytes.isEmpty ? type.name : unsafe "\(type.name) \(quoted(bytes.span.bytes, type))"
  }

  /// Where the text begins: a broadcast has the time and the name in front.
  private static func textOffset(in payload: RawSpan, _ type: FrameType) -> Int {
    guard type == .data, payload.byteCount > 8,
      unsafe payload.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0,
      let layout = Broadcast.Layout(payload)
    else { return 0 }
    return layout.text.lowerBound
  }

  private static func quoted(_ payload: RawSpan, _ type: FrameType) -> String {
    let offset = textOffset(in: payload, type)
    return quoted(payload.extracting(offset..<payload.byteCount))
  }

  /// A text in quotes; what is not printable is escaped, and of a long one the beginning is shown.
  static func quoted(_ bytes: RawSpan) -> String {
    let shown = bytes.extracting(first: textBytesMax)
    let text = unsafe shown.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\u{FFFD}":
        result += "."
      default: result.unicodeScalars.append(scalar)
      }
    }
    if bytes.byteCount > textBytesMax { return result + "...\" (\(bytes.byteCount) bytes)" }
    return result + "\""
  }
}
