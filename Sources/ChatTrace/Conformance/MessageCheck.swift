import ChatWire

/// Reads the messages of one direction in the order of their sequence numbers, and checks what they
/// are made of (PROTOCOL.md sections 5, 6 and 7).
struct MessageCheck: Sendable {
  /// A frame that waits for those before it.
  private struct Waiting: Sendable {
    var frame: ObservedFrame
    var payload: [UInt8]
  }

  /// Whose messages they are.
  let isServer: Bool
  /// The negotiated fragment size.
  var fragmentSize = 1
  var findings: [ProvisionalFinding] = []
  private(set) var next: Int64 = -1
  private var waiting: [Int64: Waiting] = [:]
  private var waitingByteCount = 0
  private var assembler = MessageAssembler()
  private var firstOfMessage = FrameReference.none
  private var short: ObservedFrame?
  private(set) var fin: FrameReference?
  /// What is said, for the comparison with other connections.
  var room = RoomRecord()
  /// It has got more at once than it can keep: messages are not read any more.
  private(set) var isGivenUp = false

  /// Bytes that wait at most.
  private static let waitingByteCountMax = 8 << 20

  init(isServer: Bool) {
    self.isServer = isServer
  }

  mutating func start(at position: Int64) {
    if next < 0 { next = position }
  }

  /// Takes a good copy of the frame at a position; all but the first one are ignored.
  mutating func take(_ frame: ObservedFrame, at position: Int64, payload: RawSpan) {
    guard next >= 0, !isGivenUp, position >= next else { return }
    guard position == next else {
      guard waiting[position] == nil else { return }
      waitingByteCount += payload.byteCount + 128
      if waitingByteCount > Self.waitingByteCountMax {
        isGivenUp = true
        waiting = [:]
      } else {
        waiting[position] = Waiting(frame: frame, payload: payload.bytes)
      }
      return
    }
    takeNext(frame, payload: payload)
    while let held = waiting.removeValue(forKey: next) {
      waitingByteCount -= held.payload.count + 128
      unsafe takeNext(held.frame, payload: held.payload.span.bytes)
    }
  }

  /// Nothing more comes.
  mutating func finish() {
    if let short { missingLast(short, found: "a frame without LAST, and nothing behind it") }
    short = nil
  }

  private mutating func takeNext(_ frame: ObservedFrame, payload: RawSpan) {
    next += 1
    if let fin {
      if findings.count < 100 {
        findings.append(
          ProvisionalFinding(
            rule: .messageAfterFin, frame: frame.reference, because: [fin],
            expected: "nothing after FIN", found: "\(frame.type.name)"))
      }
      return
    }
    if frame.byteCount > fragmentSize {
      findings.append(
        ProvisionalFinding(
          rule: .messageFragmentTooLarge, frame: frame.reference,
          expected: "at most \(fragmentSize) bytes", found: "\(frame.byteCount) bytes"))
    }
    if let short {
      missingLast(
        short,
        found: "\(short.byteCount) bytes without LAST, and \(frame.type.name) behind them")
      self.short = nil
    }
    if !assembler.isOpen { firstOfMessage = frame.reference }
    let step = assembler.append(payload, type: frame.type, isLast: frame.isLast)
    if let abandoned = step.abandonedType {
      findings.append(
        ProvisionalFinding(
          rule: .messageType, frame: frame.reference, because: [firstOfMessage],
          expected: "\(abandoned.name) up to the fragment with LAST",
          found: "\(frame.type.name) within the message"))
      firstOfMessage = frame.reference
    }
    if !frame.isLast, frame.byteCount < fragmentSize { short = frame }
    guard step.isComplete else { return }
    if frame.type == .fin { fin = frame.reference }
    if assembler.discardedByteCount == 0 { read(frame) }
    if assembler.bytes.count > 64 << 10 { assembler = MessageAssembler() }
  }

  private mutating func missingLast(_ frame: ObservedFrame, found: String) {
    findings.append(
      ProvisionalFinding(
        rule: .messageFragment, frame: frame.reference,
        expected: "LAST, or a fragment of \(fragmentSize) bytes", found: found))
  }

  // MARK: content

  private mutating func read(_ frame: ObservedFrame) {
    let bytes = assembler.bytes
    let span = unsafe bytes.span.bytes
    let rule: ConformanceRule
    var wrong: String?
    switch (frame.type, isServer) {
    case (.data, false):
      rule = .textInvalid
      wrong = ChatText.violation(in: span)?.sentence
      if wrong == nil { room.add(said: span, frame.reference) }
    case (.data, true):
      rule = .broadcastInvalid
      do throws(Broadcast.Violation) {
        let broadcast = try Broadcast(decoding: span)
        room.add(heard: broadcast, frame.reference)
        let nickname = Array(broadcast.nickname.utf8)
        let text = Array(broadcast.text.utf8)
        wrong = unsafe Nickname.violation(in: nickname.span.bytes)?.sentence
        if wrong == nil { wrong = unsafe ChatText.violation(in: text.span.bytes)?.sentence }
      } catch { wrong = error.sentence }
    case (.fin, _):
      rule = .finReason
      wrong = FinReason.violation(in: span)?.sentence
    case (.who, _):
      rule = .whoPayload
      if !bytes.isEmpty { wrong = "It has \(bytes.count) bytes" }
    case (.roster, _):
      rule = .rosterInvalid
      wrong = Self.wrong(inRoster: span)
    case (.notice, _):
      rule = .noticeInvalid
      do throws(CodedText.Violation) {
        let notice = try CodedText(decoding: span)
        if !(1...7).contains(notice.code) { wrong = "Code \(notice.code) is none of 1 to 7" }
        if notice.code == 4 { room.name(notice.text) }
        if notice.code == 5 { room.isRefused = true }
      } catch { wrong = error.sentence }
    default: return
    }
    guard let wrong, findings.count < 1_000 else { return }
    findings.append(
      ProvisionalFinding(
        rule: rule, frame: frame.reference,
        because: [firstOfMessage].filter { $0 != frame.reference },
        expected: "a message as the section says",
        found: wrong.hasSuffix(".") ? String(wrong.dropLast()) : wrong))
  }

  private static func wrong(inRoster span: RawSpan) -> String? {
    do throws(Roster.Violation) {
      let entries = try Roster(decoding: span).entries
      if entries.count(where: \.isYou) != 1, !entries.isEmpty {
        return "\(entries.count(where: \.isYou)) of its entries are \"you\""
      }
      let names = entries.map(\.nickname)
      return isSorted(names.map(Nickname.key)) || isSorted(names)
        ? nil : "It is not sorted by nickname"
    } catch {
      return error.sentence
    }
  }

  private static func isSorted(_ names: [String]) -> Bool {
    zip(names, names.dropFirst()).allSatisfy { left, right in
      !right.unicodeScalars.lexicographicallyPrecedes(left.unicodeScalars)
    }
  }
}
