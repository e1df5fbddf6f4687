/// The kinds of notes that have a field of their own, by their ids or the beginnings of ids.
///
/// This is the only place that knows ids of notes: the names are Wireshark's, the ids ours. A test
/// holds every id against `NoteID`.
enum NoteClass: UInt8, Sendable, Hashable, CaseIterable {
  case retransmission, spuriousRetransmission, duplicateAck, outOfOrder, lostFrame, windowFull
  case windowUpdate
  case ackFor, nackFor

  /// The ids, or beginnings of ids, that it stands for.
  ///
  /// `nackFor` leaves out the NACKs that are not about a frame: what is missing has no number.
  var prefixes: [String] {
    switch self {
    case .retransmission: ["arq.retransmission", "classic.retransmission", "classic.repeated"]
    case .spuriousRetransmission: ["arq.retransmission.spurious"]
    case .duplicateAck: ["arq.ack.duplicate"]
    case .outOfOrder: ["arq.out_of_order"]
    case .lostFrame: ["arq.skipped"]
    case .windowFull: ["arq.window.full"]
    case .windowUpdate: ["arq.window.update", "arq.window.zero"]
    case .ackFor: ["arq.ack.for", "arq.ack.selective", "classic.ack.for"]
    case .nackFor: ["arq.nack.checksum", "arq.nack.lost", "arq.nack.fault", "classic.nack"]
    }
  }

  /// True if the id is one of the prefixes or goes on from it with a dot.
  func includes(id: String) -> Bool {
    prefixes.contains { prefix in
      id.utf8.count == prefix.utf8.count ? id == prefix : id.hasPrefix(prefix + ".")
    }
  }

  /// True if a note is one of these.
  func includes(_ note: NoteID) -> Bool {
    Self.classes[Int(note.rawValue)] & 1 << UInt16(rawValue) != 0
  }

  /// True if a note of the event is one of these.
  func isPresent(in event: TraceEvent) -> Bool {
    for index in event.notes.indices where includes(event.notes[index].id) { return true }
    return false
  }

  /// One bit per class for each id, so that no text is compared per frame.
  private static let classes: [UInt16] = {
    var classes = [UInt16](repeating: 0, count: 256)
    for note in NoteID.allCases {
      for noteClass in allCases where noteClass.includes(id: note.name) {
        classes[Int(note.rawValue)] |= 1 << UInt16(noteClass.rawValue)
      }
    }
    return classes
  }()
}
