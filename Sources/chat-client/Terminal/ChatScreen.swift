internal import ChatLens
internal import ChatPosix
internal import ChatProgram

/// Chat mode: a conversation on a terminal, with a line to type at the bottom.
///
/// One thread waits for keys, events of the connection and signals, tells the model of them, and
/// does what it says.
final class ChatScreen {
  /// How long a connection may take to end after a signal has asked for it, and how long it may
  /// take to end at once.
  static let politeEnd = 5_000_000_000 as Int64
  static let promptEnd = 2_000_000_000 as Int64

  private let partner: any ChatPartner
  private let style: OutputStyle
  private let input: Int32
  let editor: LineEditor
  private let modes: TerminalModes
  private let history: HistoryFile
  private var decoder = InputDecoder()
  var model: ChatModel
  /// How it ended.
  private var end: ClientEnd?
  /// The signal that ends it.
  var endingSignal: TerminationSignal?
  /// When to stop waiting for the end, by the monotonic clock, and whether that is the second time.
  private var deadline: (nanoseconds: Int64, isLast: Bool)?
  /// Nobody sees anything any more.
  private var isBlind = false

  /// Runs the conversation to its end.
  ///
  /// - Throws: if standard input or output is no terminal.
  static func run(
    partner: any ChatPartner, settings: ClientSettings, style: OutputStyle
  ) throws(Failure) -> ExitStatus {
    let signals: TerminalSignals
    do {
      signals = try TerminalSignals()
    } catch {
      throw Failure("signals cannot be caught: \(error.message)")
    }
    let screen = ChatScreen(
      partner: partner, settings: settings, style: style, input: 0, output: 1,
      history: .standard(environment: environmentVariable))
    guard let screen else {
      throw Failure("chat mode needs a terminal; --mode plain works without one")
    }
    return screen.converse(signals)
  }

  /// Prepares a terminal; nil if it is none.
  init?(
    partner: any ChatPartner, settings: ClientSettings, style: OutputStyle, input: Int32,
    output: Int32, history: HistoryFile, terminalName: String? = nil
  ) {
    // Before libedit changes them.
    guard let modes = TerminalModes(of: input),
      let editor = LineEditor(input: input, output: output, terminalName: terminalName)
    else { return nil }
    self.partner = partner
    self.style = style
    self.input = input
    self.editor = editor
    self.modes = modes
    self.history = history
    model = ChatModel(wishes: settings.wishes)
    for line in history.load() { editor.remember(line) }
  }

  /// Talks until the connection has ended for good.
  func converse(_ signals: borrowing TerminalSignals) -> ExitStatus {
    converse(signalDescriptor: signals.pollDescriptor) {
      signals.take()
    } stop: {
      signals.stopProcess()
    }
  }

  /// The same, with signals from elsewhere.
  func converse(
    signalDescriptor: Int32, takeSignal: () -> TerminalSignals.Event?, stop: () -> Void
  ) -> ExitStatus {
    withoutActuallyEscaping(takeSignal) { takeSignal in
      withoutActuallyEscaping(stop) { stop in
        editor.nextScalar = { [unowned self] in
          wait(signalDescriptor, takeSignal, stop)
        }
        editor.complete = { [unowned self] beginning in
          Completion(
            of: beginning, nicknames: model.nicknames, ownNickname: model.nickname)
        }
        defer {
          editor.nextScalar = { nil }
          editor.complete = { _ in nil }
        }
        typeLines()
      }
    }
    editor.flush()
    modes.restore()
    return status
  }

  private func typeLines() {
    while !isOver {
      editor.prompt = model.prompt
      switch editor.readLine() {
      case .text(let line):
        if HistoryFile.isKept(line) {
          editor.remember(line)
          history.append(line)
        }
        perform(model.enter(line, status: partner.status(), at: Self.now))
      case .endOfFile:
        perform(model.leave(reason: "", partner.status(), at: Self.now))
      case .interrupted:
        // Either it is over, or libedit could not set the terminal's modes.
        if !isOver {
          hangUp()
          while editor.nextScalar() != nil {}
        }
      }
    }
  }

  // MARK: waiting

  /// Waits for a key, and meanwhile shows what happens; nil if it is over.
  private func wait(
    _ signalDescriptor: Int32, _ takeSignal: () -> TerminalSignals.Event?, _ stop: () -> Void
  ) -> Unicode.Scalar? {
    while true {
      updatePrompt()
      if !isBlind { editor.flush() }
      if let scalar = decoder.next() { return scalar }
      guard !isOver else { return nil }
      var entries = [
        Poll.Entry(isBlind ? -1 : input, .readable), Poll.Entry(signalDescriptor, .readable),
        Poll.Entry(partner.eventDescriptor, .readable),
      ]
      let left = deadline.map { $0.nanoseconds - Clock.monotonicNanoseconds() }
      Poll.wait(for: &entries, nanoseconds: left)
      while let event = takeSignal() { handle(event, stop) }
      if !entries[2].result.isEmpty { takeEvents() }
      if !entries[0].result.isEmpty { readInput() }
      checkDeadline()
    }
  }

