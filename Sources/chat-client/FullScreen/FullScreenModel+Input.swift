internal import ChatLens
internal import ChatWire

// What keys and the mouse do. Those of a menu that is open come first, then keys that mean the same
// everywhere, then those of the line that is typed or of the lens, whichever has the focus.

extension FullScreenModel {
  /// Somebody does something.
  mutating func take(_ input: ScreenInput) -> [FullScreenEffect] {
    switch input {
    case .key(let key): return take(key)
    case .paste(let text):
      guard form == nil, case .none = overlay else { return pasteIntoForm(text) }
      focus = .input
      line.paste(text)
      return []
    case .mouse(let mouse): return take(mouse)
    case .focus(let isInFront):
      conversation.setAway(!isInFront)
      return []
    }
  }

  private mutating func take(_ key: Key) -> [FullScreenEffect] {
    if key == .control("l") { return [.repaint] }
    if var form {
      let outcome = form.handle(key)
      self.form = form
      return formDid(outcome, key)
    }
    switch overlay {
    case .none: break
    case .help(let first): return takeInHelp(key, first)
    case .status:
      overlay = .none
      return key == .escape || key == .function(4) || key == .character("q") ? [] : take(key)
    case .faults: return faultsDid(faults.handle(key), key)
    case .settings(var form):
      let outcome = form.handle(key)
      overlay = .settings(form)
      return settingsDid(outcome, key)
    }
    if let effects = takeAnywhere(key) { return effects }
    return focus == .lens ? takeInLens(key) : takeInLine(key)
  }

  // MARK: anywhere

  private mutating func takeAnywhere(_ key: Key) -> [FullScreenEffect]? {
    let area = layout.conversation
    let page = max(1, area.rows - 2)
    switch key {
    case .function(1): overlay = .help(0)
    case .function(2): overlay = .faults
    case .function(3): openSettings()
    case .function(4): overlay = .status
    case .function(5): lens.togglePause()
    case .function(6): lens.cycleSlowMotion(at: now.instant)
    case .function(7), .altLeft: step(by: -1)
    case .function(8), .altRight: step(by: 1)
    case .function(9): return resetFaults()
    case .function(10): cycleLensSize()
    case .function(12): turnLens()
    case .pageUp: conversation.scroll(rows: page, width: area.columns, height: area.rows)
    case .pageDown: conversation.scroll(rows: -page, width: area.columns, height: area.rows)
    case .altUp, .controlUp: people.scroll(by: -1, height: layout.people.rows)
    case .altDown, .controlDown: people.scroll(by: 1, height: layout.people.rows)
    default: return nil
    }
    return []
  }

  private mutating func cycleLensSize() {
    let all = FullScreenLayout.LensSize.allCases
    let index = all.firstIndex(of: lensSize) ?? 0
    lensSize = all[(index + 1) % all.count]
    if lensSize == .hidden { focus = .input }
  }

  private mutating func turnLens() {
    switch lensDirection {
    case nil: lensDirection = .clientToServer
    case .clientToServer: lensDirection = .serverToClient
    case .serverToClient: lensDirection = nil
    }
  }

  // MARK: the lens

  private mutating func takeInLens(_ key: Key) -> [FullScreenEffect] {
    switch key {
    case .character("p"), .character(" "): lens.togglePause()
    case .character("s"): lens.cycleSlowMotion(at: now.instant)
    case .character("["), .character("h"), .character("k"), .left, .up: step(by: -1)
    case .character("]"), .character("l"), .character("j"), .right, .down: step(by: 1)
    case .character("{"): step(by: -10)
    case .character("}"): step(by: 10)
    case .character("g"), .home: lens.stop(at: lens.oldest)
    case .character("G"), .end: lens.goLive()
    case .character("d"): turnLens()
    case .character("\\"): cycleLensSize()
    case .character("f"): overlay = .faults
    case .character("?"): overlay = .help(0)
    case .character("r"): return resetFaults()
    case .character("i"), .character("q"), .enter, .tab: focus = .input
    case .escape:
      if lesson != nil { return endLesson() }
      focus = .input
    default: break
    }
    return []
  }

  /// Goes on or back; with a demonstration, from one of its steps to the next.
  mutating func step(by count: Int) {
    guard let lesson = lesson?.lesson, abs(count) == 1 else { return lens.step(pausing: count) }
    let number = lens.shown - 1
    let next = count > 0 ? lesson.next(after: number) : lesson.previous(before: number)
    // Beyond its ends there is nothing that belongs to it.
    if let next { lens.stop(at: next) }
  }

