import ChatWire

/// What the payloads of native frames and messages say.
enum NativeReading {
  /// The options of a handshake frame, in order.
  static func options(_ event: inout TraceEvent, payload: RawSpan) {
    event.options = HandshakeOption.list(payload).map { option in
      let name = option.kind.isKnown ? option.kind.label : "option_\(option.kind.rawValue)"
      let value: Option.Value =
        switch option.value {
        case .number(let number): .number(Int64(number))
        case .text(let text): .text(text)
        case .bytes(let bytes): .bytes(bytes)
        }
      return Option(name, value)
    }
  }

  /// The code and the text of an ERROR; nil if it has none.
  static func error(_ event: inout TraceEvent, payload: RawSpan) -> CodedText? {
    guard let coded = try? CodedText(decoding: payload) else { return nil }
    event.code = coded.code
    event.reason = coded.text
    return coded
  }

  /// What a frame says by itself, whatever came before it.
  static func frameAlone(_ event: inout TraceEvent, payload: RawSpan) {
    let type = FrameType(rawValue: event.typeCode)
    switch type {
    case .ack, .nack:
      guard let statement = AcknowledgementPayload(decoding: payload) else { return }
      event.nextExpected = statement.nextExpected.rawValue
      event.advertisedWindow = statement.window
    case .syn, .synAck, .handshakeAck:
      options(&event, payload: payload)
      guard event.checksum == .good, let kind = HandshakeFrame(type) else { return }
      event.nickname = HandshakeOptions.scan(payload, for: kind).options.nicknameText
    case .error: _ = error(&event, payload: payload)
    case _ where type.isSequenced && event.checksum == .good && event.last && event.fragment == 1:
      read(payload, type: type, &event, notesChat: false)
    default: break
    }
  }

  /// A message is complete: reads it according to its type.
  @inline(never)
  static func message(
    _ completed: MessageTracker.Completed, _ event: inout TraceEvent, notesChat: Bool
  ) {
    if notesChat, completed.fragments > 1, completed.message > 0 {
      event.notes.append(
        Note(.messageComplete, Int64(completed.message), Int64(completed.fragments)))
    }
    guard let bytes = completed.bytes else { return }
    unsafe read(bytes.span.bytes, type: completed.type, &event, notesChat: notesChat)
  }

  private static func read(
    _ bytes: RawSpan, type: FrameType, _ event: inout TraceEvent, notesChat: Bool
  ) {
    do {
      switch type {
      case .data where event.direction == .clientToServer:
        add(text: try ChatText(decoding: bytes).value, to: &event)
      case .data:
        let broadcast = try Broadcast(decoding: bytes)
        event.nickname = broadcast.nickname
        add(text: broadcast.text, to: &event)
        event.notes.append(Note(.broadcast, detail: broadcast.nickname))
      case .fin:
        let reason = FinReason.text(of: bytes)
        event.reason = reason
        event.notes.append(Note(.goodbye, detail: reason))
      case .nick:
        let nickname = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        event.nickname = nickname
        event.notes.append(Note(.nicknameWanted, detail: nickname))
      case .who:
        event.notes.append(Note(.rosterWanted))
      case .roster:
        let roster = try Roster(decoding: bytes)
        event.notes.append(
          Note(.roster, Int64(roster.entries.count), detail: names(of: roster)))
      case .notice:
        let coded = try CodedText(decoding: bytes)
        event.code = coded.code
        event.reason = coded.text
        notice(coded, &event)
      default: break
      }
    } catch let violation {
      event.notes.append(Note(.messageInvalid, detail: sentence(of: violation)))
    }
  }

  /// Several messages can become complete with one frame: a line each.
  private static func add(text: String, to event: inout TraceEvent) {
    if let before = event.text {
      event.text = before + "\n" + text
    } else {
      event.text = text
    }
  }

  private static func notice(_ coded: CodedText, _ event: inout TraceEvent) {
    let text = coded.text
    switch Notice(coded) {
    case .joined(let nickname):
      event.nickname = nickname
      event.notes.append(Note(.chatJoined, detail: nickname))
    case .left(let nickname, let reason):
      event.nickname = nickname
      event.notes.append(
        Note(.chatLeft, detail: reason.map { "\(nickname) (\($0))" } ?? nickname))
    case .renamed(let old, let new):
      event.nickname = new
      event.notes.append(Note(.chatRenamed, detail: "\(old) is now called \(new)"))
    case .nicknameAccepted(let nickname):
      event.nickname = nickname
      event.notes.append(Note(.nicknameAccepted, detail: nickname))
    case .refused: event.notes.append(Note(.chatRefused, detail: text))
    case .shuttingDown: event.notes.append(Note(.chatShutdown, detail: text))
    case .welcome: event.notes.append(Note(.chatWelcome, detail: text))
    case .other: event.notes.append(Note(.chatWelcome, detail: text))
    }
  }

  private static func names(of roster: Roster) -> String {
    let shown = roster.entries.prefix(20).map(\.nickname).joined(separator: ", ")
    return roster.entries.count > 20 ? shown + ", ..." : shown
  }

  private static func sentence(of violation: any Error) -> String {
    switch violation {
    case let violation as ChatText.Violation: violation.sentence
    case let violation as Broadcast.Violation: violation.sentence
    case let violation as Roster.Violation: violation.sentence
    case let violation as CodedText.Violation: violation.sentence
    default: "not as section 6 says"
    }
  }
}
