public import ChatWire

/// Renders one stream as the conversation that people had: who said what when, who came and went.
///
/// Frames, windows and retransmissions do not show; bytes that are missing do.
public struct FollowRenderer: Sendable {
  /// The stream that is followed; records of others are ignored.
  public let stream: Int
  /// The direction that is shown, or nil for both.
  public let direction: Direction?

  private let escaping: Escaping
  /// What the client of this stream is called, as far as it is known.
  private var clientName: String?
  /// The messages announced last, so that a retransmitted notice is not announced again.
  private var announced: [Announced] = []
  /// Where the next one goes in `announced`.
  private var announcedNext = 0

  private struct Announced: Sendable, Equatable {
    var direction: Direction
    var message: UInt64
  }

  /// Messages that `announced` holds; a retransmission comes within one window of the first copy.
  private static let announcedMax = 64

  /// Follows a stream; `unicode` false escapes all text beyond ASCII.
  public init(stream: Int, direction: Direction? = nil, unicode: Bool = true) {
    self.stream = stream
    self.direction = direction
    escaping = Escaping(asciiOnly: !unicode, allowsTab: true)
  }

  /// Appends the line or lines of a record, if people would care about it.
  public mutating func render(_ event: TraceEvent, into output: inout [UInt8]) {
    guard event.stream == stream else { return }
    switch event.kind {
    case .frame: renderFrame(event, into: &output)
    case .gap where isShown(event):
      begin(event, into: &output)
      output.append("[")
      output.append(event.length, "byte")
      output.append(
        event.direction == .clientToServer
          ? " from the client missing]\n" : " from the server missing]\n")
    case .session: renderEnd(event, into: &output)
    case .gap, .tcp, .junk, .fault, .summary: break
    }
  }

  private func isShown(_ event: TraceEvent) -> Bool {
    direction == nil || direction == event.direction
  }

  private mutating func renderFrame(_ event: TraceEvent, into output: inout [UInt8]) {
    if let text = event.text, isShown(event) {
      begin(event, into: &output)
      escaping.append(speaker(of: event), to: &output)
      output.append(": ")
      append(lines: text, of: event, to: &output)
      output.append("\n")
    }
    guard event.checksum != .bad, event.disposition != .dropped, let happening = happening(event),
      !isRepeated(event)
    else { return }
    let isNews = happening != .named(clientName)
    if case .named(let name) = happening, let name {
      if isNews && isShown(event) { announce(happening, event, into: &output) }
      clientName = name
    } else if isShown(event) {
      announce(happening, event, into: &output)
    }
  }

  private func speaker(of event: TraceEvent) -> String {
    switch event.direction {
    case .clientToServer: clientName ?? "client"
    case .serverToClient: event.nickname ?? "server"
    }
  }

  /// What a frame announces beyond chat text.
  private enum Happening: Equatable {
    case joined(String)
    case left(String, reason: String?)
    case renamed(String, to: String)
    /// The client of this stream has a name.
    case named(String?)
    case refused(String)
    case serverSays(String)
    case goodbye(String?)
    case error(UInt8, String?)
  }

  private func happening(_ event: TraceEvent) -> Happening? {
    switch event.dialect {
    case .native: nativeHappening(event)
    case .classic: classicHappening(event)
    }
  }

  private func nativeHappening(_ event: TraceEvent) -> Happening? {
    switch FrameType(rawValue: event.typeCode) {
    case .synAck: event.nickname.map { .named($0) }
    case .fin: .goodbye(event.reason)
    case .error: .error(event.code ?? 0, event.reason)
    case .notice: notice(event)
    default: nil
    }
  }

  private func classicHappening(_ event: TraceEvent) -> Happening? {
    switch ClassicType(rawValue: event.typeCode) {
    case .ack: event.nickname.map { .named($0) }
    case .disconnect: .goodbye(nil)
    default: nil
    }
  }

