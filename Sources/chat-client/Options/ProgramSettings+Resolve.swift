internal import ChatPosix
internal import ChatProgram
internal import ChatWire

extension ProgramSettings {
  /// The settings of a command line, over those of the environment and the configuration file.
  ///
  /// - Parameter isTerminal: Standard input and output are a terminal.
  init(
    _ options: ClientOptions, _ sources: SettingSources, isTerminal: Bool, drawSeed: () -> UInt64
  ) throws(Failure) {
    self.init()
    let given = try Self.table.apply(options, sources, to: &self)
    givenNames = Set(given.keys)
    isSeedDrawn = !connection.faults.isEmpty && given["seed"] == nil
    if isSeedDrawn { connection.faultSeed = drawSeed() }
    plain.isQuiet = options.showing.quiet
    plain.isJSON = options.showing.json
    plain.script = try PlainScript(options.script)
    // Whoever runs a script wants to know, and not to find a message said twice.
    if plain.script != nil { connection.reconnects = false }
    let isPlainWanted = plain != PlainSettings()
    plain.nickname = connection.wishes.nickname
    switch options.showing.mode {
    case .chat, .ui:
      let mode = options.showing.mode == .ui ? "ui" : "chat"
      guard !isPlainWanted else {
        throw Failure(
          "--mode \(mode) has \(mode == "ui" ? "a full screen" : "a prompt"): "
            + "--send, --file, --wait, --expect, --quiet and --json are for plain mode")
      }
      guard isTerminal else {
        throw Failure("--mode \(mode) needs a terminal; without one there is --mode plain")
      }
      face = options.showing.mode == .ui ? .fullScreen : .chat
    case .plain: face = .plain
    case nil: face = isPlainWanted || !isTerminal ? .plain : .chat
    }
    guard !options.showing.connect || face == .fullScreen else {
      throw Failure("--connect goes with --mode ui; the others connect at once anyway")
    }
    connectsAtOnce = options.showing.connect
  }
}

extension PlainScript {
  /// The longest file that is said as one message.
  private static let fileSizeMax = 16 << 20

  /// The script that the options ask for; nil if they ask for none.
  fileprivate init?(_ options: ScriptOptions) throws(Failure) {
    guard
      !options.send.isEmpty || options.file != nil || options.wait != nil
        || options.expect != nil
    else { return nil }
    for text in options.send {
      messages.append(try Self.message(text, from: "--send"))
    }
    if let path = options.file {
      let text = try TextFile.read(path, byteCountMax: Self.fileSizeMax)
      let name = path == "-" ? "standard input" : path
      messages.append(try Self.message(Self.withUnixLines(text), from: name))
    }
    if let text = options.wait {
      wait = try SettingText(text, from: .option("--wait")).seconds()
    }
    if let count = options.expect {
      guard count > 0 else { throw Failure("--expect \(count): expected at least 1") }
      expectedCount = count
    }
  }

  private static func message(_ text: String, from origin: String) throws(Failure) -> String {
    do throws(ChatText.Violation) {
      return try ChatText(text).value
    } catch {
      throw Failure("\(origin): \(PlainSentence.clause(error.sentence))")
    }
  }

  /// The text with lines that end as they do here, and without the end of the last one.
  private static func withUnixLines(_ text: String) -> String {
    // By scalars: CR LF is one character.
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
      scalars.append(scalar)
    }
    if scalars.last == "\n" { scalars.removeLast() }
    return String(scalars)
  }
}
