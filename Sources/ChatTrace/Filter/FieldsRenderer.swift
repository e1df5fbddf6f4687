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

  /// Appends the line of an event.
  public mutating func render(
    _ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]
  ) {
    for index in fields.indices {
      if index != 0 { output.append(UInt8(ascii: "\t")) }
      values.removeAll(keepingCapacity: true)
      fields[index].appendValues(of: event, payload: payload, to: &values)
      for position in values.indices {
        if position != 0 { output.append(UInt8(ascii: ",")) }
        output.append(fieldValue: values[position])
      }
    }
    output.append(UInt8(ascii: "\n"))
  }
}