  // MARK: the line

  private mutating func takeInLine(_ key: Key) -> [FullScreenEffect] {
    if line.isEmpty, !line.isSearching {
      let area = layout.conversation
      switch key {
      case .character("?"):
        overlay = .help(0)
        return []
      case .escape:
        if lesson != nil { return endLesson() }
        if !layout.lens.isEmpty { focus = .lens }
        return []
      case .home:
        conversation.scrollToTop(width: area.columns, height: area.rows)
        return []
      case .end:
        conversation.scrollToBottom()
        return []
      case .control("d"): return leave()
      default: break
      }
    }
    if key == .tab {
      complete()
      return []
    }
    switch line.handle(key) {
    case .entered(let text): return enter(text)
    case .changed:
      chat.isInterrupted = false
      return []
    case .moved, .unhandled: return []
    }
  }

  private mutating func complete() {
    let completion = Completion(
      of: line.beginning, nicknames: chat.nicknames, ownNickname: chat.nickname,
      isFullScreen: true)
    if let replacement = completion.replacement {
      line.complete(replacedCount: completion.replacedCount, replacement: replacement)
    } else if completion.candidates.count > 1 {
      let width = max(20, layout.conversation.columns)
      conversation.append(
        CandidateList.lines(completion.candidates, columns: width).map {
          ScreenLine(kind: .answer, text: $0)
        })
    }
  }

  private mutating func enter(_ text: String) -> [FullScreenEffect] {
    conversation.answer()
    var effects: [FullScreenEffect] = []
    if HistoryFile.isKept(text) {
      line.remember(text)
      effects.append(.remember(text))
    }
    if let done = obeyFullScreen(text) { return effects + done }
    return effects + carryOut(chat.enter(text, status: status, at: now.milliseconds))
  }

  private mutating func leave() -> [FullScreenEffect] {
    carryOut(chat.leave(reason: "", status, at: now.milliseconds))
  }

  /// Ctrl-C.
  mutating func interrupt() -> [FullScreenEffect] {
    if form != nil { return [.end(lastEnd ?? .done)] }
    guard case .none = overlay else {
      overlay = .none
      return []
    }
    if !line.isEmpty || line.isSearching {
      _ = line.take()
      return []
    }
    return carryOut(chat.interrupt(status: status, at: now.milliseconds))
  }

  /// Somebody wants it to end soon.
  mutating func endSoon() -> [FullScreenEffect] {
    form == nil ? leave() : [.end(lastEnd ?? .done)]
  }

  // MARK: the mouse

  private mutating func take(_ mouse: MouseInput) -> [FullScreenEffect] {
    let (row, column) = (mouse.row, mouse.column)
    let whole = Area(row: 0, column: 0, rows: rows, columns: columns)
    if var form {
      let outcome = form.handle(mouse, in: whole)
      self.form = form
      return formDid(outcome, nil)
    }
    switch overlay {
    case .none: break
    case .help(let first):
      if mouse.action == .press {
        overlay = .none
      } else {
        overlay = .help(max(0, first + (mouse.action == .wheelUp ? -3 : 3)))
      }
      return []
    case .status:
      if mouse.action == .press { overlay = .none }
      return []
    case .faults: return faultsDid(faults.handle(mouse, in: whole), nil)
    case .settings(var form):
      let outcome = form.handle(mouse, in: whole)
      overlay = .settings(form)
      return settingsDid(outcome, nil)
    }
    let layout = layout
    let area = layout.conversation
    let towardsOlder = mouse.action == .wheelUp
    if layout.people.contains(row: row, column: column) {
      if mouse.action == .press {
        guard let name = people.nickname(inRow: row - layout.people.row) else { return [] }
        line.complete(replacedCount: 0, replacement: name + (line.isEmpty ? ": " : " "))
        focus = .input
      } else {
        people.scroll(by: towardsOlder ? -1 : 1, height: layout.people.rows)
      }
    } else if layout.lens.contains(row: row, column: column) {
      if mouse.action == .press {
        focus = .lens
        if let number = listRows.records[row] { lens.stop(at: number) }
      } else {
        lens.step(pausing: towardsOlder ? -1 : 1)
      }
    } else if layout.status.contains(row: row, column: column) {
      if mouse.action == .press { overlay = .faults }
    } else if layout.title.contains(row: row, column: column) {
      if mouse.action == .press { overlay = .status }
    } else if mouse.action != .press {
      conversation.scroll(
        rows: towardsOlder ? 3 : -3, width: area.columns, height: area.rows)
    } else {
      focus = .input
    }
    return []
  }
}
