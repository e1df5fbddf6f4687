// Where the fields with at most one number, truth, name or moment are in an event. A filter reads
// them as keys: unsigned integers in the order of the values, so that one comparison serves all
// types and nothing is allocated.

import ChatWire

/// A field with at most one value on an event, which fits a key.
enum ScalarField: Hashable, Sendable {
  case schemaVersion, kind, time, stream
  case frame, leg, direction, dialect, type, typeCode, sequence, length, flags, last
  case retransmission, checksum, offset, message, fragment, fragments, attempt, disposition
  case senderBase, senderNext, senderInFlight, senderWindow
  case receiverNextExpected, receiverWindow, receiverBuffered
  case nextExpected, advertisedWindow, code
  case tcpEvent
  case state, mode, window, end
  /// Made from the others: any frame of the protocol, `next_expected` of an ACK, the checksum as a
  /// number.
  case chat, ack, checksumStatus
  /// True on frames of one type; a key of `Enumeration.type`.
  case isType(UInt8)
  /// True on frames with a note of one kind.
  case analysis(NoteClass)

  /// The type of its values.
  var type: FieldType {
    switch self {
    case .kind: .enumeration(.kind)
    case .time: .time
    case .leg: .enumeration(.leg)
    case .direction: .enumeration(.direction)
    case .dialect: .enumeration(.dialect)
    case .type: .enumeration(.type)
    case .checksum: .enumeration(.checksum)
    case .disposition: .enumeration(.disposition)
    case .tcpEvent: .enumeration(.tcpEvent)
    case .state: .enumeration(.state)
    case .mode: .enumeration(.mode)
    case .end: .enumeration(.end)
    case .last, .retransmission, .chat, .isType, .analysis: .boolean
    case .schemaVersion, .stream, .frame, .typeCode, .sequence, .length, .flags, .offset, .message,
      .fragment, .fragments, .attempt, .senderBase, .senderNext, .senderInFlight, .senderWindow,
      .receiverNextExpected, .receiverWindow, .receiverBuffered, .nextExpected, .advertisedWindow,
      .code, .window, .ack, .checksumStatus:
      .unsigned
    }
  }

  /// The key of its value, nil if it is absent.
  func key(in event: TraceEvent) -> UInt64? {
    switch event.kind {
    case .frame: frameKey(in: event)
    case .gap, .junk: stretchKey(in: event)
    case .tcp, .fault, .session, .summary: otherKey(in: event)
    }
  }

  private func frameKey(in event: TraceEvent) -> UInt64? {
    switch self {
    case .frame: event.frame
    case .leg: UInt64(event.leg.rawValue)
    case .direction: UInt64(event.direction.rawValue)
    case .dialect: UInt64(event.dialect.rawValue)
    case .type: UInt64(Self.typeKey(of: event))
    case .typeCode: UInt64(event.typeCode)
    case .sequence: UInt64(event.sequence)
    case .length: event.length
    case .flags: UInt64(event.flags)
    case .last: event.last ? 1 : 0
    case .retransmission: event.retransmission ? 1 : 0
    case .checksum: UInt64(event.checksum.rawValue)
    case .offset: event.offset
    case .message: event.message
    case .fragment: event.fragment
    case .fragments: event.fragments
    case .attempt: event.attempt
    case .disposition: UInt64(event.disposition.rawValue)
    case .senderBase: event.sender.map { UInt64($0.base) }
    case .senderNext: event.sender.map { UInt64($0.next) }
    case .senderInFlight: event.sender.map { UInt64($0.inFlight) }
    case .senderWindow: event.sender.flatMap { $0.window }.map(UInt64.init)
    case .receiverNextExpected: event.receiver.map { UInt64($0.nextExpected) }
    case .receiverWindow: event.receiver.map { UInt64($0.window) }
    case .receiverBuffered: event.receiver.map { UInt64($0.buffered) }
    case .nextExpected: event.nextExpected.map(UInt64.init)
    case .advertisedWindow, .window: event.advertisedWindow.map(UInt64.init)
    case .code: event.code.map(UInt64.init)
    case .chat: 1
    case .ack:
      Self.typeKey(of: event) == FrameTypeKey.ack ? event.nextExpected.map(UInt64.init) : nil
    case .checksumStatus:
      // Wireshark's numbers: 0 bad, 1 good, 2 unverified.
      switch event.checksum {
      case .bad: 0
      case .good: 1
      case .unverified: 2
      }
    case .isType(let type): Self.typeKey(of: event) == type ? 1 : nil
    case .schemaVersion, .kind, .time, .stream, .analysis: commonKey(in: event)
    case .tcpEvent, .state, .mode, .end: nil
    }
  }

  /// Gaps and runs of junk.
  private func stretchKey(in event: TraceEvent) -> UInt64? {
    switch self {
    case .direction: UInt64(event.direction.rawValue)
    case .length: event.length
    case .offset: event.offset
    // A run of junk that began as a frame has its type; no type is 0.
    case .typeCode: event.kind == .junk && event.typeCode != 0 ? UInt64(event.typeCode) : nil
    case .sequence: event.kind == .junk && event.typeCode != 0 ? UInt64(event.sequence) : nil
    default: commonKey(in: event)
    }
  }

  /// Events of TCP, faults, sessions and the summary.
  private func otherKey(in event: TraceEvent) -> UInt64? {
    switch (event.kind, self) {
    case (.tcp, .tcpEvent): event.tcpEvent.map { UInt64($0.rawValue) }
    case (.fault, .frame): event.frame != 0 ? event.frame : nil
    case (.fault, .direction): UInt64(event.direction.rawValue)
    case (.session, .state): event.state.map { UInt64($0.rawValue) }
    case (.session, .mode): event.mode.map { UInt64($0.rawValue &- 1) }
    case (.session, .window): event.window
    case (.session, .fragment): event.fragmentSize
    case (.session, .end): event.end.map { UInt64($0.rawValue) }
    default: commonKey(in: event)
    }
  }

  private func commonKey(in event: TraceEvent) -> UInt64? {
    switch self {
    case .schemaVersion: 1
    case .kind: UInt64(event.kind.rawValue)
    case .time: event.time.map { Self.timeKey($0.nanoseconds) }
    case .stream: event.kind == .summary ? nil : UInt64(truncatingIfNeeded: event.stream)
    case .analysis(let noteClass): noteClass.isPresent(in: event) ? 1 : nil
    default: nil
    }
  }

  /// The key of a frame's type in `Enumeration.type`.
  static func typeKey(of event: TraceEvent) -> UInt8 {
    switch event.dialect {
    case .native: FrameTypeKey.native(event.typeCode)
    case .classic: FrameTypeKey.classic(event.typeCode)
    }
  }

  /// A moment as a key: the order stays when the sign bit is turned round.
  static func timeKey(_ nanoseconds: Int64) -> UInt64 {
    UInt64(bitPattern: nanoseconds) ^ (1 << 63)
  }

  /// The value that a key stands for.
  static func value(of key: UInt64, type: FieldType) -> FieldValue {
    switch type {
    case .boolean: .boolean(key != 0)
    case .time: .time(nanoseconds: Int64(bitPattern: key ^ (1 << 63)))
    case .enumeration(let enumeration): .text(enumeration.name(of: key))
    case .unsigned, .text, .bytes, .any: .unsigned(key)
    }
  }
}
