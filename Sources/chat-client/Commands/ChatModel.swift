internal import ChatLens
internal import ChatPosix
internal import ChatWire

/// What a line that was typed, or an event of the connection, leads to.
enum ChatEffect {
  case show([ScreenLine])
  case perform(ClientCommand)
  case clearScreen
  /// To be answered by `saved`.
  case save(path: String, replacing: Bool, text: String)
  /// It is over.
  case end(ClientEnd)
}

/// The conversation, without a terminal and without a connection.
///
/// Typed lines and events go in with the time, effects come out, in the order in which they are to
/// happen. Nothing here asks for the time or waits.
struct ChatModel {
  /// Milliseconds since 1970 UTC.
  typealias Milliseconds = UInt64

  /// Lines that `/save` can write.
  static let transcriptLinesMax = 10_000
  /// Messages of which the beginning is known until they are acknowledged.
  private static let pendingMax = 1_000

  /// What to ask for when the next connection is made.
  var wishes: ClientWishes
  /// What is settled now; nil while there is no session.
  var session: ClientSessionInfo?
  /// Nil until there is one.
  var nickname: String?
  /// Goodbye has been said.
  var isLeaving = false
  /// Ctrl-C on an empty line was the last thing that was typed.
  var isInterrupted = false
  /// Who was seen, for completion.
  var nicknames = KnownNicknames()

  private var sayCount: UInt64 = 0
  private var pending: [(message: UInt64, beginning: String)] = []
  private var transcript: [String] = []
  private var transcriptCount = 0
  private var day: LocalTime?
  private let localTime: @Sendable (Int64) -> LocalTime

  /// Begins a conversation.
  ///
  /// - Parameter localTime: says what the clock shows so many seconds after the beginning of 1970.
  init(
    wishes: ClientWishes,
    localTime: @escaping @Sendable (Int64) -> LocalTime = LocalTime.init(secondsSince1970:)
  ) {
    self.wishes = wishes
    self.localTime = localTime
  }

  /// What stands before the line that is typed.
  var prompt: String {
    if isLeaving { return "(leaving) " }
    guard let nickname else { return session == nil ? "(connecting) " : "> " }
    return EscapedText.line(nickname) + "> "
  }

  /// A connection to another server begins; what was said stays.
  mutating func begin(_ wishes: ClientWishes) {
    self.wishes = wishes
    session = nil
    nickname = nil
    isLeaving = false
    isInterrupted = false
    nicknames = KnownNicknames()
    pending = []
    sayCount = 0
  }

  // MARK: typed lines

  /// A line was typed.
  ///
  /// - Parameter status: where the connection stands now.
  mutating func enter(
    _ line: String, status: ClientStatus, at now: Milliseconds
  ) -> [ChatEffect] {
    isInterrupted = false
    let words = line.trimmingSpaces
    guard !words.isEmpty else { return [] }
    guard words.first == "/" else { return say(line, at: now) }
    if words.hasPrefix("//") { return say(String(words.dropFirst()), at: now) }
    do throws(SlashCommandError) {
      return obey(try SlashCommand(parsing: words.dropFirst()), status, at: now)
    } catch {
      return answer(
        ["* " + error.message] + error.details.map { "  " + $0 }, kind: .failure, at: now)
    }
  }

  private mutating func say(_ text: String, at now: Milliseconds) -> [ChatEffect] {
    if isLeaving {
      return answer(["* not said: you are leaving"], kind: .failure, at: now)
    }
    do {
      _ = try ChatText(text)
    } catch {
      return answer(["* not said: \(error.sentence.asClause)"], kind: .failure, at: now)
    }
    sayCount += 1
    if pending.count < Self.pendingMax {
      pending.append((sayCount, String(text.prefix(40))))
    }
    return [
      show(messageLines(from: nickname ?? "me", text, isOwn: true, at: now), at: now),
      .perform(.say(text)),
    ]
  }

  /// Ctrl-C on an empty line.
  mutating func interrupt(status: ClientStatus, at now: Milliseconds) -> [ChatEffect] {
    if isLeaving { return [.perform(.abort)] }
    if isInterrupted { return leave(reason: "", status, at: now) }
    isInterrupted = true
    return answer(["* press Ctrl-C again or type /quit to leave"], at: now)
  }

