// The nickname closest to what somebody asked for who cannot be told why it was refused: classic
// clients have no notices (PROTOCOL.md 9.2).

extension Nickname {
  /// What a text becomes without what no nickname may have; nil if nothing is left.
  static func nearest(to text: String) -> Nickname? {
    var result = ""
    var scalarCount = 0
    var byteCount = 0
    for scalar in text.unicodeScalars {
      switch Role(scalar) {
      case .illegal: continue
      case .inside: if scalarCount == 0 { continue }
      case .anywhere: break
      }
      let size = UTF8.width(scalar)
      guard scalarCount < scalarCountMax, byteCount + size <= byteCountMax else { break }
      result.unicodeScalars.append(scalar)
      scalarCount += 1
      byteCount += size
    }
    return result.isEmpty ? nil : Nickname(unchecked: result)
  }

  /// The nickname with a number behind it, shortened as much as that needs.
  func numbered(_ number: Int) -> Nickname {
    let digits = String(number)
    let digitCount = digits.utf8.count
    var result = ""
    var scalarCount = digitCount
    var byteCount = digitCount
    for scalar in value.unicodeScalars {
      scalarCount += 1
      byteCount += UTF8.width(scalar)
      if scalarCount > Self.scalarCountMax || byteCount > Self.byteCountMax { break }
      result.unicodeScalars.append(scalar)
    }
    return Nickname(unchecked: result + digits)
  }
}
