/// The kinds of notes that have a field of their own, by the beginning of their ids.
///
/// This is the only place that knows ids of notes: the names are Wireshark's, the ids ours.
enum NoteClass: UInt8, Sendable, Hashable, CaseIterable {
  case retransmission, spuriousRetransmission, duplicateAck, outOfOrder, lostFrame, windowFull
  case windowUpdate
  case ackFor, nackFor

  /// The id, or the beginning of the ids, that it stands for.
  var prefix: String {
    switch self {
    case .retransmission: "arq.retransmission"
    case .spuriousRetransmission: "arq.retransmission.spurious"
    case .duplicateAck: "arq.ack.duplicate"
    case .outOfOrder: "arq.out_of_order"
    case .lostFrame: "arq.skipped"
    case .windowFull: "arq.window.full"
    case .windowUpdate: "arq.window.update"
    case .ackFor: "arq.ack.for"
    case .nackFor: "arq.nack.for"
    }
  }

  /// True if the id is the prefix or goes on from it with a dot.
  func includes(id: String) -> Bool {
    id.utf8.count == prefix.utf8.count ? id == prefix : id.hasPrefix(prefix + ".")
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
