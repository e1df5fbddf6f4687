// Any bytes, in any pieces, are cut into frames without a trap, and no byte is lost or told twice.
//
// The input: a byte of options (see `Setting`), a byte for the limit, how many steps follow, the
// steps (see `Step`), and then the stream. The steps are repeated until the stream is used up.

import ChatWire

/// Keeps the optimiser from removing the work.
nonisolated(unsafe) public var sink: UInt64 = 0

/// What kind of decoder the input asks for.
private struct Setting {
  let dialect: Dialect
  let isObserver: Bool
  let isAligned: Bool
  let limit: Int
  let discardLimit: Int?
  let offset: UInt64

  init(_ options: UInt8, limit: UInt8) {
    dialect = options & 1 == 0 ? .native : .classic
    isObserver = options & 2 == 0
    isAligned = options & 4 == 0
    offset = options & 8 == 0 ? 0 : UInt64(UInt32.max) - 100
    // A megabyte of junk is more than the fuzzer tries: the limits are lower here.
    discardLimit = isObserver ? nil : options & 16 == 0 ? FrameLimits.discardMax : 256
    // No receiver has a lower limit than that of control frames.
    self.limit =
      limit == 0
      ? FrameLimits.payloadMax(dialect) : FrameLimits.controlPayloadMax + (Int(limit) - 1) * 16
  }
}

/// What happens to the decoder next.
private enum Step {
  case next(Int)
  case append(Int)
  case gap(UInt64)
  case settle

  init(_ code: UInt8) {
    let count = Int(code >> 3)
    switch code & 7 {
    case 0: self = .next(count + 1)
    case 1: self = .next(count * 8 + 1)
    case 2: self = .next(count * 64 + 1)
    case 3: self = .next(Int.max)
    case 4: self = .append(count + 1)
    case 5: self = .append(count * 16 + 1)
    case 6: self = .gap(count < 28 ? UInt64(count * count + 1) : 1 << UInt64(count))
    default: self = .settle
    }
  }
}

/// A decoder, and beside it what was given to it.
private struct Run {
  let setting: Setting
  let checksum = CRC32()
  var decoder: FrameDecoder
  /// The bytes given so far, without gaps.
  var bytes: [UInt8] = []
  /// Where in `bytes` the byte lies that stands at an offset of the stream: one entry for the
  /// beginning and one for each gap.
  var pieces: [(offset: UInt64, index: Int)]
  /// The end of what units have covered.
  var covered: UInt64
  /// The end of what was given, gaps included.
  var end: UInt64
  /// The index in `pieces` of the one that `covered` is in.
  var piece = 0
  var largestChunk = 0
  var isFailed = false

  init(_ setting: Setting) {
    self.setting = setting
    decoder = FrameDecoder(
      setting.dialect, limit: setting.limit, discardLimit: setting.discardLimit,
      isAligned: setting.isAligned, at: setting.offset)
    pieces = [(setting.offset, 0)]
    covered = setting.offset
    end = setting.offset
  }

  mutating func append(_ chunk: ArraySlice<UInt8>) {
    decoder.append(chunk.span.bytes)
    given(chunk)
  }

  mutating func next(_ chunk: ArraySlice<UInt8>) {
    given(chunk)
    var position = 0
    while let unit = decoder.next(in: chunk.span.bytes, position: &position, checksum: checksum) {
      take(unit, in: chunk)
    }
    guard position == chunk.count else { fatalError("\(chunk.count - position) bytes are left") }
    // What waits is less than the longest frame with the header behind it.
    let header = setting.dialect.headerSize
    let pendingMax = min(setting.limit, FrameLimits.scanBufferMax) + 2 * header
    guard decoder.pendingByteCount <= pendingMax || setting.limit > FrameLimits.scanBufferMax,
      decoder.buffer.count <= 2 * pendingMax + 4_096 + largestChunk
    else { fatalError("the buffer grows: \(decoder.pendingByteCount) of \(decoder.buffer.count)") }
  }

  mutating func settle() {
    let unit = decoder.settle(checksum: checksum)
    if let unit { take(unit, in: []) }
    guard !decoder.isDeferring else { fatalError("the verdict is still put off") }
    next([])
  }

  mutating func gap(_ length: UInt64) {
    next([])
    settle()
    if let unit = decoder.gap(length, checksum: checksum) { take(unit, in: []) }
    guard isFailed || covered == end else { fatalError("\(end - covered) bytes before a gap") }
    end += length
    covered = end
    pieces.append((end, bytes.count))
    piece = pieces.count - 1
  }

