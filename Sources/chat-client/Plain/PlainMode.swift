// The plain mode is one loop around `poll`: standard input, standard output, signals, and the
// events of the connection, none of which is waited for alone. So a reader that stalls, a server
// that is silent or an input that never ends holds up nothing else.

internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// How plain mode prints, and what it does besides reading lines.
struct PlainSettings: Equatable {
  var isQuiet = false
  var isJSON = false
  /// The nickname that was asked for.
  var nickname: String?
  /// What to do instead of reading standard input.
  var script: PlainScript?
}

/// What is done without standard input.
struct PlainScript: Equatable {
  static let expectationLimit = Duration.seconds(60)

  /// What is said, in order.
  var messages: [String] = []
  /// So many messages of others are waited for.
  var expectedCount: Int?
  /// How long is waited after everything was confirmed.
  var wait: Duration?

  /// How long it stays at most once everything is confirmed.
  var stay: Duration { wait ?? (expectedCount == nil ? .zero : Self.expectationLimit) }
}

/// A chat line by line, for pipes and scripts.
struct PlainMode: ~Copyable {
  /// How many messages may wait to be confirmed before more input is read.
  private static let outstandingMax = 1_000
  /// How many of their bytes.
  private static let outstandingBytesMax = 4 << 20
  /// How long goodbye may take after a signal.
  private static let farewellMax: Int64 = 2_000_000_000
  /// How long answers are waited for once there is no more input.
  private static let answerMax: Int64 = 5_000_000_000

  private let settings: PlainSettings
  private let connection: ChatConnection
  private let signals: SignalPipe
  private var input: LineInput?
  private var output = PendingOutput()

  private var messageCount: UInt64 = 0
  /// Messages that are neither confirmed nor given up, with their sizes.
  private var outstanding: [(number: UInt64, byteCount: Int)] = []
  private var heardCount = 0
  private var isEstablished = false
  /// When a script has stayed long enough; nil before everything is confirmed.
  private var stayDeadline: Int64?
  private var isLeaving = false
  /// When leaving has taken long enough.
  private var leavingDeadline: Int64?
  private var end: ClientEnd?
  /// How the program ends, if something has decided that.
  private var failure: Failure?
  private var hasBadInput = false
  private var undeliverableCount = 0
  /// Nicknames that were asked for and neither given nor refused.
  private var askedNicknameCount = 0
  /// Lists that were asked for and have not come.
  private var askedListCount = 0
  /// There is no more input, and answers are waited for until then.
  private var answerDeadline: Int64?

  init(_ settings: PlainSettings, _ connection: ChatConnection) throws(Failure) {
    self.settings = settings
    self.connection = connection
    do throws(SystemError) {
      signals = try SignalPipe()
    } catch {
      throw Failure("signals cannot be caught: \(error.message)")
    }
    if settings.script == nil { input = LineInput() }
  }

  /// Runs until the end of the chat.
  mutating func run() throws(Failure) {
    try connection.start()
    for message in settings.script?.messages ?? [] { say(message) }
    while !isOver {
      wait()
      if !output.isFull { takeEvents() }
      takeInput()
      followScript()
      followDeadlines()
    }
    // A thread that hangs in the resolver of names is not waited for.
    if end != nil { connection.waitForEnd() }
    if let failure = finalFailure() { throw failure }
  }

  private var isOver: Bool {
    if end != nil { return output.isEmpty || isLate }
    return isLate
  }

  /// Leaving has taken too long, and ending at once as well.
  private var isLate: Bool {
    guard let leavingDeadline else { return false }
    return Clock.monotonicNanoseconds() > leavingDeadline + Self.farewellMax / 2
  }

  // MARK: waiting

  private var takesInput: Bool {
    // Before there is a session nobody can say who is here.
    guard let input, !input.isAtEnd, isEstablished, !isLeaving, end == nil, answerDeadline == nil
    else { return false }
    return outstanding.count < Self.outstandingMax
      && outstanding.reduce(0, { $0 + $1.byteCount }) < Self.outstandingBytesMax
  }

  private mutating func wait() {
    let standardOutput: Int32 = output.error == nil ? 1 : -1
    var entries = [
      Poll.Entry(signals.pollDescriptor, .readable),
      Poll.Entry(output.isFull ? -1 : connection.eventDescriptor, .readable),
      Poll.Entry(takesInput ? 0 : -1, .readable),
      Poll.Entry(standardOutput, output.isEmpty ? [] : .writable),
    ]
    var deadline = min(stayDeadline ?? .max, leavingDeadline ?? .max)
    if !isLeaving { deadline = min(deadline, answerDeadline ?? .max) }
    if let leavingDeadline, Clock.monotonicNanoseconds() >= leavingDeadline {
      deadline = leavingDeadline + Self.farewellMax / 2
    }
    let left = deadline == .max ? nil : max(0, deadline - Clock.monotonicNanoseconds() + 1)
    Poll.wait(for: &entries, nanoseconds: left)
    if !entries[0].result.isEmpty, let signal = signals.take() { interrupted(by: signal) }
    if !entries[2].result.isEmpty { input?.read() }
    if entries[3].result.contains(.writable) {
      output.write()
    } else if entries[3].result.contains(.closed) {
      output.noteClosed()
    }
    if output.error != nil { outputClosed() }
  }

