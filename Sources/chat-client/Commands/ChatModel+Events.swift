internal import ChatLens
internal import ChatWire

extension ChatModel {
  /// The connection says something.
  mutating func take(_ event: ClientEvent, at now: Milliseconds) -> [ChatEffect] {
    switch event {
    case .connecting(let host, let port, let attempt):
      session = nil
      let again = attempt > 1 ? " (attempt \(attempt))" : ""
      return self.event(
        .connection, "* connecting to \(EscapedText.line(host)):\(port)\(again) ...", at: now)
    case .established(let info): return established(info, at: now)
    case .message(let line):
      if let name = line.from { nicknames.add(name) }
      return [
        show(
          messageLines(
            from: line.from ?? "?", line.text, at: shownTime(line.sentAtMilliseconds, now: now)),
          at: now)
      ]
    case .notice(let notice): return heard(notice, at: now)
    case .roster(let lines):
      nicknames.replace(with: lines.map(\.nickname))
      return answer(RosterTable.lines(lines), at: now)
    case .delivered(let message):
      forgetPending(upTo: message)
      return []
    case .undeliverable(let message, let reason):
      let beginning = takePending(message).map { " \"\(EscapedText.line($0))\"" } ?? ""
      return self.event(
        .failure, "* not delivered\(beginning): \(EscapedText.line(reason))", at: now)
    case .explanation(let text):
      return self.event(.explanation, "! \(EscapedText.line(text))", at: now)
    case .information(let text):
      return self.event(.notice, "* \(EscapedText.line(text))", at: now)
    case .disconnected(let reason, let retryAfter, let count):
      session = nil
      let waiting =
        switch count {
        case 0: ""
        case 1: " (1 message waits)"
        default: " (\(count) messages wait)"
        }
      return self.event(
        .connection,
        "* disconnected: \(EscapedText.line(reason.asClause)); trying again in "
          + "\(retryAfter.textForPeople)\(waiting)",
        at: now)
    case .ended(let end):
      session = nil
      let lines =
        switch end {
        case .done: self.event(.connection, "* goodbye", at: now)
        case .failed(let sentence):
          self.event(.failure, "* the end: \(EscapedText.line(sentence.asClause))", at: now)
        }
      return lines + [.end(end)]
    }
  }

  private mutating func established(
    _ info: ClientSessionInfo, at now: Milliseconds
  ) -> [ChatEffect] {
    session = info
    if !info.nickname.isEmpty {
      nickname = info.nickname
      nicknames.add(info.nickname)
    }
    var text = "* connected\(info.isReconnection ? " again" : ""): "
    text += info.dialect == .classic ? "classic dialect, " : ""
    text += "\(info.mode.title), window \(info.windowSize), fragments of "
    text += counted(info.fragmentSizeMax, info.dialect == .classic ? "character" : "byte")
    if let nickname { text += "; you are \(EscapedText.line(nickname))" }
    if info.resentCount > 0 {
      text += "; \(counted(info.resentCount, "message")) sent again"
    }
    var effects = event(.connection, text, at: now)
    if info.mode != info.requestedMode {
      effects += event(
        .connection,
        "* the server does not grant \(info.requestedMode.title): losses are repaired by "
          + "\(info.mode.title)",
        at: now)
    }
    return effects
  }

  private mutating func heard(_ notice: Notice, at now: Milliseconds) -> [ChatEffect] {
    func named(_ name: String) -> String { EscapedText.line(name) }
    let text: String
    switch notice {
    case .joined(let name):
      nicknames.add(name)
      text = "\(named(name)) joined"
    case .left(let name, let reason):
      nicknames.remove(name)
      text = "\(named(name)) left" + (reason.map { " (\(EscapedText.line($0)))" } ?? "")
    case .renamed(let old, let new):
      nicknames.remove(old)
      nicknames.add(new)
      text = "\(named(old)) is now known as \(named(new))"
    case .nicknameAccepted(let name):
      if let nickname { nicknames.remove(nickname) }
      nicknames.add(name)
      nickname = name
      wishes.nickname = name
      text = "you are now \(named(name))"
    case .refused(let sentence), .shuttingDown(let sentence), .welcome(let sentence):
      return serverLines(sentence, at: now)
    case .other(let code, let sentence):
      text = "server notice \(code): \(EscapedText.line(sentence))"
    }
    return event(.notice, "* " + text, at: now)
  }

  /// The server's own words, which may be several lines.
  private mutating func serverLines(_ words: String, at now: Milliseconds) -> [ChatEffect] {
    let time = time(of: now)
    let lines = EscapedText.lines(words)
    let indentation = String(repeating: " ", count: "00:00 * server: ".count)
    let first = ScreenLine(
      kind: .notice, time: time, text: "* server: \(lines.first ?? "")")
    return [
      show(
        [first]
          + lines.dropFirst().map { ScreenLine(kind: .notice, text: indentation + $0) },
        at: now)
    ]
  }

  /// When something was said, unless the server's clock is not to be believed.
  private func shownTime(_ sentAt: Milliseconds, now: Milliseconds) -> Milliseconds {
    let difference = sentAt > now ? sentAt - now : now - sentAt
    return difference < 12 * 3_600_000 ? sentAt : now
  }
}
