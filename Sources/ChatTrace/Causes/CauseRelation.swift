/// How a frame follows from an earlier one.
///
/// Most relations are what a note says of the frames that caused it; the others are found by
/// `CauseCollector`, and have a sentence of their own.
public enum CauseRelation: UInt8, Sendable, Hashable, CaseIterable {
  // MARK: from notes

  /// It repeats that frame, because of what became of it or of the answer to it.
  case copy
  /// It is sent again because that answer did not come through, or not in time.
  case lostAnswer
  /// That NACK asked for it.
  case request
  /// That frame began to send everything again.
  case pass
  /// It complains about that frame.
  case complaint
  /// It asks again for what that NACK asked for.
  case repetition
  /// It is that frame once more, doubled on the way.
  case doubled
  /// It answers that frame, as its note says.
  case answer
  /// That frame showed that another one was missing.
  case evidence

  // MARK: found by the collector

  /// It acknowledges that frame, or comes because of it.
  case arrival
  /// It answers that goodbye.
  case goodbye
  /// It answers that request: WHO, NICK.
  case reply
  /// It refuses what that frame completed.
  case refusal
  /// It passes on what that frame said.
  case broadcast
  /// That frame completed a handshake.
  case handshake
  /// That frame ended a session.
  case departure
  /// That frame was the last of a session that ended.
  case lastSign
  /// That frame asked for a nickname.
  case naming
  /// That frame broke a rule.
  case offence
  /// That frame probably broke a rule.
  case likelyOffence
  /// That frame was the last copy of what nobody acknowledged.
  case lastCopy
  /// Nothing came any more after that frame.
  case silence
  /// That frame was not answered.
  case unanswered
  /// That frame closed a window.
  case closedWindow
  /// That frame told what would come.
  case announcement
  /// That frame switched the server's channel simulation on.
  case channel
  /// That frame ended the session.
  case ending

  // MARK: said in passing

  /// It acknowledges that frame among others.
  case acknowledged
  /// Its note mentions that frame.
  case mention

  /// What follows from a relation.
  enum Strength: UInt8, Comparable {
    /// Neither shown nor followed.
    case mentioned
    /// Shown, but its own causes are another story.
    case shown
    /// Shown, and its causes are causes too.
    case followed

    static func < (weaker: Strength, stronger: Strength) -> Bool {
      weaker.rawValue < stronger.rawValue
    }
  }

  var strength: Strength {
    switch self {
    case .acknowledged, .mention: .mentioned
    case .evidence, .silence, .likelyOffence, .announcement, .lastSign: .shown
    default: .followed
    }
  }

  /// The name in NDJSON.
  public var name: String {
    switch self {
    case .copy: "copy"
    case .lostAnswer: "lost_answer"
    case .request: "request"
    case .pass: "pass"
    case .complaint: "complaint"
    case .repetition: "repetition"
    case .doubled: "doubled"
    case .answer: "answer"
    case .evidence: "evidence"
    case .arrival: "arrival"
    case .goodbye: "goodbye"
    case .reply: "reply"
    case .refusal: "refusal"
    case .broadcast: "broadcast"
    case .handshake: "handshake"
    case .departure: "departure"
    case .lastSign: "last_sign"
    case .naming: "naming"
    case .offence: "offence"
    case .likelyOffence: "likely_offence"
    case .lastCopy: "last_copy"
    case .silence: "silence"
    case .unanswered: "unanswered"
    case .closedWindow: "closed_window"
    case .announcement: "announcement"
    case .channel: "channel"
    case .ending: "ending"
    case .acknowledged: "acknowledged"
    case .mention: "mention"
    }
  }

  /// What it says of the later frame, without a full stop; nil where a note says it.
  func sentence(_ frame: UInt64) -> String? {
    switch self {
    case .copy, .lostAnswer, .request, .pass, .complaint, .repetition, .doubled, .answer,
      .evidence, .acknowledged, .mention, .ending:
      nil
    case .arrival: "comes because frame \(frame) arrived"
    case .goodbye: "answers the goodbye in frame \(frame)"
    case .reply: "answers what frame \(frame) asked for"
    case .refusal: "refuses what frame \(frame) brought"
    case .broadcast: "passes on what frame \(frame) said"
    case .handshake: "follows from frame \(frame), which completed a handshake"
    case .departure: "follows from frame \(frame), which ended a session"
    case .lastSign: "frame \(frame) was the last of that session"
    case .naming: "follows from frame \(frame), which asked for that nickname"
    case .offence: "complains about frame \(frame)"
    case .likelyOffence: "most likely because of frame \(frame), the last before it"
    case .lastCopy: "gives up: frame \(frame) was the last try to get it acknowledged"
    case .silence: "frame \(frame) was the last that had come from the other side"
    case .unanswered: "frame \(frame) had not been answered in time"
    case .closedWindow: "asks whether the window that frame \(frame) closed is open again"
    case .announcement: "frame \(frame) had announced it"
    case .channel: "the channel simulation of the server was switched on in frame \(frame)"
    }
  }
}

/// A frame that another one follows from.
public struct CauseLink: Sendable, Hashable {
  /// Its number.
  public var frame: UInt64 { UInt64(number) }
  /// How the later frame follows from it.
  public let relation: CauseRelation
  /// Captures of more than four thousand million frames are not explained to their end.
  let number: UInt32

  init(_ number: UInt32, _ relation: CauseRelation) {
    self.number = number
    self.relation = relation
  }
}
