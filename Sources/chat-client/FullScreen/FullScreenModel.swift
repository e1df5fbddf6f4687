internal import ChatLens
internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// A moment, by both clocks.
struct Now: Sendable {
  /// By the monotonic clock.
  var instant: Instant
  /// Milliseconds since 1970 UTC.
  var milliseconds: ChatModel.Milliseconds
}

/// What a key or an event leads to beyond the screen.
enum FullScreenEffect {
  case perform(ClientCommand)
  /// A connection is wanted: the one there is ends first.
  case connect(SessionChoices)
  /// To be answered by `saved`.
  case save(path: String, replacing: Bool, text: String)
  /// A line was typed that is to be remembered.
  case remember(String)
  /// Everything is to be painted anew.
  case repaint
  case end(ClientEnd)
}

/// The full-screen client without a terminal and without a connection.
///
/// Keys, events of the connection and records of the trace go in with the time; effects come out,
/// and `canvas` is what there is to see: a pure function of this state. Nothing here asks for the
/// time or waits.
struct FullScreenModel {
  /// What lies over the panes.
  enum Overlay {
    case none
    /// The first line that is shown.
    case help(Int)
    case status
    case faults
    case settings(SessionForm)
  }

  /// Where keys go.
  enum Focus {
    case input, lens
  }

  /// What is asked for before there is a connection; nil afterwards.
  var form: SessionForm?
  var overlay = Overlay.none
  var focus = Focus.input
  var lensSize = FullScreenLayout.LensSize.normal
  /// The direction whose strip is shown; nil: that of the last data.
  var lensDirection: Direction?

  var chat: ChatModel
  var conversation = ConversationPane()
  var people = PeoplePane()
  var lens = Lens()
  var lesson: GuidedLesson?
  var line: LineEdit
  /// What is known of the connection.
  var status: ClientStatus
  /// When the session began, which the lens counts from.
  var origin: TraceTime?
  /// The menu of faults, which holds the rules in force.
  var faults: FaultMenu
  /// Which of the answers to WHO that are still to come nobody has asked to see.
  var silentRosters: [Bool] = []
  /// Somebody has come or changed since the last answer.
  var isRosterWanted = false
  /// When the next silent question may be asked.
  var rosterMoment = Instant.zero
  /// What to connect to once the connection there is has ended.
  var nextChoices: SessionChoices?
  /// There has been a session with the server that is connected to.
  var hasHadSession = false
  /// How the last connection ended.
  var lastEnd: ClientEnd?
  /// What is asked of servers.
  var choices: SessionChoices

  var rows = 24
  var columns = 80
  let signs: Signs
  var now: Now
  /// The record that each row of the list on the screen shows, for the mouse.
  var listRows = LensView.Rows()

  /// Begins with the form, or if `isConnecting` with the connection that is being made.
  init(
    choices: SessionChoices, rules: FaultRules, history: [String], signs: Signs, isConnecting: Bool,
    at now: Now,
    localTime: @escaping @Sendable (Int64) -> LocalTime = LocalTime.init(secondsSince1970:)
  ) {
    self.choices = choices
    faults = FaultMenu(rules: rules)
    self.signs = signs
    self.now = now
    form = isConnecting ? nil : SessionForm(choices)
    chat = ChatModel(wishes: ClientWishes(choices), localTime: localTime)
    line = LineEdit(history: InputHistory(history))
    status = ClientStatus(
      host: choices.host, port: choices.port, session: nil, native: nil, unacknowledgedCount: 0,
      faults: rules.description, faultCount: 0)
  }

  /// The fault rules in force.
  var rules: FaultRules {
    get { faults.rules }
    set { faults.set(newValue) }
  }

  var layout: FullScreenLayout {
    FullScreenLayout(
      rows: rows, columns: columns, lens: lensSize, hasLesson: lesson != nil)
  }

  /// The terminal has another size.
  mutating func resize(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// Time has passed, and this is how the connection stands.
  mutating func advance(to now: Now, _ status: ClientStatus?) -> [FullScreenEffect] {
    self.now = now
    if let status { self.status = status }
    lens.advance(to: now.instant)
    return askWhoIsHere()
  }

  /// When `advance` has something to do, or the screen changes by itself.
  var deadline: Instant {
    var deadline = lens.deadline
    // The minute on the clock.
    let left = 60_000 - Int64(now.milliseconds % 60_000)
    deadline = min(deadline, now.instant.advanced(by: .milliseconds(left)))
    if isRosterWanted, chat.session != nil { deadline = min(deadline, rosterMoment) }
    let isTimerSeen = lens.pace == .live && lensSize != .hidden && form == nil
    if isTimerSeen, status.timing?.timer != nil {
      deadline = min(deadline, now.instant.advanced(by: .milliseconds(100)))
    }
    return max(deadline, now.instant)
  }

  // MARK: effects of the chat

  /// Does what the model of the chat says, as far as it is about the screen.
  mutating func carryOut(_ effects: [ChatEffect]) -> [FullScreenEffect] {
    var result: [FullScreenEffect] = []
    for effect in effects {
      switch effect {
      case .show(let lines):
        // What faults do is told by the lens, unless it is hidden.
        let isTold = !layout.lens.isEmpty
        conversation.append(isTold ? lines.filter { $0.kind != .explanation } : lines)
      case .perform(let command):
        if case .who = command { silentRosters.append(false) }
        if case .faults(let new) = command { rules = new }
        result.append(.perform(command))
      case .clearScreen: conversation.clear()
      case .save(let path, let replacing, let text):
        result.append(.save(path: path, replacing: replacing, text: text))
      case .end(let end): result += ended(end)
      }
    }
    return result
  }

  /// One connection has ended for good.
  private mutating func ended(_ end: ClientEnd) -> [FullScreenEffect] {
    lastEnd = end
    people.clear()
    if let next = nextChoices {
      nextChoices = nil
      return connect(next)
    }
    switch end {
    case .done: return [.end(end)]
    case .failed(let sentence):
      if chat.isLeaving { return [.end(end)] }
      // Another server, or another try.
      overlay = .none
      form = SessionForm(choices, error: sentence)
      return []
    }
  }

  /// Begins anew with these choices; the conversation stays on the screen.
  mutating func connect(_ choices: SessionChoices) -> [FullScreenEffect] {
    form = nil
    self.choices = choices
    chat.begin(ClientWishes(choices))
    hasHadSession = false
    silentRosters = []
    status.host = choices.host
    status.port = choices.port
    status.session = nil
    return [.connect(choices)]
  }
}

extension ClientWishes {
  /// What to ask a server for.
  init(_ choices: SessionChoices) {
    self.init()
    isClassic = choices.isClassic
    mode = choices.mode
    windowSize = choices.windowSize
    fragmentSizeMax = choices.fragmentSizeMax
    timeout = choices.timeout
    nickname = choices.nickname
  }
}

extension SessionChoices {
  /// What somebody has asked for, there.
  init(host: String, port: UInt16, _ wishes: ClientWishes) {
    self.init(
      host: host, port: port, nickname: wishes.nickname, isClassic: wishes.isClassic,
      mode: wishes.mode, windowSize: wishes.windowSize,
      fragmentSizeMax: wishes.fragmentSizeMax, timeout: wishes.timeout)
  }
}
