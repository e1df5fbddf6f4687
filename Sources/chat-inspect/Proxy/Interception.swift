internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// Frames that are held by hand: those that match a filter, until somebody decides about each.
struct Interception {
  /// A frame that is held.
  struct Held {
    var number: Int
    /// The connection's token and number.
    var token: UInt64
    var connection: Int
    var direction: Direction
    var dialect: Dialect
    /// As it came.
    var bytes: [UInt8]
    var fate: Fate
    /// Which frame of the trace it is, if that was known when it came.
    var frame: UInt64?
    var since: Instant
  }

  /// The rule that the trace names for what is done by hand.
  static let rule = "intercept"
  /// More are not held: the oldest goes on.
  static let heldMax = 1_024
  static let heldBytesMax = 16 << 20

  private(set) var filter: FrameFilter?
  private(set) var held: [Held] = []
  private var heldByteCount = 0
  private var nextNumber = 1

  /// Frames are being held.
  var isOn: Bool { filter != nil }

  /// From now on frames that match are held; nil: none.
  mutating func set(_ filter: FrameFilter?) {
    self.filter = filter
  }

  /// True for a frame that is to be held.
  func wants(
    _ frame: RawSpan, _ header: FrameHeader, _ dialect: Dialect, _ identified: IdentifiedFrame
  ) -> Bool {
    filter?.matches(frame, header: header, dialect: dialect, identified: identified) ?? false
  }

  /// Takes a frame; true if there are more than may be held.
  mutating func hold(_ frame: Held) -> Bool {
    var frame = frame
    frame.number = nextNumber
    nextNumber += 1
    heldByteCount += frame.bytes.count
    held.append(frame)
    return held.count > Self.heldMax || heldByteCount > Self.heldBytesMax
  }

  /// Takes out the first frame that is held and fits.
  mutating func take(where fits: (Held) -> Bool) -> Held? {
    guard let index = held.firstIndex(where: fits) else { return nil }
    heldByteCount -= held[index].bytes.count
    return held.remove(at: index)
  }

  /// What the trace says of a frame that is held: nobody knows yet for how long.
  static func fateOfHeld(_ fate: TappedFate) -> TappedFate {
    TappedFate(acts: fate.acts + [TappedAct(rule: rule, action: "hold")])
  }

  func report(at now: Instant) -> InterceptionReport {
    var report = InterceptionReport(filter: filter?.text)
    var shownByteCount = 0
    for held in held {
      let header = held.bytes.withFrameHeader(held.dialect)
      // Of a long list of long frames only their headers are shown.
      let isShown = shownByteCount + held.bytes.count <= InterceptionReport.shownByteCountMax
      let bytes = isShown ? held.bytes : Array(held.bytes.prefix(held.dialect.headerSize))
      shownByteCount += bytes.count
      report.held.append(
        InterceptionReport.Held(
          number: held.number, connection: held.connection, direction: held.direction,
          frame: held.frame, dialect: held.dialect,
          type: header.map { FrameTypeName($0.typeCode, held.dialect).name } ?? "",
          sequence: header?.sequence ?? 0,
          heldNanoseconds: held.since.nanoseconds(to: now), bytes: bytes,
          omittedByteCount: held.bytes.count - bytes.count))
    }
    return report
  }
}

extension [UInt8] {
  fileprivate func withFrameHeader(_ dialect: Dialect) -> FrameHeader? {
    FrameHeader(dialect, in: span.bytes, at: 0)
  }
}

extension ProxyLoop {
  /// Keeps a frame until somebody decides about it.
  func hold(
    _ connection: ProxyConnection, _ direction: Direction, _ fate: Fate, _ bytes: [UInt8],
    _ frame: UInt64?
  ) {
    guard case .found(let dialect) = connection.relay.framing else { return }
    let isTooMuch = interception.hold(
      Interception.Held(
        number: 0, token: connection.token, connection: connection.number, direction: direction,
        dialect: dialect, bytes: bytes, fate: fate, frame: frame, since: clock.now))
    if isTooMuch, let oldest = interception.take(where: { _ in true }) { release(oldest) }
  }

  /// A frame goes on, perhaps changed.
  func release(_ held: Interception.Held, as bytes: [UInt8]? = nil) {
    guard let connection = connection(held.token), connection.phase == .open else { return }
    decide(held, connection, bytes == nil ? "release" : "alter")
    ledgerFile?.record(
      .delay(held.since.duration(to: clock.now)), held.fate, rule: Interception.rule)
    let frame = bytes ?? held.bytes
    connection.relay.release(
      frame.span.bytes, fate: held.fate, held.direction, at: clock.now)
    drain(connection, held.direction)
    update(connection)
  }

  /// A frame never goes on.
  func drop(_ held: Interception.Held) {
    guard let connection = connection(held.token), connection.phase == .open else { return }
    decide(held, connection, "drop")
    ledgerFile?.record(.drop, held.fate, rule: Interception.rule)
  }

  private func decide(
    _ held: Interception.Held, _ connection: ProxyConnection, _ action: String
  ) {
    trace.decided(
      connection, held.direction, number: held.fate.number, frame: held.frame,
      act: TappedAct(rule: Interception.rule, action: action), at: clock.time)
  }

  /// The sender of a direction sends no more: what is held of it goes first.
  func releaseHeld(of connection: ProxyConnection, _ direction: Direction) {
    let token = connection.token
    while let held = interception.take(where: {
      $0.token == token && $0.direction == direction
    }) {
      release(held)
    }
  }

  /// The connection is gone.
  func forgetHeld(of connection: ProxyConnection) {
    let token = connection.token
    while let held = interception.take(where: { $0.token == token }) {
      decide(held, connection, "drop")
    }
  }

  /// Other frames are held from now on; nil: none, and those that are go on.
  func intercept(_ filter: FrameFilter?) {
    interception.set(filter)
    if filter == nil {
      while let held = interception.take(where: { _ in true }) { release(held) }
    }
    for case let connection? in table { connection.relay.isIntercepting = filter != nil }
  }
}
