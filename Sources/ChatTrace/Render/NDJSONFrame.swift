// The line of a frame, by far the most frequent one. Its numbers and names go through `LineWriter`
// in three runs; only what has no bound (payload, text, notes, options) is appended in between.

import ChatWire

extension [UInt8] {
  /// Appends the line of a frame.
  mutating func append(frame event: TraceEvent, payload: RawSpan, includesPayload: Bool) {
    write(atMost: 640) { $0.put(jsonHeader: event) }
    if includesPayload {
      append(#","payload_hex":""#)
      write(atMost: payload.byteCount &* 2) { $0.put(hex: payload) }
      append("\"")
    }
    write(atMost: 160) {
      $0.put(#","message":"#, event.message)
      $0.put(#","fragment":"#, event.fragment)
      $0.put(#","fragments":"#, event.fragments)
      $0.put(#","attempt":"#, event.attempt)
    }
    if let text = event.text { append(#","text":"#, json: text) }
    write(atMost: 320) {
      $0.put(#","disposition":""#)
      $0.put(disposition: event.disposition)
      $0.put("\"")
      if let sender = event.sender { $0.put(json: sender) }
      if let receiver = event.receiver { $0.put(json: receiver) }
    }
    append(jsonNotes: event.notes)
    write(atMost: 96) {
      if let nextExpected = event.nextExpected {
        $0.put(#","next_expected":"#)
        $0.put(decimal: UInt64(nextExpected))
      }
      if let advertisedWindow = event.advertisedWindow {
        $0.put(#","advertised_window":"#)
        $0.put(decimal: UInt64(advertisedWindow))
      }
      if let code = event.code {
        $0.put(#","code":"#)
        $0.put(decimal: UInt64(code))
      }
    }
    if let reason = event.reason { append(#","reason":"#, json: reason) }
    if let nickname = event.nickname { append(#","nickname":"#, json: nickname) }
    append(jsonOptions: event.options)
    append("}\n")
  }

  /// Appends `notes`, if there are any.
  mutating func append(jsonNotes notes: [Note]) {
    guard !notes.isEmpty else { return }
    append(#","notes":["#)
    var separator: StaticString = #"{"id":""#
    for note in notes {
      append(separator)
      separator = #",{"id":""#
      append(note.id.staticName)
      append(note.severity.jsonKey)
      append(0x22)
      if note.appendPlain(to: &self) {
        append(0x22)
      } else {
        removeLast()
        append(json: note.text)
      }
      let causes = note.causes
      write(atMost: FrameList.capacity &* 24 &+ 16) {
        $0.put(#","because":["#)
        for index in 0..<causes.count {
          if index > 0 { $0.put(",") }
          $0.put(jsonInteger: causes[index])
        }
        $0.put("]")
      }
      if let section = note.section { append(#","section":"#, json: section) }
      append("}")
    }
    append("]")
  }

  /// Appends `options`, if there are any: an object by name, in which the last of equal names wins.
  private mutating func append(jsonOptions options: [Option]) {
    guard !options.isEmpty else { return }
    var isFirst = true
    let isRepeated = repeatedNames(options)
    for (index, option) in options.enumerated() where !isRepeated[index] {
      append(isFirst ? #","options":{"# : ",")
      isFirst = false
      append(json: option.name)
      append(":")
      append(json: option.value)
    }
    append("}")
  }

  private mutating func append(json value: Option.Value) {
    switch value {
    case .number(let number): write(atMost: 24) { $0.put(jsonInteger: number) }
    case .decimal(let text) where JSONCheck.isPlainNumber(text): append(contentsOf: text.utf8)
    case .json(let text) where JSONCheck.isPlainValue(text): append(contentsOf: text.utf8)
    case .decimal(let text), .json(let text), .text(let text): append(json: text)
    case .bytes(let bytes):
      append("\"")
      write(atMost: bytes.count &* 2) { unsafe $0.put(hex: bytes.span.bytes) }
      append("\"")
    case .boolean(let isTrue): append(isTrue ? "true" : "false")
    }
  }
}

extension Severity {
  /// What stands between the identity of a note and its sentence.
  fileprivate var jsonKey: StaticString {
    switch self {
    case .chat: #"","severity":"chat","text":"#
    case .note: #"","severity":"note","text":"#
    case .warn: #"","severity":"warn","text":"#
    case .error: #"","severity":"error","text":"#
    }
  }
}

/// Which options are followed by another one of the same name, compared byte by byte.
private func repeatedNames(_ options: [Option]) -> [Bool] {
  var isRepeated = [Bool](repeating: false, count: options.count)
  var seen: Set<[UInt8]> = []
  for index in options.indices.reversed() {
    isRepeated[index] = !seen.insert(Array(options[index].name.utf8)).inserted
  }
  return isRepeated
}

extension LineWriter {
  /// Writes the line of a frame from its beginning to `offset`.
  @inline(__always)
  fileprivate mutating func put(jsonHeader event: TraceEvent) {
    put(#"{"schema_version":1,"kind":"frame","frame":"#)
    put(jsonInteger: event.frame)
    put(jsonTime: event.time)
    put(#","stream":"#)
    put(decimal: UInt64(clamping: event.stream))
    put(#","leg":""#)
    put(leg: event.leg)
    switch event.direction {
    case .clientToServer: put(#"","direction":"c2s","dialect":""#)
    case .serverToClient: put(#"","direction":"s2c","dialect":""#)
    }
    put(dialect: event.dialect)
    put(#"","type":""#)
    put(typeOf: event.dialect, event.typeCode)
    put(#"","type_code":"#)
    put(decimal: UInt64(event.typeCode))
    put(#","sequence":"#)
    put(decimal: UInt64(event.sequence))
    put(#","length":"#)
    put(jsonInteger: event.length)
    put(#","flags":"#)
    put(decimal: UInt64(event.flags))
    if event.last { put(#","last":true"#) } else { put(#","last":false"#) }
    if event.retransmission {
      put(#","retransmission":true,"checksum":""#)
    } else {
      put(#","retransmission":false,"checksum":""#)
    }
    put(checksum: event.checksum)
    put(#"","offset":"#)
    put(jsonInteger: event.offset)
  }

  @inline(__always)
  fileprivate mutating func put(json sender: SenderWindow) {
    put(#","sender":{"base":"#)
    put(decimal: UInt64(sender.base))
    put(#","next":"#)
    put(decimal: UInt64(sender.next))
    put(#","in_flight":"#)
    put(decimal: UInt64(sender.inFlight))
    if let window = sender.window {
      put(#","window":"#)
      put(decimal: UInt64(window))
    }
    put("}")
  }

  @inline(__always)
  fileprivate mutating func put(json receiver: ReceiverWindow) {
    put(#","receiver":{"next_expected":"#)
    put(decimal: UInt64(receiver.nextExpected))
    put(#","window":"#)
    put(decimal: UInt64(receiver.window))
    put(#","buffered":"#)
    put(decimal: UInt64(receiver.buffered))
    put("}")
  }

  /// Writes a key and a number, if there is one.
  @inline(__always)
  mutating func put(_ key: StaticString, _ value: UInt64?) {
    guard let value else { return }
    put(key)
    put(jsonInteger: value)
  }

  /// Writes a signed integer, as a string beyond 2^53-1 either way.
  @inline(__always)
  mutating func put(jsonInteger value: Int64) {
    let isLarge = value.magnitude >= 1 << 53
    if isLarge { put("\"") }
    if value < 0 { put("-") }
    put(decimal: value.magnitude)
    if isLarge { put("\"") }
  }

  /// Writes `time`, if there is one: seconds as a decimal string.
  @inline(__always)
  mutating func put(jsonTime time: TraceTime?) {
    guard let time else { return }
    put(#","time":""#)
    let (seconds, fraction) = time.nanoseconds.magnitude
      .quotientAndRemainder(dividingBy: 1_000_000_000)
    if time.nanoseconds < 0 { put("-") }
    let (high, low) = seconds.quotientAndRemainder(dividingBy: 100_000_000)
    if high > 0 {
      put(short: high)
      put(eightDigits: low)
    } else {
      put(short: low)
    }
    put(".")
    let (first, rest) = fraction.quotientAndRemainder(dividingBy: 100_000_000)
    put(byte: 0x30 | UInt8(truncatingIfNeeded: first))
    put(eightDigits: rest)
    put("\"")
  }
}