  mutating func finish() {
    next([])
    if setting.isObserver {
      settle()
      var count = 0
      while let unit = decoder.finish(checksum: checksum) {
        take(unit, in: [])
        count += 1
        guard count <= bytes.count + 8 else { fatalError("finish does not end") }
      }
      guard covered == end, decoder.pendingByteCount == 0 else {
        fatalError("\(end - covered) bytes at the end")
      }
    }
    guard decoder.offset + UInt64(decoder.pendingByteCount) == end,
      covered <= decoder.offset
    else { fatalError("at \(decoder.offset), \(decoder.pendingByteCount) pending of \(end)") }
  }

  private mutating func given(_ chunk: ArraySlice<UInt8>) {
    bytes += chunk
    end += UInt64(chunk.count)
    largestChunk = max(largestChunk, chunk.count)
  }

  /// Checks a unit against the bytes that it is about.
  private mutating func take(_ unit: DecodedUnit, in chunk: ArraySlice<UInt8>) {
    guard unit.kind != .overflow else {
      guard !setting.isObserver, unit.byteCount == 0 else { fatalError("overflow: \(unit)") }
      isFailed = true
      return
    }
    guard !isFailed, unit.offset == covered, unit.byteCount > 0,
      UInt64(unit.byteCount) <= end - covered
    else { fatalError("\(unit) where \(covered) to \(end) is due") }
    covered += UInt64(unit.byteCount)
    let payload: ArraySlice<UInt8>
    let range = unit.payloadOffset..<(unit.payloadOffset + unit.payloadCount)
    if unit.isBuffered {
      guard unit.payloadCount == 0 || range.upperBound <= decoder.buffer.count else {
        fatalError("\(unit) outside a buffer of \(decoder.buffer.count)")
      }
      payload = unit.payloadCount == 0 ? [] : decoder.buffer[range]
    } else {
      guard range.upperBound <= chunk.count else { fatalError("\(unit) outside its chunk") }
      payload = chunk[(chunk.startIndex + range.lowerBound)..<(chunk.startIndex + range.upperBound)]
    }
    let first = pieces[piece].index + Int(unit.offset - pieces[piece].offset)
    let all = bytes[first..<(first + unit.byteCount)]
    check(unit, all, payload)
    sink &+= UInt64(unit.kind.rawValue) &+ UInt64(payload.count)
  }

  /// Checks that a unit is what its kind says.
  private func check(_ unit: DecodedUnit, _ all: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) {
    let size = setting.dialect.headerSize
    let header = FrameHeader(setting.dialect, in: all.span.bytes, at: 0)
    let isRight: Bool
    switch unit.kind {
    case .frame, .corrupt:
      isRight =
        header == unit.header && payload.count == Int(unit.header.length)
        && payload.count <= setting.limit && all.count == size + payload.count
        && payload == all.dropFirst(size) && isValid(unit, payload) == (unit.kind == .frame)
    case .unverified:
      isRight =
        setting.isObserver && header == unit.header && payload == all.dropFirst(size)
        && payload.count < Int(unit.header.length)
    case .lost: isRight = header == nil || header == unit.header
    case .skipped: isRight = setting.isObserver || !setting.isAligned
    case .rest, .undecided: isRight = setting.isObserver && payload == all
    case .overflow: isRight = false
    }
    guard isRight else { fatalError("\(unit) is not \(Array(all)) with \(Array(payload))") }
  }

  private func isValid(_ unit: DecodedUnit, _ payload: ArraySlice<UInt8>) -> Bool {
    switch setting.dialect {
    case .native:
      checksum.frameChecksum(header: unit.header, payload: payload.span.bytes)
        == unit.header.checksum
    case .classic: classicChecksum(of: payload.span.bytes) == unit.header.checksum
    }
  }
}

/// Decodes one input as a stream, and then reads it as payloads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: size))
  guard input.count >= 3 else { return 0 }
  let setting = Setting(input[0], limit: input[1])
  let stepsEnd = min(input.count, 3 + Int(input[2] & 31))
  let steps = input[3..<stepsEnd].map(Step.init)
  var rest = input[stepsEnd...]
  checkPayloads(rest)

  func pop(_ count: Int) -> ArraySlice<UInt8> {
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
  var run = Run(setting)
  var performed = 0
  while !rest.isEmpty, !steps.isEmpty, performed < 8_192 {
    switch steps[performed % steps.count] {
    case .next(let count): run.next(pop(count))
    case .append(let count): run.append(pop(count))
    case .gap(let length): if setting.isObserver { run.gap(length) }
    case .settle: if setting.isObserver { run.settle() }
    }
    performed += 1
  }
  run.next(rest)
  run.finish()
  return 0
}
