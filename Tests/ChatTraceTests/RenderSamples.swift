import ChatTrace
import ChatWire

/// Hand-made records for the tests of the renderers.
enum RenderSamples {
  /// 14 November 2023, 22:13:20 UTC.
  static let start: Int64 = 1_700_000_000_000_000_000

  /// A frame of a native session, `microseconds` after the start.
  static func frame(
    _ number: UInt64, _ microseconds: Int64, _ direction: Direction, _ type: FrameType,
    _ sequence: UInt16, _ change: (inout TraceEvent) -> Void = { _ in }
  ) -> TraceEvent {
    var event = TraceEvent()
    event.frame = number
    event.time = TraceTime(nanoseconds: start + microseconds * 1_000)
    event.direction = direction
    event.typeCode = type.rawValue
    event.sequence = sequence
    change(&event)
    return event
  }

  /// A record that is not a frame.
  static func record(
    _ kind: TraceEvent.Kind, _ microseconds: Int64, _ change: (inout TraceEvent) -> Void
  ) -> TraceEvent {
    var event = TraceEvent()
    event.kind = kind
    event.time = TraceTime(nanoseconds: start + microseconds * 1_000)
    change(&event)
    return event
  }

  /// A Selective Repeat session with a damaged frame, its repair, a gap and junk.
  static var session: [TraceEvent] { opening + talking + ending }

  private static var opening: [TraceEvent] {
    [
      record(.tcp, 0) {
        $0.tcpEvent = .open
        $0.client = "127.0.0.1:44044"
        $0.server = "127.0.0.1:5000"
      },
      frame(1, 112, .clientToServer, .syn, 54_321) {
        $0.length = 17
        $0.options = [
          Option("version", .number(1)), Option("mode", .text("sr")),
          Option("window", .number(4)), Option("nickname", .text("ana")),
        ]
        $0.nickname = "ana"
      },
      frame(2, 305, .serverToClient, .synAck, 700) {
        $0.length = 40
        $0.nickname = "ana"
        $0.options = [
          Option("session", .bytes([0xDE, 0xAD, 0xBE, 0xEF])), Option("window", .number(4)),
        ]
      },
      frame(3, 401, .clientToServer, .handshakeAck, 54_321) {
        $0.offset = 28
        $0.length = 10
      },
      record(.session, 401) {
        $0.state = .established
        $0.mode = .selectiveRepeat
        $0.window = 4
        $0.fragmentSize = 32
      },
    ]
  }

  private static var talking: [TraceEvent] {
    [
      frame(4, 1_950, .clientToServer, .data, 54_322) {
        $0.offset = 49
        $0.length = 32
        ($0.message, $0.fragment, $0.attempt) = (1, 1, 1)
        $0.checksum = .bad
        $0.sender = SenderWindow(base: 54_322, next: 54_323, inFlight: 1, window: 4)
      },
      frame(5, 1_960, .clientToServer, .data, 54_323) {
        $0.offset = 92
        $0.length = 20
        $0.flags = 1
        $0.last = true
        ($0.message, $0.fragment, $0.fragments, $0.attempt) = (1, 2, 2, 1)
        $0.sender = SenderWindow(base: 54_322, next: 54_324, inFlight: 2, window: 4)
      },
      frame(6, 2_104, .serverToClient, .nack, 54_322) {
        $0.offset = 51
        $0.length = 4
        $0.nextExpected = 54_322
        $0.advertisedWindow = 4
        $0.sender = SenderWindow(base: 54_322, next: 54_324, inFlight: 2, window: 4)
        $0.receiver = ReceiverWindow(nextExpected: 54_322, window: 4, buffered: 1)
      },
      frame(7, 2_199, .clientToServer, .data, 54_322) {
        $0.offset = 123
        $0.length = 32
        $0.flags = 2
        $0.retransmission = true
        ($0.message, $0.fragment, $0.fragments, $0.attempt) = (1, 1, 2, 2)
        $0.text = "olá, tudo bem? 👩‍👩‍👧 日本語"
        $0.sender = SenderWindow(base: 54_322, next: 54_324, inFlight: 2, window: 4)
        $0.receiver = ReceiverWindow(nextExpected: 54_322, window: 4, buffered: 1)
      },
      frame(8, 2_300, .serverToClient, .ack, 54_322) {
        $0.offset = 66
        $0.length = 4
        $0.nextExpected = 54_324
        $0.advertisedWindow = 4
        $0.sender = SenderWindow(base: 54_324, next: 54_324, inFlight: 0, window: 4)
        $0.receiver = ReceiverWindow(nextExpected: 54_324, window: 4, buffered: 0)
      },
    ]
  }

