internal import ChatCurses
internal import ChatLens
internal import ChatPosix
internal import ChatProgram
internal import ChatWire

extension FullScreen {
  /// Runs the full-screen client on this process's terminal, to its end.
  ///
  /// - Throws: if the terminal cannot be used.
  static func run(_ settings: ProgramSettings) throws(Failure) -> ExitStatus {
    let style = OutputStyle.decide(settings.color)
    let signals: TerminalSignals
    do throws(SystemError) {
      signals = try TerminalSignals()
    } catch {
      throw Failure("signals cannot be caught: \(error.message)")
    }
    let memory = SessionMemory.standard(environment: environmentVariable)
    let history = HistoryFile.standard(environment: environmentVariable)
    let model = FullScreenModel(
      choices: settings.choices(remembered: memory.load()), rules: settings.connection.faults,
      history: history.load(), signs: Signs(isUnicode: style.unicode),
      isConnecting: settings.connectsAtOnce, at: now)
    let terminal: CursesTerminal
    do throws(CursesError) {
      terminal = try CursesTerminal.open(
        options: CursesOptions(color: style.color, isUnicode: style.unicode))
    } catch {
      throw Failure("--mode ui: \(error.sentence.asClause); --mode chat needs less")
    }
    let screen = FullScreen(
      terminal: terminal, input: 0, model: model, settings: settings.connection,
      history: history, memory: memory
    ) { (settings, feed) throws(Failure) in
      let connection = try ChatConnection(settings: settings, lens: feed, checksum: .forProgram)
      try connection.start()
      return connection
    }
    return screen.run(signals)
  }
}

extension ProgramSettings {
  /// What the form begins with: what was given, else what was chosen last time, else the usual.
  func choices(remembered: SessionChoices?) -> SessionChoices {
    let given = SessionChoices(
      host: connection.host, port: connection.port, connection.wishes)
    guard let remembered else { return given }
    var choices = remembered
    if givenNames.contains("host") { choices.host = given.host }
    if givenNames.contains("port") { choices.port = given.port }
    if givenNames.contains("nickname") { choices.nickname = given.nickname }
    if givenNames.contains("protocol") { choices.mode = given.mode }
    if givenNames.contains("classic"), choices.isClassic != given.isClassic {
      choices.isClassic = given.isClassic
      // They count in other units.
      choices.windowSize = nil
      choices.fragmentSizeMax = nil
      choices.timeout = nil
    }
    if givenNames.contains("window-size") { choices.windowSize = given.windowSize }
    if givenNames.contains("max-fragment-size") { choices.fragmentSizeMax = given.fragmentSizeMax }
    if givenNames.contains("timeout") { choices.timeout = given.timeout }
    return choices
  }
}
