/// A rule of the protocol that a peer can be seen to break, with its place in docs/PROTOCOL.md.
///
/// docs/VERIFY.md has an example of each.
public enum ConformanceRule: UInt8, Sendable, Hashable, CaseIterable {
  // MARK: frames
  case flagsReserved, lastOnControl, retransmissionUnflagged, retransmissionFlaggedFirst
  case typeOfOtherRole, controlSequence, controlTooLong, answerLength, pingLength, corrupt
  // MARK: session
  case firstFrame, synChanged, synAckUnasked, synAckChanged, synAckForeign, synAckGrant
  case handshakeAckEarly, handshakeAckSession, handshakeAckSequence, early
  case optionsMalformed
  // MARK: windows
  case firstSequence, sequenceSkipped, windowOverrun, windowClosed, windowAdvertised
  case acknowledgedUnsent, acknowledgedUnreceived, acknowledgementWithdrawn
  case pongMissing, pongUnasked
  // MARK: receiver
  case acknowledgementMissing, acknowledgementNextExpected, acknowledgementSequence
  case acknowledgementUnasked, acknowledgementDoubled
  case nackMissing, nackNextExpected, nackSequence, nackUnasked, nackReceived
  case answersMissing
  // MARK: sender
  case retransmissionDiffers, retransmissionAcknowledged, retransmissionUncaused
  case goBackIncomplete, nackIgnored, retransmissionsExhausted
  // MARK: messages
  case messageFragment, messageFragmentTooLarge, messageType, messageAfterFin
  // MARK: chat
  case textInvalid, broadcastInvalid, noticeInvalid, rosterInvalid, whoPayload
  case broadcastToSender, broadcastOrder, broadcastTwice, broadcastUnsent, broadcastMissing
  // MARK: end
  case finReason, errorLast, errorCode
  // MARK: classic
  case classicFirstFrame, classicHandshake, classicTypeOfOtherRole
  case classicAcknowledgementUnasked, classicNackUnasked, classicSequence, classicRepeated

  /// The stable name: NDJSON and docs/VERIFY.md.
  public var name: String { entry.name }
  /// The section of docs/PROTOCOL.md.
  public var section: String { entry.section }
  /// The row of the section's table, or its bullet, from 1; nil if it has none.
  public var row: Int? { entry.row }
  /// What the rule says, as a sentence without a full stop.
  public var statement: String { entry.statement }

  struct Entry {
    var name: String
    var section: String
    var row: Int?
    var statement: String

    init(_ name: String, _ section: String, _ statement: String) {
      self.name = name
      self.section = section
      self.statement = statement
    }

    init(_ name: String, _ section: String, _ row: Int, _ statement: String) {
      self.name = name
      self.section = section
      self.row = row
      self.statement = statement
    }
  }
}
