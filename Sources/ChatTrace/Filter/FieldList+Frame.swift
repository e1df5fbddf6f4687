// The keys of frames in the NDJSON form, with what they mean.

extension Fields {
  static let commonFields: [FieldDescription] = [
    FieldDescription("schema_version", .schemaVersion, .every, "The version of the form: 1."),
    FieldDescription("kind", .kind, .every, "The kind of record"),
    FieldDescription("time", .time, .every, "When: seconds since 1970 UTC, exact to nanoseconds."),
    FieldDescription(
      "stream", .stream, .every, "The TCP connection, from 0, in order of first packet."),
  ]

  static let frameFields: [FieldDescription] = [
    FieldDescription(
      "frame", .frame, .frame, "The number of the frame in the trace, from 1; also on faults."),
    FieldDescription(
      "leg", .leg, .frame, "Where it was seen: a capture has one wire, the proxy two sides"),
    FieldDescription(
      "direction", .direction, .frame, "From which side; also on gaps, junk and faults"),
    FieldDescription("dialect", .dialect, .frame, "The framing"),
    FieldDescription(
      "type", .type, .frame, "The type by name; compared with a number it is type_code"),
    FieldDescription(
      "type_code", .typeCode, .frame, "The type byte; also on junk that began as a frame."),
    FieldDescription(
      "sequence", .sequence, .frame, "The sequence field; also on junk that began as a frame.",
      aliases: ["seq"]),
    FieldDescription(
      "length", .length, .frame, "Bytes of payload by the header; bytes of a gap or of junk.",
      aliases: ["len"]),
    FieldDescription("flags", .flags, .frame, "The flags byte; classic: the last flag."),
    FieldDescription("last", .last, .frame, "Ends a message."),
    FieldDescription(
      "retransmission", .retransmission, .frame, "Marked as a retransmission by its sender."),
    FieldDescription("checksum", .checksum, .frame, "The verdict on the checksum"),
    FieldDescription(
      "offset", .offset, .frame,
      "Bytes before it in this direction of the TCP stream; also on gaps and junk."),
    FieldDescription(
      "payload_hex", .payload, .frame,
      "The captured bytes of the payload; absent if there are none.",
      aliases: ["payload"]),
    FieldDescription(
      "message", .message, .frame, "The message it belongs to, from 1 per direction.",
      aliases: ["msg", "msg.id"]),
    FieldDescription(
      "fragment", .fragment, .frame,
      "Which fragment of the message, from 1; on sessions the fragment size in force.",
      aliases: ["frag", "frag.index"]),
    FieldDescription(
      "fragments", .fragments, .frame, "How many fragments the message has, once known.",
      aliases: ["frag.count"]),
    FieldDescription(
      "attempt", .attempt, .frame, "Which copy of the frame in this trace, from 1."),
    FieldDescription(
      "text", .text(.text), .frame, "The chat text that the frame completes."),
    FieldDescription("disposition", .disposition, .frame, "What became of the frame"),
    FieldDescription("code", .code, .frame, "The code of a NOTICE or an ERROR."),
    FieldDescription(
      "reason", .text(.reason), .frame, "The text of a NOTICE or an ERROR, the reason of a FIN."),
    FieldDescription(
      "nickname", .text(.nickname), .frame,
      "The nickname in it: NICK, the sender of a broadcast, an option."),
  ]

  static let windowFields: [FieldDescription] = [
    FieldDescription(
      "next_expected", .nextExpected, .acknowledgement,
      "The lowest sequence number not yet received in order (ACK, NACK)."),
    FieldDescription(
      "advertised_window", .advertisedWindow, .acknowledgement,
      "Frames that the receiver is willing to hold (ACK, NACK)."),
    FieldDescription(
      "sender", .group(.sender), .acknowledgement,
      "The sender's window after the frame, one text per member."),
    FieldDescription(
      "sender.base", .senderBase, .acknowledgement, "The oldest unacknowledged sequence number."),
    FieldDescription(
      "sender.next", .senderNext, .acknowledgement, "The next sequence number to use."),
    FieldDescription(
      "sender.in_flight", .senderInFlight, .acknowledgement, "Frames between the two."),
    FieldDescription(
      "sender.window", .senderWindow, .acknowledgement,
      "How many may be: the smaller of the negotiated and the advertised window."),
    FieldDescription(
      "receiver", .group(.receiver), .acknowledgement,
      "The receiver's window after the frame, one text per member."),
    FieldDescription(
      "receiver.next_expected", .receiverNextExpected, .acknowledgement,
      "The lowest sequence number that it has not acknowledged in order."),
    FieldDescription(
      "receiver.window", .receiverWindow, .acknowledgement, "Frames it is willing to hold."),
    FieldDescription(
      "receiver.buffered", .receiverBuffered, .acknowledgement,
      "Frames that it has acknowledged beyond next_expected."),
  ]

  static let noteFields: [FieldDescription] = [
    FieldDescription("notes", .group(.notes), .notes, "The sentences of the notes."),
    FieldDescription("notes.id", .note(.id), .notes, "The stable name of a note."),
    FieldDescription(
      "notes.severity", .note(.severity), .notes, "How serious it is, in this order"),
    FieldDescription("notes.text", .note(.text), .notes, "The sentence."),
    FieldDescription("notes.because", .note(.because), .notes, "The frames that caused it."),
    FieldDescription(
      "notes.section", .note(.section), .notes, "The section of the protocol that is broken."),
  ]
}
