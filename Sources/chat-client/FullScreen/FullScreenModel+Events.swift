internal import ChatLens
internal import ChatTrace
internal import ChatWire

extension FullScreenModel {
  /// The connection says something.
  mutating func take(_ event: ClientEvent) -> [FullScreenEffect] {
    switch event {
    case .roster(let lines):
      people.replace(with: lines)
      let isSilent = silentRosters.isEmpty ? false : silentRosters.removeFirst()
      if isSilent {
        chat.nicknames.replace(with: lines.map(\.nickname))
        return []
      }
    case .established:
      hasHadSession = true
      silentRosters = []
      isRosterWanted = true
      rosterMoment = now.instant
    case .notice(let notice):
      people.take(notice, ownNickname: chat.nickname)
      switch notice {
      case .joined, .renamed, .nicknameAccepted: isRosterWanted = true
      case .left, .refused, .shuttingDown, .welcome, .other: break
      }
    case .disconnected:
      people.clear()
      silentRosters = []
    case .connecting, .message, .delivered, .undeliverable, .explanation, .information, .ended:
      break
    }
    let effects = carryOut(chat.take(event, at: now.milliseconds))
    if case .established(let info) = event {
      choices = SessionChoices(host: choices.host, port: choices.port, chat.wishes)
      if choices.nickname == nil, !info.nickname.isEmpty { choices.nickname = info.nickname }
      return effects + beginLessonIfWanted()
    }
    return effects
  }

  /// Asks who is here without saying so, at most once a second.
  mutating func askWhoIsHere() -> [FullScreenEffect] {
    guard isRosterWanted, chat.session != nil, !chat.isLeaving, now.instant >= rosterMoment,
      !silentRosters.contains(true)
    else { return [] }
    isRosterWanted = false
    rosterMoment = now.instant.advanced(by: .seconds(1))
    silentRosters.append(true)
    return [.perform(.who)]
  }

  /// Frames go over the wire.
  mutating func take(_ moments: [LensMoment], skippedCount: Int) -> [FullScreenEffect] {
    var isShotFired = false
    for moment in moments {
      if origin == nil { origin = moment.event.time }
      // Another connection is another story.
      if moment.event.kind == .tcp, moment.event.tcpEvent == .open { origin = moment.event.time }
      let count = lens.count
      lens.record(moment, at: now.instant)
      if lens.count > count { lesson?.record(moment.event, number: count) }
      // One that was to act once has acted: it is taken out of the rules.
      for note in moment.event.notes where Self.isAboutFault(note.id) {
        if let rule = note.detail, faults.shotFired(rule: rule) { isShotFired = true }
      }
    }
    lens.skip(skippedCount)
    followLesson()
    return isShotFired ? [.perform(.faults(rules))] : []
  }

  private static func isAboutFault(_ id: NoteID) -> Bool {
    switch id {
    case .faultDropped, .faultCorrupted, .faultDelayed, .faultDuplicated, .faultReordered: true
    default: false
    }
  }

  /// A conversation was written to a file, or not.
  mutating func saved(path: String, error: String?) -> [FullScreenEffect] {
    carryOut(
      chat.saved(
        path: path, lines: chat.transcriptLineCount, error: error, at: now.milliseconds))
  }
}
