/// The identity of a note: a stable name that programs may rely on.
///
/// What the numbers of a note mean is said beside each case; `causes` are in the order of the
/// sentence.
public enum NoteID: UInt8, Sendable, Hashable, CaseIterable {
  // MARK: handshake

  /// Asks for a session. `first` window, `second` fragment size, `detail` mode.
  case handshakeAsks
  /// The same handshake frame again. Cause: the first copy. Of a connection that is tapped, `first`
  /// may be a fault's effects: on the copy, or on a second cause.
  case handshakeRepeated
  /// The server's values. Cause: the SYN. `first` window, `second` fragment size, `detail` mode.
  case handshakeAnswers
  /// The server changed what was asked for. `detail` what.
  case handshakeChanged
  /// The handshake is complete. Cause: the SYN_ACK.
  case handshakeCompletes
  /// A sequenced frame stands for a HANDSHAKE_ACK that was not seen. Cause: the SYN_ACK; and the
  /// HANDSHAKE_ACK, if a fault kept it away, with `first` the effects.
  case handshakeImplied
  /// Its options break section 3.1. `detail` how.
  case handshakeMalformed
  /// It acknowledges another initial sequence number. `first` which, `second` the client's.
  case handshakeForeign

  // MARK: acknowledgements

  /// Acknowledges frames. Causes: them. `first` how many.
  case acknowledges
  /// Nothing new. Cause: the ACK that said it first; or, if `first` is 1, the repeated frame that
  /// it answers; if 2, the frame that a fault has duplicated.
  case acknowledgementDuplicate
  /// Says less than is known. `first` its next expected, `second` the base.
  case acknowledgementStale
  /// Acknowledges what this trace has not seen. `first` how many.
  case acknowledgementUnseen
  /// Acknowledges a single frame out of order (Selective Repeat). Cause: it.
  case acknowledgesSelectively
  /// Asks for a frame again whose copy was corrupt. Cause: the copy. `first` its sequence.
  case nackCorrupt
  /// Asks for a frame again that was damaged so badly that framing was lost. `first` sequence.
  case nackFramingLost
  /// Asks for a frame again that is missing. Cause: the frame that came instead. `first` sequence.
  case nackMissing
  /// Asks for a frame again that looked good here. Cause: the copy. `first` sequence.
  case nackLostLater
  /// Asks for a frame again because of a fault. Cause: the frame that it acted on.
  ///
  /// `first` sequence, `second` the fault's effects.
  case nackFault
  /// Asks again for what an earlier NACK asked for. Cause: that NACK. `first` sequence.
  case nackRepeated
  /// Asks for what was acknowledged already. `first` sequence.
  case nackStale

  // MARK: windows

  /// The window is full: the sender has to wait. `first` frames in flight.
  case windowFull
  /// More in flight than the window allows. `first` in flight, `second` window.
  case windowOverrun
  /// The receiver changed its window. `first` from, `second` to.
  case windowUpdate
  /// The receiver's window is closed.
  case windowZero

  // MARK: retransmissions
  // `second` of the first five: the effects of faults on the copy.

  /// Causes: the copy, the NACK. `detail` what the NACK reported.
  case retransmissionNack
  /// Cause: the copy, and a NACK if a fault kept it away. `first` nanoseconds since the copy.
  case retransmissionTimeout
  /// Sent again because a fault kept the acknowledgement away. Causes: the copy, the ACK. `first`
  /// nanoseconds since the copy, `second` the effects on the ACK.
  case retransmissionUnheard
  /// Sent again because everything behind a lost frame is. Causes: the copy, the first one resent.
  case retransmissionGoBack
  /// Causes: the copy, the ACK of a later frame.
  case retransmissionFast
  /// Sent again although it was acknowledged. Causes: the copy, the ACK.
  case retransmissionSpurious
  /// A copy made on the way: without the RETRANSMISSION flag, or, with `first` 1, of a
  /// retransmission. Cause: the copy.
  case duplicate
  /// Marked as a retransmission, but its first copy was not seen. `first` sequence; cause: a NACK.
  /// `second` 1: it had been acknowledged long before.
  case retransmissionUnseen
  /// Other bytes than the first copy had. Cause: the copy.
  case retransmissionDiffers

  // MARK: order

  /// Sequence numbers that were not seen. `first` how many, `second` the first one.
  case skipped
  /// Comes after later ones. `first` its sequence.
  case outOfOrder

  // MARK: faults
  // `detail` the rule, if there is one; `second` who gets the frame: 0 the server, 1 the client.

