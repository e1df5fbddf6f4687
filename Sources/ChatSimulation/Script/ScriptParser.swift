internal import ChatWire

/// Reads scripts: total on any text, and bounded by `ScriptLimits`.
struct ScriptParser {
  var scenario = Scenario()
  /// The language of filters in fault rules, if there is one.
  let filters: FaultFilterLanguage?
  private var time = Instant.zero
  private var messageByteCount = 0
  private var messageCount = [0, 0]
  private var hasTitle = false

  init(filters: FaultFilterLanguage?) {
    self.filters = filters
  }

  mutating func read(_ text: String) throws(ScriptError) {
    guard text.utf8.count <= ScriptLimits.textBytesMax else {
      throw ScriptError(
        line: 1,
        sentence: "The script has \(text.utf8.count) bytes; at most "
          + "\(ScriptLimits.textBytesMax) are read.")
    }
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      noteTitle(line)
      var words = try ScriptLine(line, number: number)
      guard !words.isAtEnd else { continue }
      try read(&words)
      try words.end()
    }
  }

  private mutating func noteTitle(_ line: Substring) {
    guard !hasTitle, let mark = line.first, mark == "#" else { return }
    scenario.title = String(line.dropFirst().drop { $0 == " " })
    hasTitle = true
  }

  private mutating func read(_ line: inout ScriptLine) throws(ScriptError) {
    let isTimed = line.take("at")
    if isTimed || (line.peekWord.flatMap { Duration(unitText: $0) }) != nil {
      time = Instant.zero.advanced(by: try line.duration("a time"))
      try command(&line)
    } else if let word = line.peekWord, Self.commandWords.contains(word) {
      try command(&line)
    } else {
      try setting(&line)
    }
  }

  private static let commandWords = ["client", "server", "cut", "mend", "close"]

  // MARK: commands

  private mutating func command(_ line: inout ScriptLine) throws(ScriptError) {
    switch try line.word("client, server, cut, mend or close") {
    case "client": try command(of: .client, &line)
    case "server": try command(of: .server, &line)
    case "cut": try forEachDirection(&line) { .cut($0) }
    case "mend": try forEachDirection(&line) { .mend($0) }
    case "close":
      if line.take("client") {
        try add(.close(.client), line)
      } else if line.take("server") {
        try add(.close(.server), line)
      } else {
        throw line.expected("client or server")
      }
    case let word:
      throw line.error(
        "A command begins with client, server, cut, mend or close, not with \"\(word)\"."
      )
    }
  }

  private mutating func forEachDirection(
    _ line: inout ScriptLine, _ make: (Direction) -> SimulationCommand
  ) throws(ScriptError) {
    if line.take("c2s") {
      try add(make(.clientToServer), line)
    } else if line.take("s2c") {
      try add(make(.serverToClient), line)
    } else if line.take("both") {
      try add(make(.clientToServer), line)
      try add(make(.serverToClient), line)
    } else {
      throw line.expected("c2s, s2c or both")
    }
  }

  private mutating func command(
    of side: Session.Role, _ line: inout ScriptLine
  ) throws(ScriptError) {
    switch try line.word("send, finish, window or fail") {
    case "send": try send(side, &line)
    case "finish":
      try add(.finish(side, reason: line.isAtEnd ? "" : try line.text("a reason in quotes")), line)
    case "window":
      let count = line.take("full") ? nil : try line.integer("a number of frames", 0...16_384)
      try add(.limitReceiveWindow(side, count), line)
    case "fail":
      let code = try line.integer("an ERROR code", 0...255)
      let text = line.isAtEnd ? "" : try line.text("a text in quotes")
      try add(.fail(side, ErrorCode(rawValue: UInt8(code)), text), line)
    case let word:
      throw line.error(
        "A \(side.name) can send, finish, set its window or fail, not \"\(word)\".")
    }
  }

  /// `send [TYPE] "text"`, `send [TYPE] N bytes`, either with `times N` behind it.
  private mutating func send(
    _ side: Session.Role, _ line: inout ScriptLine
  ) throws(ScriptError) {
    var type = FrameType.data
    if let word = line.peekWord, Int(word) == nil {
      guard let named = Self.types.first(where: { $0.name == word }) else {
        throw line.expected("a type that is sent in messages, a text in quotes, or N bytes")
      }
      type = named
      line.skip()
    }
    var byteCount: Int?
    var text = ""
    if case .text(let quoted)? = line.peek {
      text = quoted
      line.skip()
    } else if type == .data || line.peekWord.flatMap({ Int($0) }) != nil {
      byteCount = try line.integer(
        "a text in quotes or a number of bytes", 0...ScriptLimits.messageBytesMax)
      guard line.take("bytes") || line.take("byte") else { throw line.expected("bytes") }
    }
    let count =
      line.take("times")
      ? try line.integer("a number of times", 1...ScriptLimits.commandsMax) : 1
    for _ in 0..<count {
      let index = side == .client ? 0 : 1
      let bytes =
        byteCount.map { SimulatedText.text(message: messageCount[index], byteCount: $0, of: side) }
        ?? Array(text.utf8)
      messageCount[index] += 1
      let payload =
        type == .data ? SimulatedText.payload(of: bytes, from: side, at: time) : bytes
      messageByteCount += payload.count
      guard messageByteCount <= ScriptLimits.allMessagesBytesMax else {
        throw line.error(
          "The messages of a script have at most \(ScriptLimits.allMessagesBytesMax) bytes.")
      }
      try add(.send(side, type, payload), line)
    }
  }

  private static let types: [FrameType] = [.data, .nick, .who, .roster, .notice]

  private mutating func add(
    _ command: SimulationCommand, _ line: ScriptLine
  ) throws(ScriptError) {
    guard scenario.commands.count < ScriptLimits.commandsMax else {
      throw line.error("A script has at most \(ScriptLimits.commandsMax) commands.")
    }
    scenario.commands.append(TimedCommand(at: time, command))
  }
}