  private mutating func interrupted(by signal: TerminationSignal) {
    failure = Failure(silently: .signal(signal))
    leave(within: Self.farewellMax)
  }

  /// Whoever has read what they wanted, such as `head`, is no failure.
  private mutating func outputClosed() {
    guard failure == nil else { return }
    let error = output.error ?? .brokenPipe
    failure =
      error == .brokenPipe
      ? Failure(silently: .done) : Failure("standard output: \(error.message)")
    leave(within: Self.farewellMax)
  }

  private mutating func leave(within nanoseconds: Int64? = nil) {
    if let nanoseconds, leavingDeadline == nil {
      leavingDeadline = Clock.monotonicNanoseconds() + nanoseconds
    }
    guard !isLeaving else { return }
    isLeaving = true
    stayDeadline = nil
    connection.perform(.quit(reason: ""))
  }

  private mutating func followDeadlines() {
    let now = Clock.monotonicNanoseconds()
    if let stayDeadline, now >= stayDeadline { leave() }
    if let leavingDeadline, now >= leavingDeadline, end == nil { connection.perform(.abort) }
  }

  // MARK: input

  private mutating func takeInput() {
    guard let lines = input?.takeLines() else { return }
    for line in lines where !isLeaving && answerDeadline == nil {
      switch line {
      case .text(let text): perform(PlainCommand(text))
      case .unreadable(let number, let reason):
        hasBadInput = true
        Diagnostics.say("line \(number) \(reason): it is not sent")
      }
    }
    if input?.isAtEnd == true { endInput() }
    guard let answerDeadline, !isLeaving else { return }
    // A server that has heard goodbye need not answer any more.
    let hasAnswers = askedListCount == 0 && askedNicknameCount == 0
    if hasAnswers || Clock.monotonicNanoseconds() >= answerDeadline { leave() }
  }

  private mutating func endInput() {
    answerDeadline = answerDeadline ?? Clock.monotonicNanoseconds() + Self.answerMax
  }

  private mutating func perform(_ command: PlainCommand) {
    switch command {
    case .say(let text): say(text)
    case .nickname(let name):
      askedNicknameCount += 1
      connection.perform(.nickname(name))
    case .who:
      askedListCount += 1
      connection.perform(.who)
    case .quit: endInput()
    case .nothing: break
    case .wrong(let reason):
      hasBadInput = true
      Diagnostics.say(reason)
    }
  }

  private mutating func say(_ text: String) {
    messageCount += 1
    outstanding.append((messageCount, text.utf8.count))
    connection.perform(.say(text))
  }

  /// Leaves when everything is confirmed and nothing more is waited for.
  private mutating func followScript() {
    guard let script = settings.script, !isLeaving, isEstablished, outstanding.isEmpty else {
      return
    }
    if let count = script.expectedCount, heardCount >= count {
      leave()
    } else if stayDeadline == nil {
      stayDeadline = Clock.monotonicNanoseconds() + max(0, script.stay.nanoseconds)
    }
  }

  // MARK: events

  private mutating func takeEvents() {
    for event in connection.takeEvents() {
      note(event)
      if settings.isJSON {
        printJSON(event)
      } else {
        printSentence(event)
      }
    }
  }

  private mutating func note(_ event: ClientEvent) {
    switch event {
    case .established(let info):
      isEstablished = true
      // It will say why.
      if let wanted = settings.nickname, info.dialect == .native, info.nickname != wanted {
        askedNicknameCount += 1
      }
    case .notice(.nicknameAccepted): askedNicknameCount = max(0, askedNicknameCount - 1)
    case .notice(.refused):
      // Any other refusal is about something that was said.
      if askedNicknameCount > 0 { askedNicknameCount -= 1 } else { undeliverableCount += 1 }
    case .message: heardCount += 1
    case .delivered(let number): outstanding.removeAll { $0.number <= number }
    case .undeliverable(let number, _):
      undeliverableCount += 1
      outstanding.removeAll { $0.number == number }
    case .ended(let end): self.end = end
    case .roster: askedListCount = max(0, askedListCount - 1)
    case .connecting, .notice, .explanation, .information, .disconnected: break
    }
  }

  private mutating func printJSON(_ event: ClientEvent) {
    if settings.isQuiet {
      guard case .message = event else { return }
    }
    output.append(EventJSON.line(event, nanosecondsSince1970: Clock.realNanoseconds()))
  }

  private mutating func printSentence(_ event: ClientEvent) {
    switch PlainSentence(event) {
    case .message(let text): output.append(text + "\n")
    case .notice(let text): if !settings.isQuiet { output.append(text + "\n") }
    case .information(let text): if !settings.isQuiet { Diagnostics.say(text) }
    case .complaint(let text): Diagnostics.say(text)
    case .nothing: break
    }
  }

  // MARK: the end

  private func finalFailure() -> Failure? {
    if let failure {
      return failure.status == .done && failure.message == nil ? nil : failure
    }
    if case .failed(let reason)? = end {
      return Failure(PlainText.line(reason), status: .peerFailed)
    }
    if let script = settings.script, let count = script.expectedCount, heardCount < count {
      let limit = script.stay.unitText
      return Failure(
        "only \(heardCount) of \(PlainSentence.count(count, "message")) came within \(limit)",
        status: .peerFailed)
    }
    if undeliverableCount > 0 { return Failure(silently: .peerFailed) }
    return hasBadInput ? Failure(silently: .unusable) : nil
  }
}
