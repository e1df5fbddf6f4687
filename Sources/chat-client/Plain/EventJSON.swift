internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// Events as JSON lines (docs/CLIENT.md): keys are added, and neither renamed nor taken away.
enum EventJSON {
  /// The event on a line of its own, of ASCII only.
  static func line(_ event: ClientEvent, nanosecondsSince1970: Int64) -> String {
    var members = [JSONMember("time", .string(timestamp(nanosecondsSince1970)))]
    func add(_ key: String, _ text: String?) {
      if let text { members.append(JSONMember(key, .string(text))) }
    }
    func add(_ key: String, _ number: Int?) {
      if let number { members.append(JSONMember(key, .number(JSONNumber(number)))) }
    }
    func add(_ key: String, _ flag: Bool) {
      members.append(JSONMember(key, .bool(flag)))
    }
    add("kind", kind(event))
    switch event {
    case .connecting(let host, let port, let attempt):
      add("host", host)
      add("port", Int(port))
      add("attempt", attempt)
    case .established(let info): members += self.members(info)
    case .message(let line):
      add("from", line.from)
      add("text", line.text)
      add("sent_at", timestamp(Int64(clamping: line.sentAtMilliseconds), unit: 1_000_000))
    case .notice(let notice): members += self.members(notice)
    case .roster(let lines):
      members.append(JSONMember("members", .array(lines.map { .object(self.members($0)) })))
    case .delivered(let number): add("message", Int(clamping: number))
    case .undeliverable(let number, let reason):
      add("message", Int(clamping: number))
      add("reason", reason)
    case .explanation(let text), .information(let text): add("text", text)
    case .disconnected(let reason, let retryAfter, let count):
      add("reason", reason)
      add("retry_after_ms", Int(retryAfter.nanoseconds / 1_000_000))
      add("unconfirmed", count)
    case .ended(.done): add("done", true)
    case .ended(.failed(let reason)):
      add("done", false)
      add("reason", reason)
    }
    return JSONValue.object(members).text + "\n"
  }

  private static func kind(_ event: ClientEvent) -> String {
    switch event {
    case .connecting: "connecting"
    case .established: "session"
    case .message: "message"
    case .notice(let notice): kind(notice)
    case .roster: "roster"
    case .delivered: "delivered"
    case .undeliverable: "undeliverable"
    case .explanation: "explanation"
    case .information: "information"
    case .disconnected: "disconnected"
    case .ended: "ended"
    }
  }

  private static func kind(_ notice: Notice) -> String {
    switch notice {
    case .joined: "joined"
    case .left: "left"
    case .renamed: "renamed"
    case .nicknameAccepted: "nickname"
    case .refused: "refused"
    case .shuttingDown, .welcome, .other: "notice"
    }
  }

  private static func members(_ info: ClientSessionInfo) -> [JSONMember] {
    var members = [
      JSONMember("dialect", .string(info.dialect == .native ? "native" : "classic")),
      JSONMember("protocol", .string(info.mode == .goBackN ? "gbn" : "sr")),
      JSONMember("window", .number(JSONNumber(info.windowSize))),
      JSONMember("fragment", .number(JSONNumber(info.fragmentSizeMax))),
      JSONMember("session_id", .string(info.sessionID)),
    ]
    if !info.nickname.isEmpty { members.append(JSONMember("nickname", .string(info.nickname))) }
    if !info.serverName.isEmpty {
      members.append(JSONMember("server", .string(info.serverName)))
    }
    members.append(JSONMember("reconnected", .bool(info.isReconnection)))
    members.append(JSONMember("resent", .number(JSONNumber(info.resentCount))))
    return members
  }

  private static func members(_ notice: Notice) -> [JSONMember] {
    func texts(_ pairs: (String, String?)...) -> [JSONMember] {
      pairs.compactMap { key, text in text.map { JSONMember(key, .string($0)) } }
    }
    return switch notice {
    case .joined(let name), .nicknameAccepted(let name): texts(("nickname", name))
    case .left(let name, let reason): texts(("nickname", name), ("reason", reason))
    case .renamed(let old, let new): texts(("from", old), ("nickname", new))
    case .refused(let sentence): texts(("text", sentence))
    case .shuttingDown(let sentence): texts(("notice", "shutting_down"), ("text", sentence))
    case .welcome(let sentence): texts(("notice", "welcome"), ("text", sentence))
    case .other(let code, let text):
      [JSONMember("code", .number(JSONNumber(Int(code))))] + texts(("text", text))
    }
  }

  private static func members(_ line: RosterLine) -> [JSONMember] {
    var members = [JSONMember("nickname", .string(line.nickname))]
    func add(_ key: String, _ number: Int?) {
      if let number { members.append(JSONMember(key, .number(JSONNumber(number)))) }
    }
    if let mode = line.mode {
      members.append(JSONMember("protocol", .string(mode == .goBackN ? "gbn" : "sr")))
    }
    add("window", line.windowSize)
    add("fragment", line.fragmentSizeMax)
    add("connected_s", line.connectedSeconds)
    if line.isSelf { members.append(JSONMember("self", .bool(true))) }
    if line.isClassic { members.append(JSONMember("classic", .bool(true))) }
    return members
  }

  /// RFC 3339 in UTC with milliseconds; a time that no clock shows is the last that it can.
  static func timestamp(_ count: Int64, unit: Int64 = 1) -> String {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    let clock = ClockTime(TraceTime(nanoseconds: overflow ? .max : product))
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let date = "\(padded(clock.year, 4))-\(padded(clock.month, 2))-\(padded(clock.day, 2))"
    let time = "\(padded(clock.hour, 2)):\(padded(clock.minute, 2)):\(padded(clock.second, 2))"
    return "\(date)T\(time).\(padded(clock.nanosecond / 1_000_000, 3))Z"
  }
}
