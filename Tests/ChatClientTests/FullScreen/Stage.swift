import ChatLens
import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport

@testable import chat_client

/// The model of the full screen with nothing around it: a clock that stands still until it is
/// moved, UTC, and a session of which the test says what happens.
struct Stage {
  var model: FullScreenModel
  /// Effects that were asked for, as text.
  var effects: [String] = []
  private(set) var instant = Instant.zero
  private var milliseconds: UInt64

  init(
    rows: Int = 24, columns: Int = 80, isConnecting: Bool = true, isUnicode: Bool = true,
    rules: String = "", choices: SessionChoices = SessionChoices(host: "chat.example")
  ) throws {
    // 2025-03-04 12:30 UTC.
    milliseconds = 1_741_091_400_000
    model = FullScreenModel(
      choices: choices, rules: try FaultRules(parsing: rules, filters: .forProgram),
      history: ["an earlier line"], signs: Signs(isUnicode: isUnicode),
      isConnecting: isConnecting, at: Now(instant: .zero, milliseconds: milliseconds),
      localTime: ChatModelTests.utc)
    model.resize(rows: rows, columns: columns)
  }

  var now: Now { Now(instant: instant, milliseconds: milliseconds) }

  var screen: String { model.canvas().text }

  /// Time passes.
  mutating func pass(_ duration: Duration) {
    instant = instant.advanced(by: duration)
    milliseconds += UInt64(duration.nanoseconds / 1_000_000)
    note(model.advance(to: now, nil))
  }

  mutating func post(_ events: ClientEvent...) {
    for event in events { note(model.take(event)) }
  }

  mutating func press(_ keys: Key...) {
    for key in keys { note(model.take(.key(key))) }
  }

  mutating func type(_ text: String) {
    for character in text { note(model.take(.key(.character(character)))) }
  }

  mutating func take(_ input: ScreenInput) { note(model.take(input)) }

  /// Types a line.
  mutating func say(_ text: String) {
    type(text)
    press(.enter)
  }

  mutating func take(_ moments: [LensMoment]) { note(model.take(moments, skippedCount: 0)) }

  mutating func note(_ new: [FullScreenEffect]) { effects += new.map { "\($0)" } }

  // MARK: a session

  static let info = ClientSessionInfo(
    dialect: .native, mode: .selectiveRepeat, requestedMode: .selectiveRepeat, windowSize: 4,
    fragmentSizeMax: 16, nickname: "ana", serverName: "chat-server 0.1.0",
    sessionID: "00112233445566778899aabbccddeeff", isReconnection: false, resentCount: 0)

  static let roster = [
    RosterLine(
      nickname: "ana", mode: .selectiveRepeat, windowSize: 4, fragmentSizeMax: 16,
      connectedSeconds: 3, isSelf: true),
    RosterLine(
      nickname: "ben", mode: .goBackN, windowSize: 16, fragmentSizeMax: 1_024,
      connectedSeconds: 60),
    RosterLine(nickname: "玛丽", isClassic: true),
  ]

  /// There is a session, three people are here, and something was said.
  mutating func open() {
    post(
      .connecting(host: "chat.example", port: 5_000, attempt: 1), .established(Self.info))
    var status = model.status
    status.session = Self.info
    note(model.advance(to: now, status))
    post(
      .roster(Self.roster),
      .message(ChatLine(from: "ben", text: "hello ana", sentAtMilliseconds: milliseconds)),
      .message(ChatLine(from: "玛丽", text: "你好世界 🌍", sentAtMilliseconds: milliseconds)))
  }

  /// What goes over the wire if these messages are said on a line with faults.
  static func moments(
    _ faults: String = "", mode: ARQMode = .selectiveRepeat, messages: Int = 1
  ) throws -> [LensMoment] {
    var plan = SimulationPlan()
    plan.mode = mode
    plan.windowSize = 4
    plan.fragmentSizeMax = 16
    plan.messages = SimulationPlan.Traffic(messageCount: messages, byteCount: 60...60)
    plan.faults = faults
    return try SimulatedMoments.of(plan)
  }
}
