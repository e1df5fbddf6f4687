/// Where the run of harmless bytes ends that begins at an index: printable ASCII but quote and
/// backslash.
///
/// Nearly all text is one such run, so eight bytes are looked at in one go.
func plainRunEnd(_ utf8: Span<UInt8>, from start: Int) -> Int {
  let bytes = unsafe utf8.bytes
  var index = start
  while index &+ 8 <= bytes.byteCount {
    let eight = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    if hasSpecialByte(eight) { break }
    index &+= 8
  }
  while index < utf8.count {
    let byte = utf8[index]
    guard byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C else { return index }
    index &+= 1
  }
  return index
}

/// Whether one of eight bytes is not harmless; each line sets the top bit of the bytes that it
/// finds.
private func hasSpecialByte(_ eight: UInt64) -> Bool {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let quotes = eight ^ (ones &* 0x22)
  let backslashes = eight ^ (ones &* 0x5C)
  let controls = (eight &- ones &* 0x20) & ~eight
  let beyond = eight | (eight &+ ones)
  let quoteHits = (quotes &- ones) & ~quotes
  let backslashHits = (backslashes &- ones) & ~backslashes
  return (controls | beyond | quoteHits | backslashHits) & (ones &* 0x80) != 0
}
