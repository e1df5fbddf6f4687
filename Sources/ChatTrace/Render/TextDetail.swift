internal import ChatWire

// What `-V` adds beneath a row: a line for each thing that is known, a label in front of it.

extension TextRenderer {
  /// Where a label begins.
  private static let labelStart = 6
  /// Where what it labels begins.
  private static let valueStart = 17

  /// Appends all that is known about a frame.
  mutating func renderDetail(
    _ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]
  ) {
    renderHeader(event, into: &output)
    renderPosition(event, into: &output)
    renderWindows(event, into: &output)
    renderContent(event, into: &output)
    renderDetailedNotes(event.notes, into: &output)
    if options.includesPayload { renderPayload(event, payload, into: &output) }
  }

  private mutating func renderHeader(_ event: TraceEvent, into output: inout [UInt8]) {
    words.removeAll(keepingCapacity: true)
    words.append(event.length &+ UInt64(event.dialect.headerSize), "byte")
    words.append(" at offset ")
    words.append(decimal: event.offset)
    words.append(event.direction == .clientToServer ? ", client to server" : ", server to client")
    words.append(event.dialect == .native ? ", native dialect" : ", classic dialect")
    switch event.leg {
    case .wire: break
    case .client: words.append(", on the client's side")
    case .server: words.append(", on the server's side")
    }
    renderLine("frame", into: &output)

    words.write(atMost: 256) {
      $0.put("type ")
      $0.put(decimal: UInt64(event.typeCode))
      $0.put(" ")
      $0.put(typeOf: event.dialect, event.typeCode)
      $0.put(", sequence ")
      $0.put(decimal: UInt64(event.sequence))
      $0.put(", length ")
      $0.put(decimal: event.length)
      $0.put(", flags 0x")
      $0.put(hex: event.flags)
      if event.last { $0.put(" LAST") }
      if event.retransmission { $0.put(" RETRANSMISSION") }
      $0.put(", checksum ")
      $0.put(checksum: event.checksum)
    }
    renderLine("header", into: &output)

    guard let time = event.time else { return }
    let clock = ClockTime(time)
    words.write(atMost: 64) {
      $0.put(date: clock)
      $0.put(" ")
      $0.put(timeOfDay: clock)
      $0.put(".")
      $0.put(fraction: clock.nanosecond, digits: 9)
      $0.put(" UTC")
    }
    renderLine("time", into: &output)
  }

  private mutating func renderPosition(_ event: TraceEvent, into output: inout [UInt8]) {
    if let message = event.message { appendItem("number ", message) }
    if let fragment = event.fragment { appendItem("fragment ", fragment) }
    if let fragments = event.fragments {
      words.append(event.fragment == nil ? ", fragments " : " of ")
      words.append(decimal: fragments)
    }
    if let attempt = event.attempt { appendItem("attempt ", attempt) }
    if !words.isEmpty { renderLine("message", into: &output) }
    guard event.disposition != .seen else { return }
    words.write(atMost: 16) { $0.put(disposition: event.disposition) }
    renderLine("fate", into: &output)
  }

  private mutating func renderWindows(_ event: TraceEvent, into output: inout [UInt8]) {
    if let nextExpected = event.nextExpected { appendItem("expects ", UInt64(nextExpected)) }
    if let window = event.advertisedWindow { appendItem("holds up to ", UInt64(window)) }
    if !words.isEmpty { renderLine("answer", into: &output) }
    if let sender = event.sender {
      appendItem("base ", UInt64(sender.base))
      appendItem("next ", UInt64(sender.next))
      appendItem("in flight ", UInt64(sender.inFlight))
      if let window = sender.window {
        words.append(" of ")
        words.append(decimal: UInt64(window))
      }
      renderLine("sender", into: &output)
    }
    if let receiver = event.receiver {
      appendItem("expects ", UInt64(receiver.nextExpected))
      appendItem("window ", UInt64(receiver.window))
      appendItem("buffered ", UInt64(receiver.buffered))
      renderLine("receiver", into: &output)
    }
  }

  private mutating func renderContent(_ event: TraceEvent, into output: inout [UInt8]) {
    if let code = event.code {
      words.append(decimal: UInt64(code))
      if event.dialect == .native { appendMeaning(ofType: event.typeCode, code) }
      renderLine("code", into: &output)
    }
    renderQuoted("reason", event.reason, into: &output)
    renderQuoted("nickname", event.nickname, into: &output)
    for option in event.options {
      escaping.append(option.name, to: &words)
      words.append(" = ")
      append(option.value)
      renderLine("option", into: &output)
    }
    renderQuoted("text", event.text, into: &output)
  }

  private mutating func append(_ value: Option.Value) {
    switch value {
    case .number(let number):
      if number < 0 { words.append("-") }
      words.append(decimal: number.magnitude)
    case .text(let text): escaping.appendQuoted(text, widthMax: nil, to: &words)
    case .decimal(let text), .json(let text): escaping.append(text, to: &words)
    case .boolean(let isTrue): words.append(isTrue ? "true" : "false")
    case .bytes(let bytes):
      words.write(atMost: bytes.count &* 2) { unsafe $0.put(hex: bytes.span.bytes) }
    }
  }

  /// Appends every note with its name, the frames that caused it and the section that it breaks.
  mutating func renderDetailedNotes(_ notes: [Note], into output: inout [UInt8]) {
    words.removeAll(keepingCapacity: true)
    for note in notes {
      appendSentence(of: note, to: &words)
      words.append(" (")
      escaping.append(note.id.name, to: &words)
      words.append(", ")
      words.append(contentsOf: note.severity.name.utf8)
      let causes = note.causes
      for index in 0..<causes.count {
        words.append(
          index > 0 ? ", " : causes.count > 1 ? "; because of frames " : "; because of frame ")
        words.append(decimal: causes[index])
      }
      if let section = note.section {
        words.append("; PROTOCOL.md ")
        escaping.append(section, to: &words)
      }
      words.append(")")
      renderLine(
        "note", color: options.color ? TextStyle.of(note.severity) : nil, into: &output)
    }
  }

  private mutating func renderPayload(
    _ event: TraceEvent, _ payload: RawSpan, into output: inout [UInt8]
  ) {
    words.append(UInt64(payload.byteCount), "byte")
    if UInt64(payload.byteCount) < event.length {
      words.append(" captured of ")
      words.append(decimal: event.length)
    }
    renderLine("payload", into: &output)
    for offset in stride(from: 0, to: payload.byteCount, by: 16) {
      output.write(atMost: 128) {
        $0.put(byte: 0x20, count: Self.labelStart)
        $0.put(hexDumpLine: payload, at: offset)
      }
    }
  }

  // MARK: lines

  /// Appends the words gathered as a line with a label, and takes them away.
  private mutating func renderLine(
    _ label: StaticString, color: StaticString? = nil, into output: inout [UInt8]
  ) {
    output.write(atMost: 32) {
      $0.put(byte: 0x20, count: Self.labelStart)
      $0.put(label)
    }
    var layout = WordLayout(
      column: Self.labelStart &+ label.utf8CodeUnitCount, start: Self.valueStart,
      width: options.width, isBeside: true, continuation: Self.valueStart)
    layout.place(words.span, color: color, into: &output)
    output.append("\n")
    words.removeAll(keepingCapacity: true)
  }

  private mutating func renderQuoted(
    _ label: StaticString, _ text: String?, into output: inout [UInt8]
  ) {
    guard let text else { return }
    escaping.appendQuoted(text, widthMax: nil, to: &words)
    renderLine(label, into: &output)
  }

  /// Appends a number with a name, behind a comma if it is not the first.
  private mutating func appendItem(_ name: StaticString, _ value: UInt64) {
    if !words.isEmpty { words.append(", ") }
    words.append(name)
    words.append(decimal: value)
  }

  /// Appends what a code of a NOTICE or an ERROR means (PROTOCOL.md 6.4 and 7).
  private mutating func appendMeaning(ofType typeCode: UInt8, _ code: UInt8) {
    let meanings: [StaticString]
    switch FrameType(rawValue: typeCode) {
    case .notice:
      meanings = [
        "joined", "left", "renamed", "nickname accepted", "refused", "server is shutting down",
        "welcome",
      ]
    case .error:
      meanings = [
        "unsupported version", "bad handshake", "protocol violation", "server full",
        "handshake timeout", "idle timeout", "recipient too slow", "retries exhausted",
        "shutting down", "internal error", "framing lost",
      ]
    default: return
    }
    guard code >= 1, Int(code) <= meanings.count else { return }
    words.append(" ")
    words.append(meanings[Int(code) &- 1])
  }
}

extension LineWriter {
  /// Writes up to sixteen bytes from an offset on: the offset, the bytes, and what of them is
  /// ASCII.
  fileprivate mutating func put(hexDumpLine bytes: RawSpan, at offset: Int) {
    if bytes.byteCount > 0x10000 {
      put(hex: UInt8(truncatingIfNeeded: offset >> 24))
      put(hex: UInt8(truncatingIfNeeded: offset >> 16))
    }
    put(hex: UInt8(truncatingIfNeeded: offset >> 8))
    put(hex: UInt8(truncatingIfNeeded: offset))
    put(" ")
    let count = min(16, bytes.byteCount &- offset)
    for index in 0..<16 {
      put(" ")
      if index < count {
        put(hex: unsafe bytes.unsafeLoad(fromByteOffset: offset &+ index, as: UInt8.self))
      } else {
        put("  ")
      }
    }
    put("  ")
    for index in 0..<count {
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset &+ index, as: UInt8.self)
      put(byte: (0x20..<0x7F).contains(byte) ? byte : 0x2E)
    }
    put("\n")
  }
}
