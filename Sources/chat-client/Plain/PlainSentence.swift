internal import ChatWire

/// An event as a line of plain mode, and where it goes.
enum PlainSentence {
  /// What others say: standard output, always.
  case message(String)
  /// What happens in the room, and explanations: standard output, unless only messages are wanted.
  case notice(String)
  /// About the connection: standard error, unless only messages are wanted.
  case information(String)
  /// What went wrong: standard error, always.
  case complaint(String)
  /// Not worth a line.
  case nothing

  init(_ event: ClientEvent) {
    switch event {
    case .connecting(let host, let port, let attempt):
      self =
        attempt > 1
        ? .information("connecting to \(PlainText.line(host)):\(port), attempt \(attempt)")
        : .nothing
    case .established(let info): self = .information(Self.established(info))
    case .message(let line):
      let text = PlainText.indented(line.text)
      self = .message(line.from.map { "<\(PlainText.line($0))> \(text)" } ?? text)
    case .notice(let notice): self = Self.notice(notice)
    case .roster(let lines): self = .notice("* " + Self.roster(lines))
    case .delivered: self = .nothing
    case .undeliverable(let message, let reason):
      self = .complaint("message \(message) was not sent: \(Self.clause(reason))")
    case .explanation(let text): self = .notice("! " + PlainText.line(text))
    case .information(let text): self = .information(PlainText.line(text))
    case .disconnected(let reason, let retryAfter, let count):
      self = .complaint(
        "disconnected: \(Self.clause(reason)); trying again in \(Self.tenths(retryAfter)) s"
          + (count > 0 ? ", \(Self.count(count, "message")) not confirmed" : ""))
    // How it ends is said where the program ends.
    case .ended: self = .nothing
    }
  }

  private static func established(_ info: ClientSessionInfo) -> String {
    var text = info.isReconnection ? "connected again" : "connected"
    if !info.serverName.isEmpty { text += " to \(PlainText.line(info.serverName))" }
    if !info.nickname.isEmpty { text += " as \(PlainText.line(info.nickname))" }
    switch info.dialect {
    case .native:
      text +=
        ": \(info.mode.nameForPeople), window \(info.windowSize), "
        + "fragments of \(count(info.fragmentSizeMax, "byte"))"
    case .classic:
      text += ": classic, fragments of \(count(info.fragmentSizeMax, "character"))"
    }
    if info.resentCount > 0 { text += "; \(count(info.resentCount, "message")) sent again" }
    return text
  }

  private static func notice(_ notice: Notice) -> PlainSentence {
    switch notice {
    case .joined(let name): .notice("* \(PlainText.line(name)) joined")
    case .left(let name, let reason):
      .notice("* \(PlainText.line(name)) left" + (reason.map { " (\(PlainText.line($0)))" } ?? ""))
    case .renamed(let old, let new):
      .notice("* \(PlainText.line(old)) is now called \(PlainText.line(new))")
    case .nicknameAccepted(let name): .notice("* you are now called \(PlainText.line(name))")
    case .refused(let sentence): .complaint("the server refuses: \(clause(sentence))")
    case .shuttingDown(let sentence):
      .notice("* the server is shutting down: \(PlainText.line(sentence))")
    case .welcome(let sentence): .notice("* \(PlainText.indented(sentence))")
    case .other(let code, let text): .notice("* notice \(code): \(PlainText.line(text))")
    }
  }

  private static func roster(_ lines: [RosterLine]) -> String {
    let names = lines.map { line in
      PlainText.line(line.nickname) + (line.isSelf ? " (you)" : line.isClassic ? " (classic)" : "")
    }
    return "here: " + names.joined(separator: ", ")
  }

  /// A sentence of the server, which may end with a full stop, as a part of another.
  static func clause(_ sentence: String) -> String {
    let text = PlainText.line(sentence)
    return text.hasSuffix(".") && !text.hasSuffix("..") ? String(text.dropLast()) : text
  }

  static func count(_ number: Int, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }

  private static func tenths(_ duration: Duration) -> String {
    let tenths = duration.nanoseconds / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