  /// What a NOTICE says (PROTOCOL.md 6.4).
  private func notice(_ event: TraceEvent) -> Happening? {
    guard let code = event.code, let reason = event.reason else { return nil }
    let lines = reason.utf8.split(separator: 0x0A, maxSplits: 1).map { String(Substring($0)) }
    let first = lines.first ?? ""
    let second = lines.count > 1 ? lines[1] : nil
    switch code {
    case 1: return .joined(first)
    case 2: return .left(first, reason: second)
    case 3: return .renamed(first, to: second ?? "")
    case 4: return .named(first)
    case 5: return .refused(reason)
    default: return .serverSays(reason)
    }
  }

  /// Whether this message was announced already, by an earlier copy of the frame.
  private mutating func isRepeated(_ event: TraceEvent) -> Bool {
    guard let message = event.message else { return (event.attempt ?? 1) > 1 }
    let entry = Announced(direction: event.direction, message: message)
    if announced.contains(entry) { return true }
    if announced.count < Self.announcedMax {
      announced.append(entry)
    } else {
      announced[announcedNext] = entry
      announcedNext = (announcedNext &+ 1) % Self.announcedMax
    }
    return false
  }

  private func announce(
    _ happening: Happening, _ event: TraceEvent, into output: inout [UInt8]
  ) {
    begin(event, into: &output)
    output.append("* ")
    switch happening {
    case .joined(let name):
      escaping.append(name, to: &output)
      output.append(" joined")
    case .left(let name, let reason):
      escaping.append(name, to: &output)
      output.append(" left")
      append(inParentheses: reason, to: &output)
    case .renamed(let old, let new):
      escaping.append(old, to: &output)
      output.append(" is now ")
      escaping.append(new, to: &output)
    case .named(let name):
      escaping.append(clientName ?? "the client", to: &output)
      output.append(clientName == nil ? " is " : " is now ")
      escaping.append(name ?? "", to: &output)
    case .refused(let reason):
      output.append("refused: ")
      escaping.append(reason, to: &output)
    case .serverSays(let sentence):
      output.append("server: ")
      escaping.append(sentence, to: &output)
    case .goodbye(let reason):
      switch event.direction {
      case .clientToServer: escaping.append(clientName ?? "the client", to: &output)
      case .serverToClient: output.append("the server")
      }
      output.append(" says goodbye")
      append(inParentheses: reason, to: &output)
    case .error(let code, let reason):
      output.append("error ")
      output.append(decimal: UInt64(code))
      append(inParentheses: reason, to: &output)
    }
    output.append("\n")
  }

  /// Says how the session ended, unless a goodbye or an error has said it.
  private func renderEnd(_ event: TraceEvent, into output: inout [UInt8]) {
    let sentence: StaticString
    switch event.end {
    case .abrupt: sentence = "[the connection was closed without a goodbye]\n"
    case .reset: sentence = "[the connection was reset]\n"
    case .open: sentence = "[the trace ends here]\n"
    case .clean, .unconfirmed, .error, .refused, nil: return
    }
    begin(event, into: &output)
    output.append(sentence)
  }

  // MARK: pieces of lines

  /// Begins a line with the time of day, if it is known.
  private func begin(_ event: TraceEvent, into output: inout [UInt8]) {
    guard let time = event.time else { return }
    output.write(atMost: 16) {
      $0.put(timeOfDay: ClockTime(time))
      $0.put(" ")
    }
  }

  /// Appends a text of several lines; all but the first are indented, so that none looks like a
  /// message.
  private func append(lines text: String, of event: TraceEvent, to output: inout [UInt8]) {
    var isFirst = true
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if !isFirst { output.append(event.time == nil ? "\n  " : "\n           ") }
      isFirst = false
      escaping.append(String(Substring(line)), to: &output)
    }
  }

  private func append(inParentheses reason: String?, to output: inout [UInt8]) {
    guard let reason, !reason.isEmpty else { return }
    output.append(" (")
    escaping.append(reason, to: &output)
    output.append(")")
  }
}
