// The other keys of the NDJSON form, and the fields made from them.

extension Fields {
  static let optionFields: [FieldDescription] =
    [
      FieldDescription(
        "options", .group(.options), .options, "All of them, one text NAME=VALUE per option.")
    ]
    + [
      ("version", "Native: the version of the protocol."),
      ("mode", "Native: 1 Go-Back-N, 2 Selective Repeat."),
      ("window", "Native: the window, in frames."),
      ("fragment", "Native: the fragment size, in bytes."),
      ("max_message", "Native: the largest message that the server accepts, in bytes."),
      ("acknowledges", "Native: the client's initial sequence number."),
      ("session", "Native: the session, 8 bytes."),
      ("nickname", "Native: the nickname wanted or given."),
      ("name", "Native: the software or the server by name."),
      ("protocol", "Classic: the mode asked for, gbn or sr."),
      ("max_fragment_size", "Classic: characters in a fragment."),
      ("window_size", "Classic: the window, in frames."),
      ("status", "Classic: ok, or why not."),
      ("session_id", "Classic: the session."),
      ("message", "Classic: a sentence for people."),
      ("type", "Classic: the kind of configuration."),
      ("loss_prob", "Classic: how likely the server drops a frame."),
      ("corruption_prob", "Classic: how likely it damages one."),
      ("delay_prob", "Classic: how likely it delays one."),
      ("delay_time", "Classic: for how many seconds."),
    ].map { name, meaning in
      FieldDescription("options." + name, .option(name), .options, meaning)
    }

  static let otherFields: [FieldDescription] = [
    FieldDescription("event", .tcpEvent, .tcp, "What happened to the connection"),
    FieldDescription("client", .text(.client), .tcp, "The client, address:port."),
    FieldDescription("server", .text(.server), .tcp, "The server, address:port."),
    FieldDescription(
      "rule", .text(.rule), .fault, "The rule that acted.", aliases: ["fault.rule"]),
    FieldDescription("action", .text(.action), .fault, "What it did."),
    FieldDescription("state", .state, .session, "The state that the session has entered"),
    FieldDescription("mode", .mode, .session, "How lost frames are repaired"),
    FieldDescription(
      "window", .window, .session,
      "The window in force, in frames; on an ACK or NACK the advertised window."),
    FieldDescription("end", .end, .session, "How the session ended"),
  ]

  static let summaryFields: [FieldDescription] =
    [
      FieldDescription("packets", .summary(.unsigned), .summary, "Packets read."),
      FieldDescription(
        "other_streams", .summary(.unsigned), .summary, "TCP connections without chat."),
      FieldDescription("streams.stream", .summary(.unsigned), .summary, "A chat stream."),
      FieldDescription(
        "streams.verdict", .summary(.enumeration(.verdict)), .summary,
        "How much its capture supports"),
    ]
    + ["c2s", "s2c"].flatMap { direction in
      [
        ("bytes", "Bytes from this side: the sum of the four below."),
        ("frame_bytes", "In frames."),
        ("gap_bytes", "Never captured."),
        ("junk_bytes", "Captured, but part of no frame."),
        ("undecided_bytes", "Captured, too little to tell."),
      ].map { key, meaning in
        FieldDescription(
          "streams.\(direction).\(key)", .summary(.unsigned), .summary, meaning)
      }
    }

  static let derivedFields: [FieldDescription] = [
    FieldDescription("chat", .chat, .derived, "True on every frame.", isContract: false),
    FieldDescription(
      "ack", .ack, .derived, "next_expected of an ACK; alone: any ACK.", aliases: ["ACK"],
      isContract: false),
    FieldDescription(
      "checksum.status", .checksumStatus, .derived, "0 bad, 1 good, 2 unverified.",
      isContract: false),
    FieldDescription(
      "analysis.retransmission", .analysis(.retransmission), .derived,
      "True on a frame that was sent before.", isContract: false),
    FieldDescription(
      "analysis.spurious_retransmission", .analysis(.spuriousRetransmission), .derived,
      "True on one that had arrived all the same.", isContract: false),
    FieldDescription(
      "analysis.duplicate_ack", .analysis(.duplicateAck), .derived,
      "True on an acknowledgement that says nothing new.", isContract: false),
    FieldDescription(
      "analysis.out_of_order", .analysis(.outOfOrder), .derived,
      "True on a frame that others have overtaken.", isContract: false),
    FieldDescription(
      "analysis.lost_frame", .analysis(.lostFrame), .derived,
      "True where sequence numbers are missing before a frame.", isContract: false),
    FieldDescription(
      "analysis.window_full", .analysis(.windowFull), .derived,
      "True on the frame that fills the window.", isContract: false),
    FieldDescription(
      "analysis.window_update", .analysis(.windowUpdate), .derived,
      "True on an acknowledgement that only changes the window.", isContract: false),
    FieldDescription(
      "acked_in", .note(.causes(.ackFor)), .derived,
      "The frames that an acknowledgement is for.", isContract: false),
    FieldDescription(
      "nack_for", .note(.causes(.nackFor)), .derived,
      "The damaged or lost frames that a NACK asks for, where seen.",
      isContract: false),
  ]

  /// One for each type but ACK, which has a value.
  static let typeFields: [FieldDescription] = Enumeration.type.names.indices.compactMap { index in
    let name = Enumeration.type.names[index]
    guard let key = UInt8(exactly: index), key != FrameTypeKey.ack else { return nil }
    return FieldDescription(
      name.lowercased(), .isType(key), .types,
      key == FrameTypeKey.unknown ? "A frame of a type without a name." : "\(name) frames.",
      aliases: [name], isContract: false)
  }
}