  /// Not passed on. Cause: the frame, if it was held before.
  case faultDropped
  /// Passed on damaged. `first` the part: its place in `TappedAction.Part.allCases` from 1.
  case faultCorrupted
  /// Held. `first` nanoseconds, 0 if not known.
  case faultDelayed
  /// Passed on twice.
  case faultDuplicated
  /// Held until others have overtaken it. `first` how many, 0 if not known.
  case faultReordered
  /// Held until a line of limited rate has carried it. `first` bytes per second.
  case faultPaced
  /// Not passed on, and the connection broken.
  case faultReset
  /// The end of a direction held back. `first` nanoseconds.
  case faultSlowClose
  /// Held until somebody decides.
  case faultHeld
  /// Passed on after it was held. Cause: the frame.
  case faultReleased
  /// Changed by somebody. Cause: the frame, if it was held.
  case faultAltered

  // MARK: frames

  /// The checksum fails.
  case corrupt
  /// The payload is incomplete in the capture. `first` bytes missing.
  case unverified
  /// Framing was found again here. `first` bytes skipped.
  case resynchronised
  /// An unknown type.
  case unknownType
  /// LAST on a control frame, or another breach of the frame rules. `detail` what.
  case malformed

  // MARK: messages

  /// The last fragment seen. `first` message, `second` fragments.
  case messageComplete
  /// Its bytes are no legal message. `detail` why.
  case messageInvalid
  /// The type changed in the middle of a message. `first` message.
  case messageTypeChanged
  /// A message after FIN. Cause: the FIN.
  case messageAfterFin

  // MARK: chat

  /// `detail` the nickname.
  case chatJoined
  /// `detail` the nickname.
  case chatLeft
  /// `detail` the sentence, with the old and the new nickname.
  case chatRenamed
  /// `detail` the nickname.
  case nicknameAccepted
  /// `detail` the nickname.
  case nicknameWanted
  /// `detail` the reason.
  case chatRefused
  /// `detail` the sentence.
  case chatShutdown
  /// `detail` the sentence.
  case chatWelcome
  /// `first` how many, `detail` the names.
  case roster
  /// Asks who is here.
  case rosterWanted
  /// `detail` the sender.
  case broadcast

  // MARK: session

  /// No more messages from this side. `detail` the reason.
  case goodbye
  /// The session is ended at once. `first` code, `detail` text.
  case sessionError
  /// Asks for a sign of life.
  case ping
  /// Answers. Cause: the PING.
  case pong
  /// Which side is the client was taken from ports. `detail` how.
  case directionAssumed
  /// How it ended. `detail` the sentence.
  case sessionEnded

  // MARK: TCP

  /// Two segments had different bytes for the same sequence numbers: the first were kept.
  case tcpOverlapDiffers

  // MARK: classic

  /// SYN of a classic session. `first` window, `second` fragment size, `detail` protocol.
  case classicAsks
  /// SYN-ACK. Cause: the SYN. As above.
  case classicAnswers
  /// HANDSHAKE_ACK. Cause: the SYN-ACK.
  case classicCompletes
  /// A fragment, sent stop-and-wait. `first` fragment, `second` message.
  case classicFragment
  /// Answers a fragment. Cause: it.
  case classicAcknowledges
  /// An acknowledgement that answers nothing outstanding. `first` sequence.
  case classicAcknowledgementStray
  /// Refuses a frame. Cause: it. `first` sequence.
  case classicNack
  /// Refuses a frame because of a fault. Cause: the frame. `first` sequence, `second` the effects.
  case classicNackFault
  /// The sixth refusal in a row: the server closes. `first` how many.
  case classicNackLimit
  /// Sent again. Causes: the copy, the NACK.
  case classicRetransmission
  /// Sent again after a fault kept the copy away. Cause: the copy. `second` the effects.
  case classicRetransmissionLost
  /// Sent again without a NACK: the server will append it twice. Cause: the copy.
  case classicRepeated
  /// A new fragment before the last was answered. Cause: the last.
  case classicPipelined
  /// A sequence that does not continue the message. `first` found, `second` expected.
  case classicSequence
  /// A message without its end was abandoned. `first` message.
  case classicAbandoned
  /// A broadcast: nobody acknowledges it. `detail` the sender.
  case classicBroadcast
  /// `detail` the nickname.
  case classicNicknameWanted
  /// Cause: the SET_NICK. `detail` the nickname.
  case classicNicknameAccepted
  /// Asks who is here.
  case classicListWanted
  /// Cause: the LIST_REQUEST. `first` how many, `detail` the names.
  case classicList
  /// Says goodbye.
  case classicDisconnect
  /// Cause: the DISCONNECT.
  case classicDisconnectAcknowledged
  /// Configures the server's channel. `detail` how.
  case classicChannel
}
