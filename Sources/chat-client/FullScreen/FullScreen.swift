internal import ChatCurses
internal import ChatLens
internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// The full-screen client: panes, a lens on the wire, and a line to type at the bottom.
///
/// One thread waits for keys, events of the connection, records of the trace and signals, tells the
/// model of them, does what it says, and paints what it shows, at most so many times a second.
final class FullScreen {
  /// Makes a connection and starts it; what goes over the wire is to be told to the feed.
  typealias PartnerMaker = (ClientSettings, LensFeed) throws(Failure) -> any ChatPartner

  /// The time between two paintings: what changes faster is not seen.
  private static let paintingInterval: Int64 = 33_000_000

  private let terminal: CursesTerminal
  private let settings: ClientSettings
  private let history: HistoryFile
  private let memory: SessionMemory
  private let makePartner: PartnerMaker
  private let inputDescriptor: Int32
  private(set) var model: FullScreenModel

  private var partner: (any ChatPartner)?
  private var feed: LensFeed?
  private var end: ClientEnd?
  private var endingSignal: TerminationSignal?
  /// When to stop waiting for the end, by the monotonic clock, and whether that is the second time.
  private var deadline: (nanoseconds: Int64, isLast: Bool)?
  /// The terminal is gone.
  private var isBlind = false
  private var isChanged = true
  private var paintedAt = Int64.min / 2

  init(
    terminal: CursesTerminal, input: Int32, model: FullScreenModel, settings: ClientSettings,
    history: HistoryFile, memory: SessionMemory, makePartner: @escaping PartnerMaker
  ) {
    self.terminal = terminal
    self.settings = settings
    self.history = history
    self.memory = memory
    self.makePartner = makePartner
    self.model = model
    inputDescriptor = input
  }

  /// Runs until it is over, and gives the terminal back.
  func run(_ signals: borrowing TerminalSignals) -> ExitStatus {
    model.resize(rows: terminal.rows, columns: terminal.columns)
    if model.form == nil { perform(model.connect(model.choices)) }
    while end == nil {
      paintIfDue()
      wait(signals)
      takeAll(signals)
      perform(model.advance(to: Self.now, partner?.status()))
      checkDeadline()
    }
    terminal.close()
    if case .failed(let sentence) = end, endingSignal == nil {
      Diagnostics.say(EscapedText.line(sentence))
    }
    if let endingSignal { return .signal(endingSignal) }
    return end == .done ? .done : .peerFailed
  }

  static var now: Now {
    Now(
      instant: Instant(nanoseconds: Clock.monotonicNanoseconds()),
      milliseconds: UInt64(max(0, Clock.realNanoseconds() / 1_000_000)))
  }

  // MARK: painting and waiting

  private func paintIfDue() {
    guard isChanged, !isBlind, end == nil,
      Clock.monotonicNanoseconds() - paintedAt >= Self.paintingInterval
    else { return }
    isChanged = false
    model.listRows = model.recordsByRow()
    terminal.paint(model.canvas())
    paintedAt = Clock.monotonicNanoseconds()
  }

  private func wait(_ signals: borrowing TerminalSignals) {
    let now = Clock.monotonicNanoseconds()
    var moment = model.deadline.nanoseconds
    if isChanged, !isBlind { moment = min(moment, paintedAt + Self.paintingInterval) }
    if let deadline { moment = min(moment, deadline.nanoseconds) }
    if let delay = terminal.pendingDelayNanoseconds { moment = min(moment, now + delay) }
    var entries = [
      Poll.Entry(isBlind ? -1 : inputDescriptor, .readable),
      Poll.Entry(signals.pollDescriptor, .readable),
      Poll.Entry(partner?.eventDescriptor ?? -1, .readable),
      Poll.Entry(feed?.pollDescriptor ?? -1, .readable),
    ]
    Poll.wait(for: &entries, nanoseconds: max(0, moment - now))
    // Whatever woke it: a minute, a step of slow motion, or something to take.
    isChanged = true
  }

  private func takeAll(_ signals: borrowing TerminalSignals) {
    while let event = signals.take() { handle(event, signals) }
    if !isBlind {
      for input in terminal.readInputs() { perform(model.take(input)) }
      if terminal.isInputEnded { hangUp() }
    }
    for event in partner?.takeEvents() ?? [] { perform(model.take(event)) }
    if let (moments, skippedCount) = feed?.take(), !moments.isEmpty || skippedCount > 0 {
      perform(model.take(moments, skippedCount: skippedCount))
    }
  }

  private func checkDeadline() {
    guard let deadline, Clock.monotonicNanoseconds() >= deadline.nanoseconds else { return }
    if deadline.isLast || partner == nil {
      end = end ?? .failed("the connection did not end")
    } else {
      partner?.perform(.abort)
      self.deadline = (Clock.monotonicNanoseconds() + ChatScreen.promptEnd, isLast: true)
    }
  }

  // MARK: effects

  private func perform(_ effects: [FullScreenEffect]) {
    for effect in effects {
      switch effect {
      case .perform(let command):
        if case .abort = command {
          deadline = (Clock.monotonicNanoseconds() + ChatScreen.promptEnd, isLast: true)
        }
        partner?.perform(command)
      case .connect(let choices): connect(choices)
      case .save(let path, let replacing, let text):
        perform(
          model.saved(
            path: path, error: ChatScreen.write(text, to: path, replacing: replacing)))
      case .remember(let line): history.append(line)
      case .repaint: terminal.repaint()
      case .end(let end): self.end = end
      }
    }
  }

  private func connect(_ choices: SessionChoices) {
    memory.save(choices)
    var settings = settings
    settings.host = choices.host
    settings.port = choices.port
    settings.wishes = ClientWishes(choices)
    settings.faults = model.rules
    do throws(Failure) {
      let feed: LensFeed
      do throws(SystemError) {
        feed = try LensFeed()
      } catch {
        throw Failure("the connection cannot be prepared: \(error.message)")
      }
      partner = try makePartner(settings, feed)
      self.feed = feed
    } catch {
      perform(model.take(.ended(.failed(error.message ?? "no connection can be made"))))
    }
  }

  // MARK: signals

  private func handle(_ event: TerminalSignals.Event, _ signals: borrowing TerminalSignals) {
    switch event {
    case .interrupt:
      // A pasted text whose end never came is over, too.
      terminal.forgetInput()
      perform(model.interrupt())
    case .quit:
      endingSignal = .interrupt
      abort()
    case .terminate:
      endingSignal = .terminate
      endSoon()
    case .hangup: hangUp()
    case .stop:
      terminal.suspend()
      signals.stopProcess()
      terminal.resume()
      resize()
    case .resumed:
      terminal.resume()
      resize()
    case .resized: resize()
    }
  }

  private func resize() {
    terminal.resize()
    model.resize(rows: terminal.rows, columns: terminal.columns)
    isChanged = true
  }

  private func abort() {
    guard let partner else { return end = .done }
    partner.perform(.abort)
    deadline = (Clock.monotonicNanoseconds() + ChatScreen.promptEnd, isLast: true)
  }

  /// Leaves politely, but not for long.
  private func endSoon() {
    perform(model.endSoon())
    if deadline == nil {
      deadline = (Clock.monotonicNanoseconds() + ChatScreen.politeEnd, isLast: false)
    }
  }

  /// The terminal is gone.
  private func hangUp() {
    guard !isBlind else { return }
    isBlind = true
    endingSignal = endingSignal ?? .terminate
    endSoon()
  }
}