  private var isOver: Bool { end != nil }

  private func takeEvents() {
    let now = Self.now
    var lines: [ScreenLine] = []
    var others: [ChatEffect] = []
    for effect in partner.takeEvents().flatMap({ model.take($0, at: now) }) {
      if case .show(let new) = effect { lines += new } else { others.append(effect) }
    }
    // All at once: the line is drawn anew for each call.
    if !lines.isEmpty { show(lines) }
    perform(others)
  }

  private func readInput() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let descriptor = FileDescriptor(borrowing: input)
    let count = (try? descriptor.read(into: &buffer, from: 0)) ?? 0
    if count == 0 {
      hangUp()
    } else {
      decoder.receive(buffer[..<count])
    }
  }

  private func checkDeadline() {
    guard let deadline, Clock.monotonicNanoseconds() >= deadline.nanoseconds else { return }
    if deadline.isLast {
      end = .failed("the connection did not end")
    } else {
      partner.perform(.abort)
      self.deadline = (Clock.monotonicNanoseconds() + Self.promptEnd, isLast: true)
    }
  }

  // MARK: effects

  /// Does what the model says.
  func perform(_ effects: [ChatEffect]) {
    for effect in effects {
      switch effect {
      case .show(let lines): show(lines)
      case .perform(let command):
        if case .abort = command {
          deadline = (Clock.monotonicNanoseconds() + Self.promptEnd, isLast: true)
        }
        partner.perform(command)
      case .clearScreen:
        let wasDrawn = editor.hide()
        editor.write("\u{1b}[H\u{1b}[2J")
        if wasDrawn { editor.draw() }
      case .save(let path, let replacing, let text): save(path, replacing, text)
      case .end(let end): self.end = end
      }
    }
  }

  private func show(_ lines: [ScreenLine]) {
    guard !isBlind else { return }
    let wasDrawn = editor.hide()
    for line in lines { editor.write(line.rendered(color: style.color) + "\r\n") }
    editor.prompt = model.prompt
    if wasDrawn { editor.draw() }
  }

  private func updatePrompt() {
    guard model.prompt != editor.prompt else { return }
    let wasDrawn = editor.hide()
    editor.prompt = model.prompt
    if wasDrawn { editor.draw() }
  }

  private func save(_ path: String, _ replacing: Bool, _ text: String) {
    let lines = model.transcriptLineCount
    let problem = Self.write(text, to: path, replacing: replacing)
    perform(model.saved(path: path, lines: lines, error: problem, at: Self.now))
  }

  /// Writes a conversation to a file; returns what is in the way of it.
  static func write(_ text: String, to path: String, replacing: Bool) -> String? {
    do throws(SystemError) {
      try WholeFile.write(text, to: path, replacing: replacing)
      return nil
    } catch {
      return WholeFile.isAlreadyThere(error)
        ? "is there already; /save! \(EscapedText.line(path)) replaces it" : error.message
    }
  }

  private var status: ExitStatus {
    if let endingSignal { return .signal(endingSignal) }
    return end == .done ? .done : .peerFailed
  }

  private static var now: ChatModel.Milliseconds {
    UInt64(max(0, Clock.realNanoseconds() / 1_000_000))
  }

  // MARK: signals

  private func handle(_ event: TerminalSignals.Event, _ stop: () -> Void) {
    switch event {
    case .interrupt:
      if editor.isEmpty {
        perform(model.interrupt(status: partner.status(), at: Self.now))
      } else {
        editor.clearLine()
      }
    case .quit:
      endingSignal = .interrupt
      partner.perform(.abort)
      deadline = (Clock.monotonicNanoseconds() + Self.promptEnd, isLast: true)
    case .terminate:
      endingSignal = .terminate
      endSoon()
    case .hangup: hangUp()
    case .stop: suspend(stop)
    case .resumed:
      editor.setRaw(true)
      editor.resize()
    case .resized: editor.resize()
    }
  }

  /// Leaves politely, but not for long.
  private func endSoon() {
    perform(model.leave(reason: "", partner.status(), at: Self.now))
    if deadline == nil {
      deadline = (Clock.monotonicNanoseconds() + Self.politeEnd, isLast: false)
    }
  }

  /// The terminal is gone.
  private func hangUp() {
    guard !isBlind else { return }
    isBlind = true
    endingSignal = endingSignal ?? .terminate
    endSoon()
  }

  /// Gives the terminal back to the shell, and takes it again when the program goes on.
  private func suspend(_ stop: () -> Void) {
    let wasDrawn = editor.hide()
    editor.flush()
    editor.setRaw(false)
    modes.restore()
    stop()
    editor.setRaw(true)
    editor.resize()
    if wasDrawn { editor.draw() }
  }
}
