internal import ChatLens
internal import ChatWire

/// One session with a server, in either dialect: the same commands and the same steps.
///
/// Bytes and commands go in; `next` says what to do, until it says `wait` or `ended`.
struct Dialogue {
  let dialect: Dialect
  /// Exactly one of these two is there; so each is changed where it lies.
  private var native: NativeDialogue?
  private var classic: ClassicDialogue?

  init(_ wishes: ClientWishes, checksum: CRC32, at now: Instant) {
    if wishes.isClassic {
      dialect = .classic
      classic = ClassicDialogue(wishes)
    } else {
      dialect = .native
      native = NativeDialogue(wishes, checksum: checksum, at: now)
    }
  }

  /// The longest payload that is taken from the server.
  var receiveLimit: Int { native?.receiveLimit ?? FrameLimits.classicPayloadMax }

  /// Counts and windows, in the native dialect.
  var status: SessionStatus? {
    guard let native, native.session.isEstablished else { return nil }
    return native.session.status
  }

  /// Round trip and retransmission timer, in the native dialect.
  func timing(at now: Instant) -> LensTiming? {
    guard let native, let status else { return nil }
    let timer = native.session.retransmissionTimer.map {
      LensTiming.Timer(
        sequence: $0.sequence.rawValue, left: max(.zero, now.duration(to: $0.deadline)),
        whole: $0.whole)
    }
    return LensTiming(
      roundTrip: status.smoothedRoundTrip, variation: status.roundTripVariation,
      timeout: status.retransmissionTimeout, timer: timer)
  }

  /// False while reading more would only fill memory.
  var wantsInput: Bool { classic?.session.wantsInput ?? true }

  // MARK: in

  mutating func receive(_ bytes: RawSpan) {
    native?.session.receive(bytes)
    classic?.session.receive(bytes)
  }

  mutating func endOfStream() {
    native?.session.endOfStream()
    classic?.session.endOfStream()
  }

  /// Hands a message over; only once the session is established.
  mutating func say(_ number: UInt64, _ bytes: [UInt8]) -> Handing {
    native?.say(number, bytes) ?? classic?.say(number, bytes) ?? .later
  }

  mutating func askForNickname(_ nickname: String) {
    native?.ask(.nick, Array(nickname.utf8))
    classic?.session.setNickname(nickname)
  }

  mutating func askWhoIsHere() {
    native?.ask(.who, [])
    classic?.askWhoIsHere()
  }

  /// Says goodbye once everything before is said.
  mutating func finish(reason: String) {
    native?.finish(reason: reason)
    classic?.session.disconnect()
  }

  /// Asks the server to pause, or to go on; the classic dialect has no words for it.
  mutating func pause(_ isPaused: Bool) {
    native?.session.limitReceiveWindow(to: isPaused ? 0 : nil)
  }

  // MARK: out

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> DialogueStep {
    native?.next(at: now, into: &bytes) ?? classic?.next(at: now, into: &bytes)
      ?? .wait(until: .distantFuture)
  }
}