  private static var ending: [TraceEvent] {
    [
      record(.gap, 5_000) {
        $0.direction = .serverToClient
        $0.length = 611
        $0.offset = 81
      },
      record(.junk, 5_100) {
        $0.length = 37
        $0.offset = 166
        $0.code = 1
        $0.typeCode = 4
        $0.sequence = 54_330
      },
      frame(9, 12_345_678, .serverToClient, .notice, 705) {
        $0.offset = 692
        $0.length = 13
        $0.flags = 1
        $0.last = true
        ($0.message, $0.fragment, $0.fragments, $0.attempt) = (5, 1, 1, 1)
        $0.code = 2
        $0.reason = "bia\nwent home"
        $0.sender = SenderWindow(base: 703, next: 706, inFlight: 3, window: 16)
      },
      frame(10, 12_345_999, .serverToClient, .data, 706) {
        $0.offset = 716
        $0.length = 300
        $0.checksum = .unverified
        ($0.message, $0.fragment) = (6, 1)
        $0.sender = SenderWindow(base: 703, next: 707, inFlight: 4, window: nil)
      },
      record(.fault, 12_346_000) {
        $0.frame = 10
        $0.rule = "drop 10% DATA s2c"
        $0.action = "drop"
      },
      record(.session, 12_400_000) {
        $0.state = .closed
        $0.end = .unconfirmed
      },
      record(.tcp, 12_400_001) { $0.tcpEvent = .reset },
    ]
  }

  /// The summary of `session`.
  static var summary: TraceSummary {
    var summary = TraceSummary()
    summary.packets = 25
    summary.otherStreams = 1
    var stream = TraceSummary.Stream()
    stream.verdict = .inconclusive
    stream.clientToServer.bytes = 203
    stream.clientToServer.frameBytes = 166
    stream.clientToServer.junkBytes = 37
    stream.serverToClient.bytes = 1_026
    stream.serverToClient.frameBytes = 405
    stream.serverToClient.gapBytes = 611
    stream.serverToClient.undecidedBytes = 10
    summary.streams = [stream]
    return summary
  }

  /// A record with every number at its maximum.
  static var longest: TraceEvent {
    var event = TraceEvent()
    event.time = TraceTime(nanoseconds: .min)
    event.stream = .max
    event.direction = .serverToClient
    event.frame = .max
    event.leg = .client
    event.dialect = .classic
    event.typeCode = 99
    event.sequence = .max
    event.length = .max
    event.flags = .max
    event.checksum = .unverified
    event.offset = .max
    (event.message, event.fragment, event.fragments, event.attempt) = (.max, .max, .max, .max)
    event.disposition = .duplicated
    event.sender = SenderWindow(base: .max, next: .max, inFlight: .max, window: .max)
    event.receiver = ReceiverWindow(nextExpected: .max, window: .max, buffered: .max)
    (event.nextExpected, event.advertisedWindow, event.code) = (.max, .max, .max)
    (event.window, event.fragmentSize, event.state) = (.max, .max, .established)
    return event
  }

  /// A summary likewise.
  static var longestSummary: TraceSummary {
    var summary = TraceSummary()
    (summary.packets, summary.otherStreams) = (.max, .max)
    var stream = TraceSummary.Stream()
    stream.stream = .max
    stream.clientToServer.bytes = .max
    stream.clientToServer.frameBytes = .max
    stream.clientToServer.gapBytes = .max
    stream.clientToServer.junkBytes = .max
    stream.clientToServer.undecidedBytes = .max
    summary.streams = [stream]
    return summary
  }

  /// Texts that mean harm.
  static let hostile: [String] = [
    "", "plain", "\"quoted\\\"", "a\nb\r\nc\td", "\u{1B}[31mred\u{1B}]0;title\u{07}",
    "\u{0}\u{1}\u{1F}\u{7F}", "\u{80}\u{85}\u{9B}31m\u{9F}", "\u{202E}evil\u{2066}iso\u{2069}",
    "line\u{2028}sep\u{2029}", "zero\u{200B}width\u{FEFF}\u{AD}", "olá 日本語 👩‍👩‍👧 e\u{301}",
    "a" + String(repeating: "\u{301}", count: 300), "\u{200D}\u{200D}", "tag\u{E0041}\u{E007F}",
    String(decoding: [0x61, 0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80], as: UTF8.self),
    String(repeating: "x", count: 300), String(repeating: "漢字", count: 100), "{\"a\":1}",
    "</script>", "\u{FFFD}\u{FFFF}\u{10FFFF}", "\u{61C}\u{200E}\u{180E}\u{2060}", "🇧🇷🇧",
    "1\u{FE0F}\u{20E3}", "many short words in a row, " + String(repeating: "ab ", count: 60),
  ]
}
