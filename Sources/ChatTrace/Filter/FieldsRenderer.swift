/// Renders events as `-T fields`: the values of chosen fields in columns between tabs, a line per
/// event.
///
/// No header; a missing value is empty; several values are joined by commas. What would break a
/// line or disturb a terminal is escaped with backslashes.
public struct FieldsRenderer: Sendable {
  private let fields: [Field]
  private var values: [FieldValue] = []

  /// Makes a renderer for fields by name, as `-e` gives them.
  public init(fieldNames: [String]) throws(UnknownFieldError) {
    var fields: [Field] = []
    for name in fieldNames {
      guard let field = Fields.find(name) else { throw UnknownFieldError(name: name) }
      fields.append(field)
    }
    self.fields = fields
  }

  /// Appends the line of an event: of every frame, and of other records that have one of the
  /// fields.
  public mutating func render(
    _ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]
  ) {
    let start = output.count
    var isEmpty = true
    for index in fields.indices {
      if index != 0 { output.append(UInt8(ascii: "\t")) }
      values.removeAll(keepingCapacity: true)
      fields[index].appendValues(of: event, payload: payload, to: &values)
      isEmpty = isEmpty && values.isEmpty
      for position in values.indices {
        if position != 0 { output.append(UInt8(ascii: ",")) }
        output.append(fieldValue: values[position])
      }
    }
    if isEmpty, event.kind != .frame {
      output.removeSubrange(start...)
    } else {
      output.append(UInt8(ascii: "\n"))
    }
  }
}
