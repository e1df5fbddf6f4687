/// A field of the trace: where its values are in an event, and of which type they are.
///
/// Found by name with `Fields.find`.
public struct Field: Sendable, Hashable {
  /// The name in the NDJSON form, nested with dots.
  public let name: String
  /// The type of its values.
  public let type: FieldType
  let source: FieldSource

  init(_ name: String, _ source: FieldSource) {
    self.name = name
    self.source = source
    type = source.type
  }

  /// The values that the field has on an event; none if it is absent.
  public func values(of event: TraceEvent, payload: RawSpan) -> [FieldValue] {
    var values: [FieldValue] = []
    appendValues(of: event, payload: payload, to: &values)
    return values
  }

  /// True if the field is on the event.
  public func exists(in event: TraceEvent, payload: RawSpan) -> Bool {
    switch source {
    // An ACK is one even where its `next_expected` is unknown, as in the classic dialect.
    case .scalar(.ack): ScalarField.isType(FrameTypeKey.ack).key(in: event) != nil
    case .scalar(let scalar): scalar.key(in: event) != nil
    case .payload: event.kind == .frame && payload.byteCount != 0
    case .text(let text): text.value(in: event) != nil
    case .group(.sender): event.kind == .frame && event.sender != nil
    case .group(.receiver): event.kind == .frame && event.receiver != nil
    case .group(.notes): !event.notes.isEmpty
    case .group(.options): event.kind == .frame && !event.options.isEmpty
    case .note, .option: !values(of: event, payload: payload).isEmpty
    case .summary: false
    }
  }

  /// Appends the values that the field has on an event.
  public func appendValues(
    of event: TraceEvent, payload: RawSpan, to values: inout [FieldValue]
  ) {
    switch source {
    case .scalar(let scalar):
      if let key = scalar.key(in: event) { values.append(ScalarField.value(of: key, type: type)) }
    case .text(let text):
      if let value = text.value(in: event) { values.append(.text(value)) }
    case .payload:
      guard event.kind == .frame, payload.byteCount != 0 else { return }
      values.append(.bytes(unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }))
    case .note(let note): note.appendValues(of: event, to: &values)
    case .group(let group): group.appendValues(of: event, to: &values)
    case .option(let name):
      guard event.kind == .frame else { return }
      for option in event.options where option.name == name {
        values.append(option.value.fieldValue)
      }
    case .summary: break
    }
  }
}

/// Where the values of a field are.
enum FieldSource: Hashable, Sendable {
  case scalar(ScalarField)
  case text(TextField)
  case payload
  case note(NoteField)
  case group(FieldGroup)
  /// A handshake option or the key of a JSON payload.
  case option(String)
  /// Only in the summary, which is not an event.
  case summary(FieldType)

  var type: FieldType {
    switch self {
    case .scalar(let scalar): scalar.type
    case .text, .group: .text
    case .payload: .bytes
    case .note(let note): note.type
    case .option: .any
    case .summary(let type): type
    }
  }
}

/// A field with at most one text.
enum TextField: Hashable, Sendable {
  case text, reason, nickname, client, server, rule, action

  func value(in event: TraceEvent) -> String? {
    switch (event.kind, self) {
    case (.frame, .text): event.text
    case (.frame, .reason): event.reason
    case (.frame, .nickname): event.nickname
    case (.tcp, .client): event.client
    case (.tcp, .server): event.server
    case (.fault, .rule): event.rule
    case (.fault, .action): event.action
    default: nil
    }
  }
}

/// A field with one value, or a few, for each note.
enum NoteField: Hashable, Sendable {
  case id, severity, text, because, section
  /// The causing frames of the notes of one class.
  case causes(NoteClass)

  var type: FieldType {
    switch self {
    case .id, .text, .section: .text
    case .severity: .enumeration(.severity)
    case .because, .causes: .unsigned
    }
  }

  func appendValues(of event: TraceEvent, to values: inout [FieldValue]) {
    for note in event.notes {
      switch self {
      case .id: values.append(.text(note.id.name))
      case .severity: values.append(.text(note.severity.name))
      case .text: values.append(.text(note.text))
      case .section: if let section = note.section { values.append(.text(section)) }
      case .causes(let noteClass) where !noteClass.includes(note.id): continue
      case .because, .causes:
        for index in 0..<note.causes.count { values.append(.unsigned(note.causes[index])) }
      }
    }
  }
}

/// An object or a list of the NDJSON form, seen as text: one value for each member.
enum FieldGroup: Hashable, Sendable {
  case sender, receiver, notes, options

  func appendValues(of event: TraceEvent, to values: inout [FieldValue]) {
    switch self {
    case .sender:
      guard event.kind == .frame, let sender = event.sender else { return }
      values.append(.text("base=\(sender.base)"))
      values.append(.text("next=\(sender.next)"))
      values.append(.text("in_flight=\(sender.inFlight)"))
      if let window = sender.window { values.append(.text("window=\(window)")) }
    case .receiver:
      guard event.kind == .frame, let receiver = event.receiver else { return }
      values.append(.text("next_expected=\(receiver.nextExpected)"))
      values.append(.text("window=\(receiver.window)"))
      values.append(.text("buffered=\(receiver.buffered)"))
    case .notes:
      for note in event.notes { values.append(.text(note.text)) }
    case .options:
      guard event.kind == .frame else { return }
      for option in event.options {
        var text = Array("\(option.name)=".utf8)
        text.append(plain: option.value.fieldValue)
        values.append(.text(String(decoding: text, as: UTF8.self)))
      }
    }
  }
}

extension [UInt8] {
  /// Appends a value unescaped, bytes as hexadecimal digits.
  fileprivate mutating func append(plain value: FieldValue) {
    guard case .bytes(let bytes) = value else { return append(contentsOf: value.plainText.utf8) }
    for byte in bytes { append(hex: byte) }
  }
}

extension Option.Value {
  /// The value for filters; fractional numbers and other JSON stay text, as written.
  var fieldValue: FieldValue {
    switch self {
    case .number(let number): .signed(number)
    case .decimal(let text), .text(let text), .json(let text): .text(text)
    case .bytes(let bytes): .bytes(bytes)
    case .boolean(let truth): .boolean(truth)
    }
  }
}
