@testable import ChatTrace

// The oracle for TCP reassembly: the sender's stream as an array of cells, without any cleverness.

/// What is known of one byte.
enum Cell: Equatable {
  case unknown
  case byte(UInt8)
  /// Seen on the wire, but cut off by the snap length.
  case absent
}

/// One packet of a made-up capture of one direction.
enum Packet: Equatable {
  case syn(payload: [UInt8])
  case segment(at: Int, payload: [UInt8], missing: Int, isFIN: Bool)
  case acknowledgement(Int)
}

/// Reassembly with unlimited patience, as simple as can be.
struct ReassemblyModel {
  /// Cells of the sender's stream, some before its beginning included.
  private var cells = [Cell](repeating: .unknown, count: 400)
  private let margin = 10
  /// Packets seen before the beginning is known.
  private var opening: [Packet] = []
  private let openingSegments: Int
  /// The sender's offset that is offset 0; nil while unknown.
  private(set) var base: Int?
  private var next = 0
  private var fin: Int?
  private var known = 0
  /// What was given out: bytes, or nil for those in gaps.
  private(set) var output: [UInt8?] = []

  init(openingSegments: Int) {
    self.openingSegments = openingSegments
  }

  var nextOffset: UInt64 { UInt64(output.count) }
  var isFinished: Bool { base != nil && fin.map { next >= $0 } ?? false }

  mutating func take(_ packet: Packet) {
    if case .syn(let payload) = packet {
      if base == nil { begin(at: 0) }
      if base == 0 { take(.segment(at: 0, payload: payload, missing: 0, isFIN: false)) }
      return
    }
    guard base != nil else {
      hold(packet)
      return
    }
    switch packet {
    case .syn: break
    case .acknowledgement(let offset):
      if offset > next { known = max(known, offset) }
    case .segment(let offset, let payload, let missing, let isFIN):
      if payload.count + missing == 0, !isFIN, offset > next { known = max(known, offset) }
      fill(offset, payload, missing, isFIN)
      giveOut()
    }
  }

  private mutating func fill(_ offset: Int, _ payload: [UInt8], _ missing: Int, _ isFIN: Bool) {
    let end = offset + payload.count + missing
    if isFIN, fin == nil, end >= next {
      fin = end
      for index in end + margin..<cells.count { cells[index] = .unknown }
    }
    for index in 0..<payload.count + missing {
      let position = offset + index
      guard position >= next, position < fin ?? .max else { continue }
      switch cells[position + margin] {
      case .byte: break
      case .unknown, .absent:
        cells[position + margin] = index < payload.count ? .byte(payload[index]) : .absent
      }
    }
  }

  private mutating func giveOut() {
    while next < fin ?? .max {
      switch cells[next + margin] {
      case .unknown: return
      case .byte(let byte): output.append(byte)
      case .absent: output.append(nil)
      }
      next += 1
    }
  }

  private mutating func hold(_ packet: Packet) {
    if opening.isEmpty, !Self.isTelling(packet) { return }
    opening.append(packet)
    if opening.count >= openingSegments { beginAtLowest() }
  }

  /// True of a packet that shows where bytes lie.
  private static func isTelling(_ packet: Packet) -> Bool {
    if case .segment(_, let payload, let missing, let isFIN) = packet {
      return payload.count + missing > 0 || isFIN
    }
    return false
  }

  private mutating func beginAtLowest() {
    var offsets: [Int] = []
    var isFINSeen = false
    for case .segment(let offset, let payload, let missing, let isFIN) in opening {
      // Of bare FINs the first counts.
      if payload.count + missing > 0 || isFIN && !isFINSeen { offsets.append(offset) }
      isFINSeen = isFINSeen || isFIN
    }
    if let lowest = offsets.min() { begin(at: lowest) }
  }

  private mutating func begin(at offset: Int) {
    base = offset
    next = offset
    known = offset
    for case .segment(let offset, let payload, let missing, let isFIN) in opening {
      fill(offset, payload, missing, isFIN)
    }
    opening = []
    giveOut()
  }

  mutating func finish() {
    if base == nil { beginAtLowest() }
    guard base != nil else { return }
    var end = cells.lastIndex { $0 != .unknown }.map { $0 - margin + 1 } ?? next
    if let fin {
      end = fin
    } else if max(end, next) + 1 != known {
      end = max(end, known)
    }
    while next < end {
      if cells[next + margin] == .unknown { cells[next + margin] = .absent }
      giveOut()
    }
  }
}

/// A sink that keeps one value for each offset, and checks that none is left out.
struct FlatSink: ByteStreamSink {
  private(set) var output: [UInt8?] = []
  private(set) var isBroken = false
  private var isMorePromised = false

  mutating func bytes(_ bytes: RawSpan, at offset: UInt64, moreFollows: Bool) {
    if offset != UInt64(output.count) || bytes.isEmpty { isBroken = true }
    isMorePromised = moreFollows
    bytes.withUnsafeBytes { bytes in
      for byte in bytes { output.append(byte) }
    }
  }

  mutating func gap(offset: UInt64, length: UInt64) {
    if offset != UInt64(output.count) || length == 0 || isMorePromised { isBroken = true }
    guard length < 10_000 else {
      isBroken = true
      return
    }
    for _ in 0..<length { output.append(nil) }
  }

  mutating func remark(_ remark: TCPRemark) {
    if isMorePromised { isBroken = true }
  }

  /// True if bytes were promised that did not come.
  var owesBytes: Bool { isMorePromised }
}

extension HeldSegments {
  /// Derives again what is kept twice; nil if all is well.
  var brokenInvariant: String? {
    for (left, right) in zip(pieces, pieces.dropFirst()) where left.end > right.offset {
      return "pieces overlap or are out of order"
    }
    for (left, right) in zip(cuts, cuts.dropFirst()) where left.end >= right.offset {
      return "cuts touch or are out of order"
    }
    if pieces.contains(where: { $0.count == 0 }) || cuts.contains(where: { $0.offset >= $0.end }) {
      return "something is empty"
    }
    if byteCount != pieces.reduce(0, { $0 + Int($1.count) }) { return "byteCount is wrong" }
    if bytes.count > 3 * byteCount + 4096 + 1 << 16 { return "dead bytes pile up" }
    if pieces.contains(where: { $0.range.upperBound > bytes.count }) { return "bytes are missing" }
    if pieces.contains(where: { $0.time < oldest }) { return "oldest is too young" }
    return nil
  }
}

extension TCPReassembler {
  /// Derives again what is kept twice; nil if all is well.
  var brokenInvariant: String? {
    let isPlain = phase == .begun && !isWaiting && finOffset == Self.unknown
    if isPlain != (expected < Self.detour) { return "detour is wrong" }
    guard let held = store.first else { return nil }
    if phase == .begun {
      if held.isEmpty, !held.isSmall { return "a large store is kept" }
      if held.pieces.contains(where: { $0.offset <= nextOffset }) { return "pieces were left" }
    }
    return held.brokenInvariant
  }
}
