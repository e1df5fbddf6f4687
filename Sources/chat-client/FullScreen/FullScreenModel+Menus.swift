internal import ChatLens
internal import ChatWire

// What comes of the menus: the screen before connecting, the settings, and the faults.

extension FullScreenModel {
  // MARK: before connecting

  /// The form before connecting has done something with a key.
  mutating func formDid(_ outcome: SessionForm.Outcome, _ key: Key?) -> [FullScreenEffect] {
    switch outcome {
    case .changed, .none: return []
    case .cancelled: return [.end(lastEnd ?? .done)]
    case .done(let choices): return connect(choices)
    case .unhandled: return []
    }
  }

  /// A text was pasted while a form is open.
  mutating func pasteIntoForm(_ text: String) -> [FullScreenEffect] {
    if var form {
      _ = form.paste(text)
      self.form = form
    } else if case .settings(var form) = overlay {
      _ = form.paste(text)
      overlay = .settings(form)
    }
    return []
  }

  // MARK: settings

  mutating func openSettings() {
    var current = SessionChoices(host: choices.host, port: choices.port, chat.wishes)
    current.nickname = chat.nickname ?? current.nickname
    overlay = .settings(SessionForm(current, purpose: .settings(current: current)))
  }

  /// The settings have done something with a key.
  mutating func settingsDid(_ outcome: SessionForm.Outcome, _ key: Key?) -> [FullScreenEffect] {
    switch outcome {
    case .changed, .none: return []
    case .cancelled:
      overlay = .none
      return []
    case .done(let new):
      overlay = .none
      return apply(new)
    case .unhandled:
      guard key == .function(1) || key == .character("?") else { return [] }
      overlay = .help(0)
      return []
    }
  }

  private mutating func apply(_ new: SessionChoices) -> [FullScreenEffect] {
    guard !chat.isLeaving else { return [] }
    if new.host != choices.host || new.port != choices.port {
      nextChoices = new
      let effects = answer("leaving for \(EscapedText.line(new.host)):\(new.port) ...")
      return effects + [.perform(.quit(reason: ""))]
    }
    let old = chat.wishes
    var wanted = ClientWishes(new)
    var effects: [FullScreenEffect] = []
    if let name = new.nickname, name != chat.nickname {
      chat.wishes.nickname = name
      effects.append(.perform(.nickname(name)))
    }
    wanted.nickname = old.nickname
    choices = new
    var before = old
    before.declaresFaults = false
    guard wanted != before else { return effects }
    wanted.nickname = new.nickname ?? old.nickname
    chat.wishes = wanted
    return answer("reconnecting with the new settings ...") + [.perform(.reconnect(wanted))]
  }

  // MARK: faults

  /// The menu of faults has done something with a key.
  mutating func faultsDid(_ outcome: FaultMenu.Outcome, _ key: Key?) -> [FullScreenEffect] {
    switch outcome {
    case .none: return []
    case .closed:
      overlay = .none
      return []
    case .unhandled:
      guard key == .function(1) || key == .character("?") else { return [] }
      overlay = .help(0)
      return []
    case .set(let list):
      return list.map { .perform(.faults($0)) }
    }
  }

  /// One key for it: no faults from now on.
  mutating func resetFaults() -> [FullScreenEffect] {
    guard !rules.isEmpty else { return answer("there are no faults") }
    rules = FaultRules()
    return answer("no faults from now on") + [.perform(.faults(rules))]
  }
}
