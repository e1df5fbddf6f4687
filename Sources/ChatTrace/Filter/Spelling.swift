import ChatWire

/// Help for names that are not known.
enum Spelling {
  /// The candidate with the fewest edits, the first of equals; nil if none is near.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    NearestName.find(name, among: candidates)
  }

  /// Text in double quotes for a sentence: escaped, and cut when long.
  static func quoted(_ text: String) -> String {
    "\"" + excerpt(text) + "\""
  }

  /// Text for a sentence: escaped, and cut when long.
  static func excerpt(_ text: String) -> String {
    let lengthMax = 40
    var bytes: [UInt8] = []
    var length = 0
    for scalar in text.unicodeScalars {
      guard length < lengthMax else {
        bytes.append(contentsOf: "…".utf8)
        break
      }
      length += 1
      if scalar.isUnsafeInOutput {
        bytes.append(escapeOf: scalar)
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
