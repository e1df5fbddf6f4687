internal import ArgumentParser
internal import ChatProgram
internal import ChatWire

/// `chat-inspect ctl intercept`: which frames are held for a decision.
struct CtlInterceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intercept",
    abstract: "Hold frames that match a filter, or list those that are held.",
    discussion: """
      Held frames wait until they are released, dropped or altered; those behind them wait, too. \
      docs/FILTER.md has the language of filters.

      Examples:
        chat-inspect ctl intercept "type == DATA and direction == c2s"
        chat-inspect ctl intercept
        chat-inspect ctl intercept off
      """)

  @Argument(
    help: """
      The filter, or off to hold nothing more and to let go of what is held; without it the filter \
      in force and the held frames are shown.
      """, completion: .list(["off"]))
  var filter: [String] = []

  @OptionGroup var target: CtlOptions

  func run() throws {
    switch filter {
    case []: try target.ask(.interception)
    case ["off"]:
      try target.order(.intercept(filter: nil), saying: "frames are no longer held")
    default:
      let filter = filter.joined(separator: " ")
      try target.order(
        .intercept(filter: filter),
        saying: "frames are held that match: \(TerminalText.safe(filter))")
    }
  }
}

/// `chat-inspect ctl release`.
struct CtlReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Forward a frame that is held, or all.",
    discussion: """
      Examples:
        chat-inspect ctl release 1
        chat-inspect ctl release
      """)

  @Argument(
    help: "The number of the held frame, as `ctl intercept` lists it, or all.",
    completion: .list(["all"]))
  var held = "all"

  @OptionGroup var target: CtlOptions

  func run() throws {
    guard held != "all" else {
      return try target.order(.release(held: nil), saying: "all held frames go on")
    }
    guard let number = Int(held), number >= 0 else {
      throw Failure(
        "\(TerminalText.cut(held, scalarCountMax: 40)): expected the number of a held frame, "
          + "or all")
    }
    try target.order(.release(held: number), saying: "frame \(number) goes on")
  }
}

/// `chat-inspect ctl drop`.
struct CtlDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Drop a frame that is held.",
    discussion: """
      Example:
        chat-inspect ctl drop 1
      """)

  @Argument(help: "The number of the held frame, as `ctl intercept` lists it.")
  var held: Int

  @OptionGroup var target: CtlOptions

  func run() throws {
    let number = try CtlNumber.check(held, "held frame")
    try target.order(.drop(held: number), saying: "frame \(number) is dropped")
  }
}

/// `chat-inspect ctl alter`.
struct CtlAlterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alter",
    abstract: "Change a frame that is held, and forward it.",
    discussion: """
      The length and the checksum are made to fit, unless --keep-checksum says otherwise: then the \
      frame arrives damaged.

      Examples:
        chat-inspect ctl alter 1 --payload "something else"
        chat-inspect ctl alter 1 --payload-hex "00 00 ff" --keep-checksum
        chat-inspect ctl alter 1 --type FIN --sequence 17 --flags 1
        chat-inspect ctl alter 1 --hex 0000000b000036edadba00
      """)

  @Argument(help: "The number of the held frame, as `ctl intercept` lists it.")
  var held: Int

  @Option(help: ArgumentHelp("Another payload.", valueName: "text"))
  var payload: String?

  @Option(
    help: ArgumentHelp("Another payload, in hexadecimal digits.", valueName: "digits"))
  var payloadHex: String?

  @Option(
    help: ArgumentHelp(
      "Other bytes for the whole frame, header included, in hexadecimal digits.",
      valueName: "digits"))
  var hex: String?

  @Option(
    help: ArgumentHelp("Another type, by name or number.", valueName: "type"),
    completion: .list(FrameAlteration.typeNames))
  var type: String?

  @Option(help: ArgumentHelp("Another sequence, 0 to 65535.", valueName: "number"))
  var sequence: String?

  @Option(help: ArgumentHelp("Other flags, 0 to 255.", valueName: "number"))
  var flags: String?

  @Flag(help: "Leave the checksum as it is.")
  var keepChecksum = false

  @OptionGroup var target: CtlOptions

  func run() throws {
    let number = try CtlNumber.check(held, "held frame")
    try target.order(
      .alter(held: number, try alteration()), saying: "frame \(number) goes on, altered")
  }

  private func alteration() throws(Failure) -> FrameAlteration {
    var alteration = FrameAlteration()
    if let hex {
      guard payload == nil, payloadHex == nil, type == nil, sequence == nil, flags == nil,
        !keepChecksum
      else { throw Failure("--hex is the whole frame: it goes with no other option") }
      alteration.bytes = try Self.bytes(hex, "--hex")
    }
    if let payload {
      guard payloadHex == nil else {
        throw Failure("--payload and --payload-hex exclude each other")
      }
      alteration.payload = Array(payload.utf8)
    }
    if let payloadHex { alteration.payload = try Self.bytes(payloadHex, "--payload-hex") }
    if let type {
      guard let code = FrameAlteration.typeCode(named: type) else {
        throw SettingText(type, from: .option("--type")).failure(
          "expected the name of a type of frame, such as DATA, or 0 to 255")
      }
      alteration.typeCode = code
    }
    if let sequence {
      let number = try SettingText(sequence, from: .option("--sequence")).integer(in: 0...65_535)
      alteration.sequence = UInt16(truncatingIfNeeded: number)
    }
    if let flags {
      let number = try SettingText(flags, from: .option("--flags")).integer(in: 0...255)
      alteration.flags = UInt8(truncatingIfNeeded: number)
    }
    alteration.keepsChecksum = keepChecksum
    guard !alteration.isEmpty else {
      throw Failure(
        "nothing is to be altered: say what with --payload, --payload-hex, --hex, --type, "
          + "--sequence or --flags")
    }
    return alteration
  }

  private static func bytes(_ text: String, _ option: String) throws(Failure) -> [UInt8] {
    guard let bytes = HexText.bytes(text) else {
      throw SettingText(text, from: .option(option)).failure(
        "expected an even number of hexadecimal digits")
    }
    return bytes
  }
}
