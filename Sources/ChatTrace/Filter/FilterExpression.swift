/// What a comparison compares, other than plain fields: makes a list of values for each event.
indirect enum FilterExpression: Sendable {
  case field(Field)
  case literal(FieldValue)
  case slice(FilterExpression, [SliceRange])
  case call(FilterFunction, [FilterExpression])

  /// A slice makes at most this many bytes, however often it names them.
  private static var sliceBytesMax: Int { 1 << 24 }

  /// The values on an event.
  func values(of event: TraceEvent, payload: RawSpan) -> [FieldValue] {
    switch self {
    case .field(let field): return field.values(of: event, payload: payload)
    case .literal(let value): return [value]
    case .slice(let whole, let ranges):
      if case .field(let field) = whole, field.source == .payload {
        guard event.kind == .frame else { return [] }
        return Self.slice(payload, ranges).map { [.bytes($0)] } ?? []
      }
      return whole.values(of: event, payload: payload).compactMap { Self.slice($0, ranges) }
    case .call(let function, let arguments):
      return Self.call(function, arguments, event, payload)
    }
  }

  // MARK: slices

  private static func slice(_ value: FieldValue, _ ranges: [SliceRange]) -> FieldValue? {
    switch value {
    case .bytes(let bytes):
      return slice(bytes, ranges).map { .bytes($0) }
    case .text(let text):
      // In characters, as Wireshark: Unicode scalars.
      return slice(Array(text.unicodeScalars), ranges).map {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: $0)
        return .text(String(text))
      }
    case .unsigned, .signed, .boolean, .time: return nil
    }
  }

  private static func slice<Element>(_ whole: [Element], _ ranges: [SliceRange]) -> [Element]? {
    var part: [Element] = []
    for range in ranges {
      guard let offsets = range.resolved(in: whole.count) else { return nil }
      guard part.count + offsets.count <= sliceBytesMax else { return nil }
      part += whole[offsets]
    }
    return part
  }

  /// Reads only the bytes that are asked for.
  private static func slice(_ whole: RawSpan, _ ranges: [SliceRange]) -> [UInt8]? {
    var part: [UInt8] = []
    for range in ranges {
      guard let offsets = range.resolved(in: whole.byteCount) else { return nil }
      guard part.count + offsets.count <= sliceBytesMax else { return nil }
      for offset in offsets {
        part.append(unsafe whole.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      }
    }
    return part
  }

  // MARK: functions

  private static func call(
    _ function: FilterFunction, _ arguments: [FilterExpression], _ event: TraceEvent,
    _ payload: RawSpan
  ) -> [FieldValue] {
    var values: [FieldValue] = []
    for argument in arguments { values += argument.values(of: event, payload: payload) }
    switch function {
    case .count: return values.isEmpty ? [] : [.unsigned(UInt64(values.count))]
    case .len: return values.compactMap(length)
    case .lower: return values.compactMap { text($0)?.lowercased() }.map { .text($0) }
    case .upper: return values.compactMap { text($0)?.uppercased() }.map { .text($0) }
    case .string: return values.map { .text($0.plainText) }
    case .abs: return values.compactMap(magnitude)
    case .min: return extreme(values, .less)
    case .max: return extreme(values, .greater)
    }
  }

  /// Bytes of text or bytes.
  private static func length(_ value: FieldValue) -> FieldValue? {
    switch value {
    case .text(let text): .unsigned(UInt64(text.utf8.count))
    case .bytes(let bytes): .unsigned(UInt64(bytes.count))
    case .unsigned, .signed, .boolean, .time: nil
    }
  }

  private static func text(_ value: FieldValue) -> String? {
    if case .text(let text) = value { text } else { nil }
  }

  private static func magnitude(_ value: FieldValue) -> FieldValue? {
    switch value {
    case .unsigned: value
    case .signed(let number): .unsigned(number.magnitude)
    case .time(let nanoseconds):
      .time(nanoseconds: Int64(clamping: nanoseconds.magnitude))
    case .boolean, .text, .bytes: nil
    }
  }

  /// The value that is less, or greater, than all others that can be compared with it.
  private static func extreme(_ values: [FieldValue], _ wanted: FilterOrder) -> [FieldValue] {
    var best: FieldValue?
    for value in values {
      switch value {
      case .unsigned, .signed, .time: break
      case .boolean, .text, .bytes: continue
      }
      guard let current = best else {
        best = value
        continue
      }
      if FieldValue.order(value, current) == wanted { best = value }
    }
    return best.map { [$0] } ?? []
  }
}

extension FieldValue {
  /// How one value stands to another; nil if they cannot be compared.
  static func order(_ left: FieldValue, _ right: FieldValue) -> FilterOrder? {
    switch (left, right) {
    case (.unsigned(let left), .unsigned(let right)): FilterOrder(left, right)
    case (.signed(let left), .signed(let right)): FilterOrder(left, right)
    case (.boolean(let left), .boolean(let right)): FilterOrder(left ? 1 : 0, right ? 1 : 0)
    case (.text(let left), .text(let right)): FilterOrder(bytes: left.utf8, right.utf8)
    case (.bytes(let left), .bytes(let right)): FilterOrder(bytes: left, right)
    case (.time(let left), .time(let right)): FilterOrder(left, right)
    default:
      if let left = left.decimal, let right = right.decimal {
        FilterOrder(left, right)
      } else {
        nil
      }
    }
  }

  /// The number that it is, or that its text is.
  var decimal: DecimalNumber? {
    switch self {
    case .unsigned(let number): DecimalNumber(number)
    case .signed(let number): DecimalNumber(number)
    case .text(let text): DecimalNumber(text.utf8)
    case .time(let nanoseconds): DecimalNumber(nanoseconds: nanoseconds)
    case .boolean, .bytes: nil
    }
  }
}
