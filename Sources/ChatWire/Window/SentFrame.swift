/// A frame that was sent and is not acknowledged, as its sender remembers it.
package struct SentFrame: Sendable, Hashable {
  /// The bytes of the message that it is a part of.
  var bytes: [UInt8] = []
  /// Where its payload begins in them.
  var start: UInt32 = 0
  /// How many bytes its payload has.
  var count: UInt16 = 0
  /// The type.
  var type = FrameType.data
  /// Ends its message.
  var isLast = false
  /// Selective Repeat: acknowledged by its own sequence number.
  var isMarked = false
  /// Selective Repeat: waits to be sent again.
  var isQueued = false
  /// What it waits to be sent again for.
  var cause = Transmission.Cause.first

  /// How often it was sent; stops counting at 65,535.
  var transmissionCount: UInt16 = 0
  /// When it was sent last.
  var sentAt: Int64 = 0
  /// Selective Repeat: when its timer runs out.
  var deadline = Int64.max
  /// When a NACK that was not obeyed at once is obeyed.
  var nackDeadline = Int64.max
  /// How many transmissions of this side came before its last one.
  var transmissionNumber: UInt64 = 0

  /// How often its timer has made it go again.
  var timerRetryCount: UInt16 = 0
  /// Counts below are since `base` had this many moves.
  var baseMoves: UInt32 = 0
  /// How often it was sent again.
  var retransmissionCount: UInt16 = 0
  /// How often its timeout was doubled.
  var doublingCount: UInt16 = 0

  /// The neighbours in the list that it is in; see `FrameList`.
  var before = FrameList.none
  var after = FrameList.none

  /// Where its payload lies in `bytes`.
  var range: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}

/// The ends of a list through frames, which are known by their place in the ring.
///
/// A frame of a Selective Repeat sender is in at most one list: in flight, in order of its last
/// transmission, or waiting to be sent again.
struct FrameList: Sendable, Hashable {
  /// No frame.
  static let none: Int32 = -1

  var first = FrameList.none
  var last = FrameList.none
}