  /// Says goodbye.
  mutating func leave(
    reason: String, _ status: ClientStatus, at now: Milliseconds
  ) -> [ChatEffect] {
    guard !isLeaving else { return [.perform(.abort)] }
    isLeaving = true
    let count = status.unacknowledgedCount
    let quit = ChatEffect.perform(.quit(reason: reason))
    guard count > 0 else { return [quit] }
    let text =
      count == 1
      ? "* 1 message is not acknowledged yet; Ctrl-C ends without waiting for it"
      : "* \(count) messages are not acknowledged yet; Ctrl-C ends without waiting for them"
    return answer([text], at: now) + [quit]
  }

  // MARK: messages that wait

  /// Everything up to a message has arrived.
  mutating func forgetPending(upTo message: UInt64) {
    pending.removeAll { $0.message <= message }
  }

  /// The beginning of a message that will not arrive.
  mutating func takePending(_ message: UInt64) -> String? {
    guard let index = pending.firstIndex(where: { $0.message == message }) else { return nil }
    return pending.remove(at: index).beginning
  }

  // MARK: lines

  /// Answers to a command, which have no time.
  mutating func answer(
    _ lines: [String], kind: ScreenLine.Kind = .answer, at now: Milliseconds
  ) -> [ChatEffect] {
    [show(lines.map { ScreenLine(kind: kind, text: $0) }, at: now)]
  }

  /// One line with its time; behind `* `, `! ` and the like stands escaped text.
  mutating func event(
    _ kind: ScreenLine.Kind, _ text: String, at now: Milliseconds
  ) -> [ChatEffect] {
    [show([ScreenLine(kind: kind, time: time(of: now), text: text)], at: now)]
  }

  /// A message, of which all lines but the first are indented.
  func messageLines(
    from name: String, _ text: String, isOwn: Bool = false, at moment: Milliseconds
  ) -> [ScreenLine] {
    let name = "<\(EscapedText.line(name))>"
    let time = time(of: moment)
    let lines = EscapedText.lines(text)
    let indentation = String(repeating: " ", count: Terminal.columns(of: "\(time) \(name) "))
    let first = ScreenLine(
      kind: .message(nameLength: name.count, isOwn: isOwn), time: time,
      text: "\(name) \(lines.first ?? "")")
    return [first]
      + lines.dropFirst().map { ScreenLine(kind: .continuation, text: indentation + $0) }
  }

  /// Shows lines, behind a line of its own where a day begins, and keeps them for `/save`.
  mutating func show(_ lines: [ScreenLine], at now: Milliseconds) -> ChatEffect {
    let today = localTime(Int64(now / 1_000))
    var lines = lines
    if let day, (day.year, day.month, day.day) != (today.year, today.month, today.day) {
      lines.insert(ScreenLine(kind: .day, text: "--- \(today.dateText) ---"), at: 0)
    }
    day = today
    transcriptCount += lines.count
    transcript += lines.map(\.plain)
    // Cut only now and then, so that a line costs the same however many there are.
    if transcript.count > 2 * Self.transcriptLinesMax {
      transcript.removeFirst(transcript.count - Self.transcriptLinesMax)
    }
    return .show(lines)
  }

  /// The time of day.
  func time(of moment: Milliseconds) -> String {
    let time = localTime(Int64(clamping: moment / 1_000))
    return (time.hour < 10 ? "0" : "") + "\(time.hour)" + (time.minute < 10 ? ":0" : ":")
      + "\(time.minute)"
  }

  /// What `/save` writes.
  var transcriptText: String {
    transcript.suffix(Self.transcriptLinesMax).map { $0 + "\n" }.joined()
  }

  /// How many lines of it there are.
  var transcriptLineCount: Int { min(transcript.count, Self.transcriptLinesMax) }

  /// The file is written, or not.
  mutating func saved(path: String, lines: Int, error: String?, at now: Milliseconds)
    -> [ChatEffect]
  {
    let name = EscapedText.line(path)
    if let error { return answer(["* \(name): \(error)"], kind: .failure, at: now) }
    let isCut = transcriptCount > lines
    return answer(
      ["* \(isCut ? "the last " : "")\(counted(lines, "line")) written to \(name)"], at: now)
  }
}

extension LocalTime {
  /// As in `Tuesday, 4 March 2025`.
  var dateText: String {
    let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    let weekdayName = days.indices.contains(weekday) ? days[weekday] + ", " : ""
    let monthName = months.indices.contains(month - 1) ? months[month - 1] : "\(month)"
    return "\(weekdayName)\(day) \(monthName) \(year)"
  }
}

/// A number and its noun: `1 line`, `2 lines`.
func counted(_ count: Int, _ noun: String) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
